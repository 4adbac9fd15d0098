/**
 * A study's curves as one SVG, drawn without a browser: a panel per arm and sweep point, effort on a log axis, train dashed
 * and test solid, a line per seed, the fit step (open triangle) and the generalization step (filled circle) marked.
 */
import { decimateLog } from '../../shared/aggregate.ts';
import { familyColors } from '../../shared/charts/palette.ts';
import { analyseDelay, thresholdColumns } from '../../shared/delay.ts';
import { groupKey, type RunWithCurve } from '../../shared/delay-table.ts';
import { armWords } from '../../shared/sweep.ts';

const WIDTH = 300;
const HEIGHT = 190;
const COLUMNS = 3;
const MAX_PANELS = 24;
const MAX_POINTS = 160;
const margin = { left: 44, right: 10, top: 30, bottom: 34 };
const inner = { width: WIDTH - margin.left - margin.right, height: HEIGHT - margin.top - margin.bottom };

export interface StudyFigure {
  svg: string;
  /** What is drawn, what was left out, and by which rule. */
  caption: string;
}

export function studyFigure(title: string, runs: readonly RunWithCurve[]): StudyFigure {
  const groups = new Map<string, RunWithCurve[]>();
  for (const one of runs.filter(({ curve }) => curve.length > 0)) {
    const key = groupKey(one.run);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const all = [...groups.values()];
  const shown = spread(all, MAX_PANELS);
  const columns = Math.max(1, Math.min(COLUMNS, shown.length));
  const rows = Math.max(1, Math.ceil(shown.length / columns));
  const counts = { drawn: 0, of: 0 };
  const panels = shown.map((group, i) => {
    const at = `translate(${(i % columns) * WIDTH} ${Math.floor(i / columns) * HEIGHT})`;
    return `<g transform="${at}">${panel(group, counts)}</g>`;
  });
  const left = all.length - shown.length;
  const caption = [
    'Train dashed, test solid, one line per seed, effort on a log axis (effort 0 at its left end);',
    'open triangle: fit step, filled circle: generalization step.',
    ...(counts.drawn < counts.of
      ? [
          `Showing ${number(counts.drawn)} of ${number(counts.of)} points: first, last, lowest and highest of log-spaced buckets.`,
        ]
      : []),
    ...(left > 0
      ? [`Showing ${shown.length} of ${all.length} sweep points, evenly spread in their order.`]
      : []),
  ].join(' ');
  const size = `width="${columns * WIDTH}" height="${rows * HEIGHT}" viewBox="0 0 ${columns * WIDTH} ${rows * HEIGHT}"`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="10" fill="#222" role="img">`,
    `<title>${escaped(title)}</title><desc>${escaped(caption)}</desc>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...panels,
    '</svg>\n',
  ].join('\n');
  return { svg, caption };
}

/** At most so many, evenly spread. */
function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)] as T);
}

/** Where effort and value lie in a panel. */
interface Scale {
  x: (effort: number) => number;
  y: (value: number) => number;
}

function panel(group: readonly RunWithCurve[], counts: { drawn: number; of: number }): string {
  const { run } = group[0] as RunWithCurve;
  const names = thresholdColumns(run.arm.thresholds);
  const isLoss = run.arm.thresholds.metric === 'loss';
  const values = group.flatMap(({ curve }) =>
    [names.train, names.test].flatMap((name) => [...(curve.columns[name] ?? [])].filter(Number.isFinite)),
  );
  const efforts = group.flatMap(({ curve }) => [...(curve.columns['effort'] ?? [])].filter((e) => e > 0));
  const [first, last] = [
    efforts.reduce((a, b) => Math.min(a, b), Infinity),
    efforts.reduce((a, b) => Math.max(a, b), 0),
  ];
  const positive = values.filter((value) => value > 0);
  const low = isLoss ? positive.reduce((a, b) => Math.min(a, b), Infinity) : 0;
  const high = isLoss ? positive.reduce((a, b) => Math.max(a, b), 0) : 1;
  const logs = { x: [Math.log10(first), Math.log10(last)], y: [Math.log10(low), Math.log10(high)] } as const;
  const share = (value: number, [from, to]: readonly [number, number]): number =>
    to > from ? (value - from) / (to - from) : 0.5;
  const scale: Scale = {
    x: (effort) =>
      margin.left + inner.width * (effort <= 0 ? 0 : 0.03 + 0.97 * share(Math.log10(effort), logs.x)),
    y: (value) =>
      margin.top +
      inner.height * (1 - (isLoss ? share(Math.log10(Math.max(value, low)), logs.y) : share(value, [0, 1]))),
  };
  const color = familyColors[run.family];
  const lines = group.flatMap(({ curve }) =>
    (['train', 'test'] as const).map((split) => {
      const [effort, own] = [curve.columns['effort'], curve.columns[names[split]]];
      if (effort === undefined || own === undefined) return '';
      const { indices, of } = decimateLog(effort, own, MAX_POINTS);
      counts.drawn += indices.length;
      counts.of += of;
      const path = pathOf(effort, own, indices, scale);
      const dash = split === 'train' ? ' stroke-dasharray="4 2"' : '';
      return `<path d="${path}" fill="none" stroke="${color}" stroke-opacity="0.6"${dash}/>`;
    }),
  );
  const marks = group.flatMap((one) => eventMarks(one, scale, color));
  const name = armWords(run.armId, run.point);
  return [
    `<text x="${margin.left}" y="14" font-weight="bold">${escaped(name.length > 46 ? `${name.slice(0, 45)}…` : name)}</text>`,
    `<text x="${margin.left}" y="25" fill="#555">${isLoss ? 'loss' : 'accuracy'}, ${group.length} ${group.length === 1 ? 'run' : 'runs'}</text>`,
    ...xTicks(logs.x, scale, run.effortUnit),
    ...(isLoss ? logTicks(logs.y) : [0, 0.5, 1]).map((value) => yTick(value, scale)),
    ...lines,
    ...marks,
  ].join('');
}

