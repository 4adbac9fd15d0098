/** From a directive in notes to what is drawn there, from a study's stored runs. */
import type { AxisKind } from '../axis.ts';
import { curveFigure } from '../charts/curves.ts';
import { delayFigure } from '../charts/delay-plot.ts';
import { capital } from '../charts/describe.ts';
import { allowsLogY, type Figure, type Scale } from '../charts/figure.ts';
import { groupEntries, quantitiesOf, type ArmGroup, type Entry } from '../charts/groups.ts';
import { zeroNote } from '../charts/look.ts';
import { nameInPanel, panelsOf, usualPanels, withSharedAxes } from '../charts/panels.ts';
import { gridArms, gridQuantities, sliceOf, sweepGrid } from '../charts/sweep-grid.ts';
import { sweepAxes, sweepFigure } from '../charts/sweep-figure.ts';
import { sweepQuantities } from '../charts/sweep-quantities.ts';
import { defaultView, parseView, type ComparisonView } from '../charts/view.ts';
import type { ClaimVerdict } from '../claims.ts';
import { parseMarkdown } from '../markdown.ts';
import { GROKKING_DELAY } from '../phase.ts';
import type { StudyRecord } from '../run.ts';
import { axisName } from '../sweep.ts';
import { parseDirective, type DirectiveFault, type FigureDirective } from './directive.ts';
import type { SavedView } from './findings.ts';
import { claimsTable, delaysTable, type WordTable } from './tables.ts';

/** What a figure may be drawn from. */
export interface FigureSource {
  study: StudyRecord;
  /** The runs, with the overviews of their curves of one quantity. */
  entriesOf: (quantity: string) => readonly Entry[];
  /** What the claims came to, from the whole curves. */
  verdicts: () => readonly ClaimVerdict[];
  views: readonly SavedView[];
}

export type FindingsFigure =
  | { kind: 'picture'; figure: Figure; xScale: Scale; yScale: Scale }
  | { kind: 'table'; table: WordTable }
  | ({ kind: 'fault' } & DirectiveFault);

/** Stands for no quantity: events and delays are in every overview. */
export const ANY = '';

/** The quantities whose curves the figures of these notes draw, of those that the runs record. */
export function quantitiesDrawn(
  notes: string,
  views: readonly SavedView[],
  recorded: readonly string[],
): string[] {
  const first = recorded.slice(0, 1);
  const asked = parseMarkdown(notes).flatMap((block) => {
    const directive = block.kind === 'figure' ? parseDirective(block.directive) : null;
    if (directive === null || 'fault' in directive) return [];
    if (directive.kind === 'curves') return directive.quantity ?? first;
    if (directive.kind !== 'view') return [];
    const view = views.find(({ name }) => name === directive.name);
    return view === undefined ? [] : parseView(view.query).quantities;
  });
  return [...new Set([...first, ...asked])].filter((quantity) => recorded.includes(quantity));
}

/** One directive gives one figure; a saved view may have one for each of its metrics and panels. */
export function drawDirective(text: string, source: FigureSource): FindingsFigure[] {
  const directive = parseDirective(text);
  if ('fault' in directive) return [{ kind: 'fault', fault: directive.fault }];
  const found = draw(directive, source);
  return Array.isArray(found) ? found : [{ kind: 'fault', ...found }];
}

function draw(directive: FigureDirective, source: FigureSource): FindingsFigure[] | DirectiveFault {
  if (directive.kind === 'claims') return drawClaims(directive.ids, source);
  if (directive.kind === 'view') return drawView(directive.name, source);
  const chosen = groupsOf(source, directive.kind === 'map' ? armList(directive.arm) : directive.arms);
  if ('fault' in chosen) return chosen;
  const { groups } = chosen;
  const name = source.study.study.title;
  switch (directive.kind) {
    case 'curves': {
      const known = quantitiesOf(groups);
      const quantity = directive.quantity ?? known[0];
      if (quantity === undefined || !known.includes(quantity)) {
        return {
          fault: `quantity=${quantity ?? ''} is not recorded; there are ${known.join(', ') || 'none yet'}.`,
        };
      }
      const drawn = groupsOf(source, directive.arms, quantity);
      if ('fault' in drawn) return drawn;
      return [picture(curves(drawn.groups, quantity, directive.axis, name, {}), quantity)];
    }
    case 'bars':
      return [
        { kind: 'picture', figure: delayFigure(groups, directive.axis), xScale: 'log', yScale: 'linear' },
      ];
    case 'delays':
      return [{ kind: 'table', table: delaysTable(groups) }];
    case 'sweep':
      return drawSweep(groups, directive, name);
    case 'map':
      return drawMap(groups, directive);
  }
}

