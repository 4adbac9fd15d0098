/** How a comparison is set up: all of it in the address, so that it can be bookmarked, sent, and saved under a name. */
import { bandEstimators, type BandEstimator } from '../aggregate.ts';
import { axisKinds, type AxisKind } from '../axis.ts';
import type { Law } from '../law.ts';
import type { Effect } from '../paired.ts';
import { GROKKING_DELAY } from '../phase.ts';
import { parseQuery, queryText, type QueryEntry } from '../query-text.ts';
import type { SweepPoint } from '../sweep.ts';
import type { Scale } from './figure.ts';
import { gridQuantities, type GridQuantity } from './sweep-grid.ts';
import { sweepQuantities, type SweepQuantity } from './sweep-quantities.ts';

/** What is compared: a whole study with the runs it will have, an arm, or a run. */
export type Pick =
  | { kind: 'study'; id: string }
  /** `studyId/armId` */
  | { kind: 'arm'; id: string }
  | { kind: 'run'; id: string };

/** What has a chart of its own; `sweep:PATH` parts by the value of a swept setting. */
export type PanelsBy = 'together' | 'arm' | 'family' | `sweep:${string}`;

/** What the lines of a chart are. */
export const shows = ['train', 'test', 'members', 'band', 'events'] as const;
export type Show = (typeof shows)[number];

export interface ComparisonView {
  picks: Pick[];
  /** Keys of groups that are not drawn. */
  hidden: string[];
  /** Empty: the first that is recorded. */
  quantities: string[];
  axis: AxisKind;
  /** Null: as many as the groups ask for (`usualPanels`). */
  panels: PanelsBy | null;
  /** Whether panels have one x range and one y range. */
  sharedAxes: boolean;
  estimator: BandEstimator;
  /** What is left out. */
  without: Show[];
  /** Null: as the quantity asks for. */
  xScale: Scale | null;
  yScale: Scale | null;
  everyPoint: boolean;
  /** The key of the group that others are compared with. */
  baseline: string | null;
  effect: Effect;
  /** What is compared with the baseline's. */
  effectOf: SweepQuantity;
  /** Null: the axis that a claim names, or the first. */
  sweepAxis: string | null;
  sweepQuantity: SweepQuantity;
  /** Null: as a claim of the study has it. */
  law: Law | 'none' | null;
  gridArm: string | null;
  gridX: string | null;
  gridY: string | null;
  gridQuantity: GridQuantity;
  /** Values of the settings on neither axis. */
  gridAt: SweepPoint;
  grokkingDelay: number;
  contours: boolean;
}

export const defaultView: ComparisonView = {
  picks: [],
  hidden: [],
  quantities: [],
  axis: 'effort',
  panels: null,
  sharedAxes: true,
  estimator: 'median-minmax',
  without: [],
  xScale: null,
  yScale: null,
  everyPoint: false,
  baseline: null,
  effect: 'ratio',
  effectOf: 'delay',
  sweepAxis: null,
  sweepQuantity: 'delay',
  law: null,
  gridArm: null,
  gridX: null,
  gridY: null,
  gridQuantity: 'delay',
  gridAt: {},
  grokkingDelay: GROKKING_DELAY,
  contours: true,
};

const pickKinds = ['study', 'arm', 'run'] as const;
const laws = ['none', 'exponential', 'power'] as const;
const scales = ['log', 'linear'] as const;
const effects = ['ratio', 'difference'] as const;