function pathOf(effort: Float64Array, values: Float64Array, indices: Int32Array, scale: Scale): string {
  let pen = 'M';
  let path = '';
  for (const row of indices) {
    const value = values[row] as number;
    if (!Number.isFinite(value)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${scale.x(effort[row] as number).toFixed(1)} ${scale.y(value).toFixed(1)}`;
    pen = 'L';
  }
  return path;
}

/** Where the run fitted and generalized, on its own curve. */
function eventMarks({ run, curve }: RunWithCurve, scale: Scale, color: string): string[] {
  const { fit, generalization } = analyseDelay(curve, run.arm.thresholds);
  const names = thresholdColumns(run.arm.thresholds);
  const at = (effort: number, name: string): [number, number] => {
    const row = curve.columns['effort']?.indexOf(effort) ?? -1;
    return [scale.x(effort), scale.y(curve.columns[name]?.[row] as number)];
  };
  const marks: string[] = [];
  if (fit.kind === 'observed') {
    const [x, y] = at(fit.effort, names.train);
    marks.push(`<path d="M${x.toFixed(1)} ${(y - 4).toFixed(1)}l4 7h-8z" fill="#fff" stroke="${color}"/>`);
  }
  if (generalization.kind === 'observed') {
    const [x, y] = at(generalization.effort, names.test);
    marks.push(`<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${color}" stroke="#fff"/>`);
  }
  return marks;
}

function xTicks([from, to]: readonly [number, number], scale: Scale, unit: string): string[] {
  const bottom = HEIGHT - margin.bottom;
  const ticks = Array.from({ length: Math.floor(to) - Math.ceil(from) + 1 }, (_, i) => Math.ceil(from) + i);
  return [
    `<line x1="${margin.left}" x2="${WIDTH - margin.right}" y1="${bottom}" y2="${bottom}" stroke="#999"/>`,
    ...ticks.map((power) => {
      const x = scale.x(10 ** power).toFixed(1);
      return `<line x1="${x}" x2="${x}" y1="${margin.top}" y2="${bottom}" stroke="#eee"/><text x="${x}" y="${bottom + 12}" text-anchor="middle">${number(10 ** power)}</text>`;
    }),
    `<text x="${margin.left + inner.width / 2}" y="${bottom + 26}" text-anchor="middle" fill="#555">${escaped(unit)}</text>`,
  ];
}

/** Powers of ten in the range, at most about five of them; its ends where there is none. */
function logTicks([from, to]: readonly [number, number]): number[] {
  const step = Math.max(1, Math.ceil((to - from) / 5));
  const powers: number[] = [];
  for (let power = Math.ceil(from); power <= to; power += step) powers.push(10 ** power);
  return powers.length > 0 ? powers : [10 ** from, 10 ** to].filter((one) => Number.isFinite(one));
}

function yTick(value: number, scale: Scale): string {
  const y = scale.y(value).toFixed(1);
  const text =
    value !== 0 && (value < 0.01 || value >= 10_000)
      ? value.toExponential(0)
      : String(Number(value.toPrecision(3)));
  return `<line x1="${margin.left}" x2="${WIDTH - margin.right}" y1="${y}" y2="${y}" stroke="#eee"/><text x="${margin.left - 4}" y="${Number(y) + 3}" text-anchor="end">${text}</text>`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