const armList = (arm: string | null): string[] => (arm === null ? [] : [arm]);

function groupsOf(
  { study, entriesOf }: FigureSource,
  arms: readonly string[],
  quantity = ANY,
): { groups: ArmGroup[] } | DirectiveFault {
  const known = study.study.arms.map(({ id }) => id);
  const stranger = arms.find((id) => !known.includes(id));
  if (stranger !== undefined)
    return { fault: `"${stranger}" is no arm of this study; there are ${known.join(', ')}.` };
  const groups = groupEntries(
    entriesOf(quantity).filter(({ run }) => arms.length === 0 || arms.includes(run.armId)),
    [study],
  );
  return groups.length === 0 ? { fault: 'There are no runs to draw yet.' } : { groups };
}

function curves(
  groups: readonly ArmGroup[],
  quantity: string,
  axis: AxisKind,
  name: string,
  view: Partial<Pick<ComparisonView, 'estimator' | 'without'>> & { nameOf?: (group: ArmGroup) => string },
): Figure {
  const { estimator = defaultView.estimator, without = [], nameOf } = view;
  return curveFigure(groups, {
    title: `${capital(quantity)}: ${name}`,
    quantity,
    axis,
    estimator,
    members: !without.includes('members'),
    band: !without.includes('band'),
    train: !without.includes('train'),
    test: !without.includes('test'),
    events: !without.includes('events'),
    medianRules: false,
    toBudget: false,
    ...(nameOf === undefined ? {} : { nameOf }),
  });
}

function picture(
  figure: Figure,
  quantity: string,
  xScale: Scale | null = null,
  yScale: Scale | null = null,
): FindingsFigure {
  const wanted = yScale ?? (quantity === 'loss' ? 'log' : 'linear');
  return scaled(figure, xScale ?? 'log', allowsLogY(figure) ? wanted : 'linear');
}

/** With the words on where a log axis draws 0. */
function scaled(figure: Figure, xScale: Scale, yScale: Scale): FindingsFigure {
  const zero = zeroNote(figure, xScale);
  const notes = zero === null ? figure.notes : [...figure.notes, zero];
  return { kind: 'picture', figure: { ...figure, notes }, xScale, yScale };
}

function drawSweep(
  groups: readonly ArmGroup[],
  { of, over }: Extract<FigureDirective, { kind: 'sweep' }>,
  name: string,
): FindingsFigure[] | DirectiveFault {
  const axes = sweepAxes(groups);
  const axis = over ?? axes[0];
  if (axis === undefined) return { fault: 'No arm here sweeps a number.' };
  if (!axes.includes(axis))
    return { fault: `over=${axis} is not swept; there are ${axes.join(', ') || 'none'}.` };
  const title = `${capital(sweepQuantities[of])} over ${axisName(axis)}: ${name}`;
  const figure = sweepFigure(groups, { title, axis, quantity: of, law: 'none' });
  return [scaled(figure, isWide(groups, axis) ? 'log' : 'linear', 'linear')];
}

/** Values over orders of magnitude ask for a log axis. */
function isWide(groups: readonly ArmGroup[], axis: string): boolean {
  const values = groups.flatMap(({ point }) => (typeof point[axis] === 'number' ? [point[axis]] : []));
  const low = Math.min(...values);
  return low > 0 && Math.max(...values) >= 50 * low;
}

