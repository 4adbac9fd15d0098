/** Figures drawn with a pen: what is drawn is at its value, and what is pointed at is said. */
import { describe, expect, it } from 'vitest';
import { heatColor, heatStep, heatTable } from '../../../../renderer/charts/heat-colors.ts';
import { paintFigure, wordsAt, xPixel, yPixel } from '../../../../renderer/charts/paint.ts';
import { SvgPen } from '../../../../renderer/charts/pen.ts';
import { PanelFilm } from '../../../../renderer/charts/snapshot-figure.ts';
import { printTheme } from '../../../../renderer/charts/theme.ts';
import { figureTraces } from '../../../../renderer/charts/traces.ts';
import type { RunRecord } from '../../../../shared/run.ts';
import type { Panel } from '../../../../shared/snapshot.ts';

const run = { arm: { title: 'arm' }, seed: 0, effortUnit: 'step', family: 'neural' } as RunRecord;
const box = { x: 0, y: 0, width: 400, height: 300 };
const options = { theme: printTheme, xScale: 'linear', yScale: 'linear', cursor: null } as const;
const base = { title: 'T', description: 'D' };

function svgOf(panel: Panel, arrays: Record<string, number[]>[], index: number) {
  const snapshots = arrays.map((one, i) => ({
    effort: i,
    arrays: Object.fromEntries(
      Object.entries(one).map(([name, values]) => [name, Float64Array.from(values)]),
    ),
  }));
  const film = new PanelFilm(run, panel, snapshots);
  const figure = film.figureAt(index);
  const pen = new SvgPen();
  const place = paintFigure(pen, figure, box, options);
  return { figure, place, svg: pen.document(box, 'T') };
}

const matrix: Panel = {
  ...base,
  kind: 'matrix',
  name: 'w',
  rows: 2,
  columns: 3,
  xLabel: 'column',
  yLabel: 'row',
  zLabel: 'weight',
};

describe('a matrix', () => {
  const frames = [{ 'w.z': [1, 0, 0, 0, 0, -1] }, { 'w.z': [4, 0, 0, 0, 0, -2] }];

  it('has its first row on top, a cell per value, and one scale around 0 for the whole film', () => {
    const { figure, place, svg } = svgOf(matrix, frames, 0);
    expect(figure.heat?.scale).toEqual({ kind: 'diverging', range: [-4, 4] });
    const cells = svg.slice(svg.indexOf('crispEdges'), svg.indexOf('</g>', svg.indexOf('crispEdges')));
    const fills = [...cells.matchAll(/<rect .*?fill="(.*?)"/g)].map(([, fill]) => fill);
    expect(fills).toHaveLength(6);
    const heat = figure.heat as NonNullable<typeof figure.heat>;
    const table = heatTable(heat, printTheme);
    expect(fills).toEqual([...heat.z].map((value) => heatColor(table, heatStep(value, [-4, 4]))));
    // 0 has the colour of the paper, up to the 256 steps.
    expect(fills[1]).toMatch(/^#f[c-f]f[c-f]f[c-f]$/);
    expect(yPixel(place, 0)).toBeLessThan(yPixel(place, 1));
  });

  it('says the value that is pointed at', () => {
    const { figure, place } = svgOf(matrix, frames, 1);
    expect(wordsAt(figure, place, xPixel(place, 2), yPixel(place, 1))).toBe('2, 1: weight −2');
    expect(wordsAt(figure, place, place.x - 5, place.y)).toBeNull();
  });

  it('is drawn by Plotly with the same colours', () => {
    const { figure } = svgOf(matrix, frames, 1);
    const [trace] = figureTraces(figure, {
      xScale: 'linear',
      theme: printTheme,
      plot: { width: 600, height: 300 },
      legend: false,
    }) as never as [{ zmin: number; zmax: number; colorscale: [number, string][] }];
    expect(trace).toMatchObject({ zmin: -4, zmax: 4 });
    expect(trace.colorscale.map(([place]) => place)).toEqual([0, 0.5, 1]);
  });
});

describe('decision regions', () => {
  const panel: Panel = {
    ...base,
    kind: 'regions',
    name: 'r',
    xLabel: 'a',
    yLabel: 'b',
    classes: ['no', 'yes'],
  };
  const arrays = {
    'r.x': [0, 1, 2],
    'r.y': [0, 1],
    'r.z': [0, 0, 1, 0, 1, 1],
    'r.trainX': [0.5, 1.5],
    'r.trainY': [0.5, 0.5],
    'r.trainClass': [0, 1],
    'r.testX': [1],
    'r.testY': [1],
    'r.testClass': [1],
  };

  it('have a colour per class, filled training and open test examples at their places', () => {
    const { figure, place, svg } = svgOf(panel, [arrays, { 'r.z': [1, 1, 1, 1, 1, 1] }], 1);
    expect([...(figure.heat?.z ?? [])]).toEqual([1, 1, 1, 1, 1, 1]);
    const circles = [...svg.matchAll(/<circle cx="(.*?)" cy="(.*?)" r=".*?" (fill="none")?/g)];
    expect(circles).toHaveLength(3);
    expect(circles.filter(([, , , open]) => open !== undefined)).toHaveLength(1);
    expect(Number(circles[0]?.[1])).toBeCloseTo(xPixel(place, 0.5), 1);
    expect(svg).toContain('>yes</text>');
    expect(wordsAt(figure, place, xPixel(place, 1.5), yPixel(place, 0.5))).toMatch(
      /^train examples of class yes/,
    );
    expect(wordsAt(figure, place, xPixel(place, 0), yPixel(place, 0))).toBe('0, 0: class yes');
  });
});

describe('a film of one panel', () => {
  it('keeps one range for all snapshots, and the newest array of each name', () => {
    const panel: Panel = {
      ...base,
      kind: 'scatter',
      name: 's',
      xLabel: 'x',
      yLabel: 'y',
      items: ['p', 'q'],
    };
    const { figure, svg } = svgOf(panel, [{ 's.x': [0, 1], 's.y': [5, 6] }, { 's.x': [-7, 9] }], 0);
    expect(figure.xRange).toEqual([-7, 9]);
    expect(figure.yRange).toEqual([5, 6]);
    expect(svg).toContain('>p</text>');
    const later = svgOf(panel, [{ 's.x': [0, 1], 's.y': [5, 6] }, { 's.x': [-7, 9] }], 1).figure;
    expect([...(later.points?.[0]?.y ?? [])]).toEqual([5, 6]);
    expect([...(later.points?.[0]?.x ?? [])]).toEqual([-7, 9]);
  });

  it('escapes what titles say', () => {
    const pen = new SvgPen();
    pen.text(0, 0, '<b> & "c"', { size: 10, color: '#000' });
    expect(pen.document(box, 'a < b')).toContain('&lt;b&gt; &amp; &quot;c&quot;');
  });
});
