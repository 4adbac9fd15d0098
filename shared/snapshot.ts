/**
 * Snapshots: what a model looks like inside at chosen efforts (a posterior over x, length scales, an embedding), for
 * Replay. A learner names its panels once; each snapshot holds the arrays that those panels draw.
 */

/** Arrays of one run at one effort, by name. */
export interface Snapshot {
  effort: number;
  /**
   * `<panel>.<part>` → values, row-major. A part that does not change (a grid, the training points) comes with the
   * first snapshot only: a panel draws the newest array at or before the effort it shows.
   */
  arrays: Record<string, Float64Array>;
}

interface PanelBase {
  /** Unique in the run; the first half of its arrays' names. */
  name: string;
  title: string;
  /** One sentence on what is drawn, with its source where it follows a paper's figure. */
  description: string;
}

/**
 * A function of one variable with its uncertainty. Parts: `x` [m], `mean` [m], `lower` and `upper` [m] (both or
 * none), `trainX`, `trainY` [n], `testX`, `testY` [n'] (optional points).
 */
export interface FunctionPanel extends PanelBase {
  kind: 'function';
  xLabel: string;
  yLabel: string;
  /** What `lower` and `upper` are: "mean ± 2 standard deviations"; null when there is no band. */
  band: string | null;
}

/**
 * A surface over two parameters with the run's path on it. Parts: `x` [m], `y` [n] (grids), `z` [n, m], `position`
 * [2] (x, y at this effort).
 */
export interface LandscapePanel extends PanelBase {
  kind: 'landscape';
  xLabel: string;
  yLabel: string;
  zLabel: string;
  logX: boolean;
  logY: boolean;
}

/** One value per named item. Parts: `values` [n]; `reference` [n] (optional, e.g. the closed-form solution). */
export interface BarsPanel extends PanelBase {
  kind: 'bars';
  items: string[];
  yLabel: string;
  /** What `reference` is; null when there is none. */
  reference: string | null;
  log: boolean;
}

/** A matrix as a heat map. Parts: `z` [rows, columns]. */
export interface MatrixPanel extends PanelBase {
  kind: 'matrix';
  rows: number;
  columns: number;
  xLabel: string;
  yLabel: string;
  zLabel: string;
}

/**
 * Points in the plane, one per item, coloured by group. Parts: `x` [n], `y` [n]; `group` [n] (optional integers). With
 * `components`, points in a space of that many dimensions, of which the viewer chooses two: `components` [n, k] in the place of
 * x and y; the first two at first.
 */
export interface ScatterPanel extends PanelBase {
  kind: 'scatter';
  xLabel: string;
  yLabel: string;
  items: string[];
  /** What each dimension is; absent for points that lie in a plane. */
  components?: string[];
}

/**
 * The plane of two inputs, divided into the classes that the model answers there. Parts: `x` [m], `y` [n] (grids), `z` [n, m]
 * (indices of classes), `trainX`, `trainY`, `trainClass` [k] and `testX`, `testY`, `testClass` [k'] (examples with their labels).
 */
export interface RegionsPanel extends PanelBase {
  kind: 'regions';
  xLabel: string;
  yLabel: string;
  classes: string[];
}

export type Panel = FunctionPanel | LandscapePanel | BarsPanel | MatrixPanel | ScatterPanel | RegionsPanel;

/** Log-spaced snapshots per factor of ten in effort, where a study says nothing. */
export const DEFAULT_SNAPSHOTS_PER_DECADE = 12;

/**
 * Whether a recorded row gets a snapshot: at effort 0, at the end, and at the first recorded effort at or after each
 * of `perDecade` log-spaced efforts. A pure function of the two recorded efforts, so that a resumed run takes the same
 * ones.
 * @param previous the recorded effort before this one; −1 for none
 */
export function isSnapshotDue(
  previous: number,
  effort: number,
  maxEffort: number,
  perDecade: number,
): boolean {
  if (perDecade === 0) return false;
  if (effort === 0 || effort >= maxEffort) return true;
  return targetsUpTo(effort, perDecade) > targetsUpTo(previous, perDecade);
}

/** How many of the efforts 10^(j / perDecade), j = 0, 1, …, are at or below this one. */
function targetsUpTo(effort: number, perDecade: number): number {
  return effort < 1 ? 0 : Math.floor(Math.log10(effort) * perDecade + 1e-9) + 1;
}

/** The newest array of each name at or before `effort`; `snapshots` in order of effort. */
export function arraysAt(snapshots: readonly Snapshot[], effort: number): Record<string, Float64Array> {
  const arrays: Record<string, Float64Array> = {};
  for (const snapshot of snapshots) {
    if (snapshot.effort > effort) break;
    Object.assign(arrays, snapshot.arrays);
  }
  return arrays;
}

/** The arrays of one panel, by part: `mean`, not `posterior.mean`. */
export function partsOf(panel: Panel, arrays: Record<string, Float64Array>): Record<string, Float64Array> {
  const prefix = `${panel.name}.`;
  return Object.fromEntries(
    Object.entries(arrays)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, values]) => [name.slice(prefix.length), values]),
  );
}