function drawMap(
  groups: readonly ArmGroup[],
  { of, x: askedX, y: askedY }: Extract<FigureDirective, { kind: 'map' }>,
): FindingsFigure[] | DirectiveFault {
  const [arm] = gridArms(groups);
  if (arm === undefined) return { fault: 'No arm here sweeps two settings, which a phase diagram needs.' };
  const paths = arm.axes.map(({ path }) => path);
  const stranger = [askedX, askedY].find((path) => path !== null && !paths.includes(path));
  if (stranger !== undefined) return { fault: `"${stranger}" is not swept; there are ${paths.join(', ')}.` };
  const x = askedX ?? paths.find((path) => path !== askedY) ?? '';
  const y = askedY ?? paths.find((path) => path !== x) ?? '';
  if (x === y) return { fault: 'x and y are one setting; a phase diagram needs two.' };
  const figure = sweepGrid(arm, {
    title: `${capital(gridQuantities[of])} of ${arm.title} over ${axisName(x, paths)} and ${axisName(y, paths)}`,
    x,
    y,
    quantity: of,
    at: sliceOf(arm, x, y, {}),
    grokkingDelay: GROKKING_DELAY,
    contours: false,
  });
  return [{ kind: 'picture', figure, xScale: 'linear', yScale: 'linear' }];
}

function drawClaims(ids: readonly string[], source: FigureSource): FindingsFigure[] | DirectiveFault {
  const { study } = source.study;
  const known = study.claims.map(({ id }) => id);
  const stranger = ids.find((id) => !known.includes(id));
  if (stranger !== undefined) {
    return { fault: `"${stranger}" is no claim of this study; there are ${known.join(', ') || 'none'}.` };
  }
  if (known.length === 0) return { fault: 'This study makes no checkable claim.' };
  const table = claimsTable(
    source.verdicts().filter(({ claim }) => ids.length === 0 || ids.includes(claim.id)),
  );
  return [{ kind: 'table', table }];
}

/** The charts of a saved comparison, as far as it is about this study. */
function drawView(name: string, source: FigureSource): FindingsFigure[] | DirectiveFault {
  const saved = source.views.find((view) => view.name === name);
  if (saved === undefined) {
    const names = source.views.map((view) => `"${view.name}"`).join(', ');
    return { fault: `There is no saved comparison "${name}" with this study; there are ${names || 'none'}.` };
  }
  const view = parseView(saved.query);
  const groupsFor = (quantity: string): ArmGroup[] =>
    groupEntries(pickedEntries(view, source, quantity), [source.study]).filter(
      ({ key }) => !view.hidden.includes(key),
    );
  const groups = groupsFor(ANY);
  if (groups.length === 0) return { fault: `The comparison "${name}" has no runs of this study.` };
  const known = quantitiesOf(groups);
  const asked = view.quantities.filter((quantity) => known.includes(quantity));
  return (asked.length === 0 ? known.slice(0, 1) : asked).flatMap((quantity) => {
    const by = view.panels ?? usualPanels(groups);
    const panels = panelsOf(groupsFor(quantity), by).map(({ title, groups: own }) =>
      curves(own, quantity, view.axis, title === null ? name : `${name}, ${title}`, {
        estimator: view.estimator,
        without: view.without,
        nameOf: (group) => nameInPanel(group, by),
      }),
    );
    const shared = view.sharedAxes && panels.length > 1 ? withSharedAxes(panels) : panels;
    return shared.map((figure) => picture(figure, quantity, view.xScale, view.yScale));
  });
}

function pickedEntries(
  { picks }: ComparisonView,
  { study, entriesOf }: FigureSource,
  quantity: string,
): Entry[] {
  const entries = entriesOf(quantity);
  if (picks.length === 0) return [...entries];
  return entries.filter(({ run }) =>
    picks.some(({ kind, id }) => {
      if (kind === 'study') return id === study.id;
      return kind === 'arm' ? id === `${run.studyId}/${run.armId}` : id === run.id;
    }),
  );
}
