/** Panels of one run's replay: one per recorded quantity. */
import { decimateLog } from '../../shared/aggregate.ts';
import type { DelayResult } from '../../shared/delay.ts';
import { formatEffort, formatEvent } from '../../shared/format.ts';
import { filledRows } from '../../shared/points.ts';
import type { MetricColumn, RunCurve, RunRecord } from '../../shared/run.ts';
import { runTitle } from '../../shared/sweep.ts';
import { MAX_POINTS_PER_CURVE, rankInSplit } from '../../shared/charts/curves.ts';
import { capital } from '../../shared/charts/describe.ts';
import type { Figure, FigureLine, FigureRule, LineStyle } from '../../shared/charts/figure.ts';
import { familyColors, measureColor, measureSymbol } from '../../shared/charts/palette.ts';

/** Forty length scales are forty lines: a legend of all would push the chart away. */
const MOST_LEGEND_ENTRIES = 12;

export interface ReplayPanel {
  quantity: string;
  /** The panel's title where the run is known. */
  heading: string;
  columns: MetricColumn[];
  figure: Figure;
  /** Several parts of one measure (a weight per feature): shown as bars at the cursor, too. */
  bars: boolean;
}

/** Accuracy and loss first, then the run's measures in their order. */
export function replayPanels(run: RunRecord, curve: RunCurve, delay: DelayResult): ReplayPanel[] {
  const columns = run.columns.filter((column) => column.name in curve.columns);
  const found = [...new Set(columns.map((column) => column.quantity))];
  const first = ['accuracy', 'loss'].filter((quantity) => found.includes(quantity));
  const order = [...first, ...found.filter((quantity) => !first.includes(quantity))];
  return order.map((quantity) => {
    const own = columns.filter((column) => column.quantity === quantity);
    return {
      quantity,
      heading: capital(panelName(quantity, own)),
      columns: own,
      figure: panelFigure(run, curve, delay, quantity, own),
      bars: own.length > 1 && own.every((column) => column.split === own[0]?.split),
    };
  });
}

/** One column's own label, or the quantity that several columns share. */
function panelName(quantity: string, columns: readonly MetricColumn[]): string {
  return columns.length === 1 && columns[0]?.split === null ? columns[0].label : quantity;
}

function panelFigure(
  run: RunRecord,
  curve: RunCurve,
  delay: DelayResult,
  quantity: string,
  columns: readonly MetricColumn[],
): Figure {
  const efforts = curve.columns['effort'] as Float64Array;
  const arm = runTitle(run);
  let shown = 0;
  let of = 0;
  const lines = columns.map((column): FigureLine => {
    const rows = filledRows(curve, column);
    const filled = (all: Float64Array): Float64Array =>
      rows === null ? all : Float64Array.from(rows, (row) => all[row] as number);
    const [x, y] = [filled(efforts), filled(curve.columns[column.name] as Float64Array)];
    const { indices } = decimateLog(x, y, MAX_POINTS_PER_CURVE);
    shown += indices.length;
    of += y.length;
    return {
      key: column.name,
      label: column.label,
      origin: { arm, seed: run.seed, column: column.name, statistic: 'run', xUnit: run.effortUnit },
      style: columnStyle(run, columns, column),
      x: Float64Array.from(indices, (row) => x[row] as number),
      y: Float64Array.from(indices, (row) => y[row] as number),
      spread: null,
    };
  });
  const rule =
    shown === of ? 'every recorded point' : 'first, last, lowest and highest of log-spaced buckets';
  const units = new Set(columns.map((column) => column.unit));
  const unit = units.size === 1 ? [...units][0] : '';
  const name = panelName(quantity, columns);
  return {
    view: quantity,
    title: `${capital(name)}: ${arm}, seed ${run.seed}`,
    description:
      `${capital(name)} of ${arm}, seed ${run.seed}, against ${run.effortUnit}s. ` +
      `Fit step ${formatEvent(delay.fit)}, generalization step ${formatEvent(delay.generalization)}.`,
    xLabel: `${run.effortUnit}s`,
    yLabel: unit === '' || unit === undefined ? name : `${name} (${unit})`,
    xRange: null,
    yRange: quantity === 'accuracy' ? [0, 1] : null,
    categories: null,
    lines,
    marks: [],
    spans: [],
    rules: eventRules(run, delay),
    legend: lines
      .slice(0, MOST_LEGEND_ENTRIES)
      .map((line) => ({ key: line.key, label: line.label, style: line.style, band: false })),
    notes: [
      `Showing ${formatEffort(shown)} of ${formatEffort(of)} points: ${rule}.`,
      ...(lines.length > MOST_LEGEND_ENTRIES
        ? [`The legend names ${MOST_LEGEND_ENTRIES} of ${lines.length} lines; the table names all.`]
        : []),
    ],
  };
}

/**
 * The train and the test column of a quantity have the family's colour and a dash each; where a quantity has several
 * columns of one split (weights, parts of an objective), each has a colour and a symbol.
 */
export function columnStyle(
  run: RunRecord,
  columns: readonly MetricColumn[],
  column: MetricColumn,
): LineStyle {
  const rank = rankInSplit(columns, column);
  const parts = column.split === null || columns.some((one) => rankInSplit(columns, one) > 0);
  // The first look belongs to the splits where there are any.
  const splits = column.split === null && columns.some((one) => one.split !== null) ? 1 : 0;
  return {
    color: parts ? measureColor(rank + splits) : familyColors[run.family],
    shade: 0,
    dash: column.split === 'train' ? 'dash' : 'solid',
    width: 2,
    opacity: 1,
    symbol: parts ? measureSymbol(rank + splits) : null,
  };
}

function eventRules(run: RunRecord, { fit, generalization }: DelayResult): FigureRule[] {
  const color = familyColors[run.family];
  const rules: FigureRule[] = [];
  if (fit.kind === 'observed') {
    rules.push({ x: fit.effort, label: `fit ${formatEffort(fit.effort)}`, row: 0, color, shade: 0 });
  }
  if (generalization.kind === 'observed') {
    const label = `generalization ${formatEffort(generalization.effort)}`;
    rules.push({ x: generalization.effort, label, row: 1, color, shade: 0 });
  }
  return rules;
}
