/** One row per run: a bar from its fit to its generalization step on the chosen axis. */
import { axisValues, type AxisKind } from '../axis.ts';
import { formatDuration, formatEvent } from '../format.ts';
import { endedStatuses } from '../run.ts';
import { xLabel } from './curves.ts';
import { describeArm } from './describe.ts';
import { isDrawn, placeEvent } from './events.ts';
import type { Category, Figure, FigureMark, FigureSpan, MarkSymbol } from './figure.ts';
import type { ArmEntry, ArmGroup } from './groups.ts';
import { lookOf } from './variants.ts';

/**
 * A censored generalization step is an open arrow at the last recorded effort; a run that has not ended has a
 * dotted bar up to where it stands and no end.
 */
export function delayFigure(groups: readonly ArmGroup[], axis: AxisKind): Figure {
  const categories: Category[] = [];
  const marks: FigureMark[] = [];
  const spans: FigureSpan[] = [];
  const notes: string[] = [];
  for (const group of groups) {
    categories.push({ label: group.short, header: true });
    for (const entry of group.entries) {
      const y = categories.push({ label: `seed ${entry.run.seed}`, header: false }) - 1;
      const row = drawRun(group, entry, axis, y);
      marks.push(...row.marks);
      spans.push(...row.spans);
      if (row.note !== null) notes.push(row.note);
    }
  }
  return {
    view: `delays ${axis}`,
    title: 'Fit to generalization, run by run',
    description: [
      'From fit step to generalization step, one row per run.',
      ...groups.slice(0, 8).map(describeArm),
    ].join(' '),
    xLabel: xLabel(groups, axis),
    yLabel: '',
    xRange: null,
    yRange: null,
    categories,
    lines: [],
    marks,
    spans,
    rules: [],
    legend: [],
    notes,
  };
}

function drawRun(
  group: ArmGroup,
  entry: ArmEntry,
  axis: AxisKind,
  y: number,
): { marks: FigureMark[]; spans: FigureSpan[]; note: string | null } {
  const look = lookOf(group);
  const name = `${group.label}, seed ${entry.run.seed}`;
  if (entry.curve.length === 0) return { marks: [], spans: [], note: `${name}: no rows recorded yet.` };
  const { fit, generalization, delay } = entry.row.result;
  const fitPlace = placeEvent(entry, fit, axis);
  const endPlace = placeEvent(entry, generalization, axis);
  if (fitPlace === null || endPlace === null) {
    const values = axisValues(entry.run, entry.curve, axis, entry.row.result);
    const unknown = [fit, generalization].find((event) => event.kind === 'unknown');
    const why = unknown?.reason ?? ('unavailable' in values ? values.unavailable : '');
    return { marks: [], spans: [], note: `Not drawn: ${name}. ${why}` };
  }
  const mark = (
    word: string,
    symbol: MarkSymbol,
    place: { x: number; xUnit: string },
    said: string,
  ): FigureMark => ({
    key: `${entry.run.id} ${word}`,
    label: `${name}: ${word} ${said}`,
    origin: {
      arm: group.label,
      seed: entry.run.seed,
      column: word,
      statistic: symbol === 'censored' ? 'run, censored' : 'run',
      xUnit: place.xUnit,
    },
    ...look,
    symbol,
    x: place.x,
    y,
  });
  const marks: FigureMark[] = [];
  const spans: FigureSpan[] = [];
  const observed = generalization.kind === 'observed';
  if (fit.kind === 'observed') {
    const dash = observed || endedStatuses.includes(entry.run.status) ? 'solid' : 'dot';
    spans.push({ key: `${entry.run.id} delay`, ...look, dash, x: [fitPlace.x, endPlace.x], y });
    marks.push(mark('fit step', 'fit', fitPlace, formatEvent(fit)));
  } else if (isDrawn(entry, fit) && observed) {
    marks.push(mark('fit step', 'censored', fitPlace, formatEvent(fit)));
  }
  if (isDrawn(entry, generalization)) {
    const said = `${formatEvent(generalization)}, delay ${formatDuration(delay)}`;
    marks.push(mark('generalization step', observed ? 'generalization' : 'censored', endPlace, said));
  }
  return { marks, spans, note: null };
}