/** The view as the query of an address; what is as it is by default has no part in it. */
export function viewQuery(view: ComparisonView): string {
  const query: QueryEntry[] = [];
  const append = (name: string, value: string): void => {
    query.push([name, value]);
  };
  const add = (name: string, value: string | number | null, usual: string | number | null = null): void => {
    if (value !== usual && value !== null) append(name, String(value));
  };
  for (const { kind, id } of view.picks) append(kind, id);
  for (const quantity of view.quantities) append('quantity', quantity);
  add('x', view.axis, defaultView.axis);
  add('panels', view.panels);
  if (!view.sharedAxes) append('axes', 'own');
  add('band', view.estimator, defaultView.estimator);
  for (const show of view.without) append('without', show);
  add('xscale', view.xScale);
  add('yscale', view.yScale);
  if (view.everyPoint) append('points', 'every');
  add('baseline', view.baseline);
  add('effect', view.effect, defaultView.effect);
  add('of', view.effectOf, defaultView.effectOf);
  add('over', view.sweepAxis);
  add('overof', view.sweepQuantity, defaultView.sweepQuantity);
  add('law', view.law);
  add('map', view.gridArm);
  add('mapx', view.gridX);
  add('mapy', view.gridY);
  add('mapof', view.gridQuantity, defaultView.gridQuantity);
  for (const [path, value] of Object.entries(view.gridAt)) {
    append('mapat', `${typeof value === 'number' ? 'n' : 's'}:${path}=${value}`);
  }
  add('grokking', view.grokkingDelay, defaultView.grokkingDelay);
  if (!view.contours) append('contours', 'none');
  for (const key of view.hidden) append('hide', key);
  return queryText(query);
}

/** The view of an address. What it says that there is not is as by default: an address may be typed, or be of a later version. */
export function parseView(text: string): ComparisonView {
  const query = parseQuery(text);
  const getAll = (name: string): string[] => query.flatMap(([key, value]) => (key === name ? [value] : []));
  const get = (name: string): string | null => getAll(name)[0] ?? null;
  const oneOf = <T extends string, D>(name: string, known: readonly T[], usual: D): T | D =>
    known.find((one) => one === get(name)) ?? usual;
  const panels = get('panels') ?? '';
  const grokking = Number(get('grokking') ?? NaN);
  return {
    picks: [...query].flatMap(([name, id]): Pick[] => {
      const kind = pickKinds.find((one) => one === name);
      return kind === undefined || id === '' ? [] : [{ kind, id }];
    }),
    hidden: getAll('hide'),
    quantities: getAll('quantity'),
    axis: oneOf('x', axisKinds, defaultView.axis),
    panels: /^(?:together|arm|family|sweep:.+)$/.test(panels) ? (panels as PanelsBy) : null,
    sharedAxes: get('axes') !== 'own',
    estimator: oneOf('band', bandEstimators, defaultView.estimator),
    without: shows.filter((show) => getAll('without').includes(show)),
    xScale: oneOf('xscale', scales, null),
    yScale: oneOf('yscale', scales, null),
    everyPoint: get('points') === 'every',
    baseline: get('baseline'),
    effect: oneOf('effect', effects, defaultView.effect),
    effectOf: oneOf('of', keysOf(sweepQuantities), defaultView.effectOf),
    sweepAxis: get('over'),
    sweepQuantity: oneOf('overof', keysOf(sweepQuantities), defaultView.sweepQuantity),
    law: oneOf('law', laws, null),
    gridArm: get('map'),
    gridX: get('mapx'),
    gridY: get('mapy'),
    gridQuantity: oneOf('mapof', keysOf(gridQuantities), defaultView.gridQuantity),
    gridAt: Object.fromEntries(getAll('mapat').flatMap(parseSetting)),
    grokkingDelay: Number.isFinite(grokking) && grokking >= 0 ? grokking : defaultView.grokkingDelay,
    contours: get('contours') !== 'none',
  };
}

function keysOf<T extends string>(titles: Record<T, string>): T[] {
  return Object.keys(titles) as T[];
}

/** "n:trainer.weightDecay=5": a number or a text at a path. */
function parseSetting(text: string): [string, string | number][] {
  const parts = /^([ns]):([^=]+)=(.*)$/s.exec(text);
  if (parts === null) return [];
  const [, type, path = '', value = ''] = parts;
  return [[path, type === 'n' ? Number(value) : value]];
}
