/** A run as a film: what its panels are, and what they show at a row. */
import type { DelayResult } from '../../shared/delay.ts';
import { formatEffort } from '../../shared/format.ts';
import { valueAtRow } from '../../shared/points.ts';
import type { MetricColumn, RunCurve, RunRecord } from '../../shared/run.ts';
import type { Snapshot } from '../../shared/snapshot.ts';
import { runTitle } from '../../shared/sweep.ts';
import { allowsLogY, type Figure, type FigurePoints, type Scale } from '../../shared/charts/figure.ts';
import { columnStyle, replayPanels, type ReplayPanel } from '../charts/replay.ts';
import { PanelFilm, type Axes } from '../charts/snapshot-figure.ts';
import { formatValue } from '../../shared/charts/table.ts';

export interface FilmRun {
  run: RunRecord;
  curve: RunCurve;
  efforts: Float64Array;
  delay: DelayResult;
  columns: MetricColumn[];
  panels: ReplayPanel[];
  films: PanelFilm[];
}

export function filmRun(
  run: RunRecord,
  curve: RunCurve,
  delay: DelayResult,
  snapshots: readonly Snapshot[],
): FilmRun {
  return {
    run,
    curve,
    efforts: curve.columns['effort'] ?? new Float64Array(),
    delay,
    columns: run.columns.filter((column) => column.name in curve.columns),
    panels: curve.length === 0 ? [] : replayPanels(run, curve, delay),
    films: snapshots.length === 0 ? [] : (run.panels ?? []).map((one) => new PanelFilm(run, one, snapshots)),
  };
}

/** One panel of one run. */
export type Cell = { kind: 'curve'; panel: ReplayPanel } | { kind: 'snapshot'; film: PanelFilm };

/** Panels of the same kind, a cell per run; null where a run has none. */
export interface Slot {
  key: string;
  heading: string;
  cells: (Cell | null)[];
}

/** Where the delay is read off stands first, then the pictures, then the other measures. */
export function slotsOf(films: readonly FilmRun[]): Slot[] {
  const slots = new Map<string, Slot>();
  const add = (key: string, heading: string, run: number, cell: Cell): void => {
    const slot = slots.get(key) ?? { key, heading, cells: films.map(() => null) };
    slot.cells[run] = cell;
    slots.set(key, slot);
  };
  const addCurves = (main: boolean): void =>
    films.forEach(({ panels }, run) => {
      for (const panel of panels) {
        const isMain = panel.quantity === 'accuracy' || panel.quantity === 'loss';
        if (isMain === main) add(`curve ${panel.quantity}`, panel.heading, run, { kind: 'curve', panel });
      }
    });
  addCurves(true);
  films.forEach((one, run) => {
    for (const film of one.films)
      add(`snapshot ${film.panel.name}`, film.panel.title, run, { kind: 'snapshot', film });
  });
  addCurves(false);
  return [...slots.values()];
}

/** What the viewer chose for a panel; nulls as it starts. */
export interface Look {
  x: Scale | null;
  y: Scale | null;
  axes: Axes;
}
export const plainLook: Look = { x: null, y: null, axes: [0, 1] };

export interface CellScales {
  xStart: Scale;
  allowLogX: boolean;
  yStart: Scale;
}

/** Bars that lie in rows have their values along x, those that stand side by side along y. */
export function cellScales(cell: Cell, figure: Figure): CellScales {
  if (cell.kind === 'curve') {
    const isLog = ['loss', 'length scale'].includes(cell.panel.quantity);
    return { xStart: 'log', allowLogX: true, yStart: isLog ? 'log' : 'linear' };
  }
  const { panel } = cell.film;
  const logX = (panel.kind === 'landscape' && panel.logX) || (panel.kind === 'bars' && panel.log);
  const logY = (panel.kind === 'landscape' && panel.logY) || (panel.kind === 'bars' && panel.log);
  return {
    xStart: logX ? 'log' : 'linear',
    allowLogX: logX && (panel.kind !== 'bars' || figure.categories !== null),
    yStart: logY ? 'log' : 'linear',
  };
}

/** The scales as a chart on the page takes them. */
export function chosenScales(
  { xStart, allowLogX, yStart }: CellScales,
  figure: Figure,
  look: Look,
): { xScale: Scale; yScale: Scale } {
  return {
    xScale: allowLogX ? (look.x ?? xStart) : 'linear',
    yScale: allowsLogY(figure) ? (look.y ?? yStart) : 'linear',
  };
}

/** "Transformer, seed 0: optimizer step 1,200 of 9,000" */
export function placeWords({ run, efforts }: FilmRun, row: number): string {
  const last = efforts.at(-1) ?? 0;
  return `${runTitle(run)}, seed ${run.seed}: ${run.effortUnit} ${formatEffort(efforts[row] ?? 0)} of ${formatEffort(last)}`;
}

/** A column's name and its value at the row. */
export function valuesAt({ columns, curve }: FilmRun, row: number, most: number): [string, string][] {
  return columns
    .slice(0, most)
    .map((column) => [
      column.unit === '' ? column.label : `${column.label} (${column.unit})`,
      formatValue(valueAtRow(curve, column, row)),
    ]);
}

/** The parts of one measure (a weight per feature, a rank per layer) at the row, one under another. */
export function barsAt(
  { run, curve, efforts }: FilmRun,
  { columns, heading }: ReplayPanel,
  row: number,
): Figure {
  const values = columns.map((column) => valueAtRow(curve, column, row));
  const all = columns.flatMap((column) => [...(curve.columns[column.name] ?? [])].filter(Number.isFinite));
  const range: [number, number] = [
    all.reduce((low, value) => Math.min(low, value), 0),
    all.reduce((high, value) => Math.max(high, value), 0),
  ];
  const looks = columns.map((column) => columnStyle(run, columns, column));
  return {
    view: `bars ${heading}`,
    title: `${heading} at the cursor`,
    description: `${heading} at ${run.effortUnit} ${formatEffort(efforts[row] ?? 0)}.`,
    xLabel: columns[0]?.quantity ?? '',
    yLabel: '',
    xRange: range[0] < range[1] ? range : null,
    yRange: null,
    categories: columns.map(({ label }) => ({ label, header: false })),
    lines: [],
    marks: [],
    spans: values.map((value, y) => ({
      key: columns[y]?.name ?? '',
      color: looks[y]?.color ?? '',
      shade: 0,
      dash: 'solid' as const,
      x: [0, value] as [number, number],
      y,
    })),
    rules: [],
    points: columns.map((column, y): FigurePoints => ({
      key: column.name,
      label: column.label,
      origin: {
        arm: run.arm.title,
        seed: run.seed,
        column: column.name,
        statistic: 'run',
        xUnit: column.unit,
      },
      color: looks[y]?.color ?? '',
      shade: 0,
      open: false,
      x: Float64Array.of(values[y] ?? NaN),
      y: Float64Array.of(y),
      stem: null,
      names: null,
    })),
    legend: [],
    notes: [],
  };
}
