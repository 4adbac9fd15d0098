/** What the figures of a snapshot panel share. */
import type { RunRecord } from '../../shared/run.ts';
import type { Panel } from '../../shared/snapshot.ts';
import type { Figure, Origin } from '../../shared/charts/figure.ts';

/** The arrays of one panel, by part. */
export type Parts = Record<string, Float64Array>;

export const none = new Float64Array();

export interface Scene {
  run: RunRecord;
  /** The panel's arrays at every snapshot. */
  frames: readonly Parts[];
  /** The snapshot that is drawn; −1 before the first. */
  index: number;
  parts: Parts;
  origin: (column: string, xUnit: string) => Origin;
  /** A value of the whole film, which is found once. */
  once: <T>(key: string, find: () => T) => T;
}

export function emptyFigure(panel: Panel, { run }: Scene, xLabel: string, yLabel: string): Figure {
  return {
    view: `snapshot ${panel.name}`,
    title: `${panel.title}: ${run.arm.title}, seed ${run.seed}`,
    description: panel.description,
    xLabel,
    yLabel,
    xRange: null,
    yRange: null,
    categories: null,
    lines: [],
    marks: [],
    spans: [],
    rules: [],
    legend: [],
    notes: [panel.description],
  };
}

/** The smallest and the largest finite value; null where they do not differ. */
export function extentOf(arrays: readonly (Float64Array | undefined)[]): [number, number] | null {
  let [low, high] = [Infinity, -Infinity];
  for (const values of arrays) {
    for (const value of values ?? none) {
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low < high ? [low, high] : null;
}
