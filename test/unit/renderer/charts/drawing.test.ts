import { describe, expect, it } from 'vitest';
import { curveFigure } from '../../../../shared/charts/curves.ts';
import { delayFigure } from '../../../../shared/charts/delay-plot.ts';
import { allowsLogY, xExtent, type Figure } from '../../../../shared/charts/figure.ts';
import { groupEntries } from '../../../../shared/charts/groups.ts';
import { figureLayout, wrap, xAxisRange, zeroNote } from '../../../../renderer/charts/layout.ts';
import { printTheme } from '../../../../renderer/charts/theme.ts';
import { plainText, traceId } from '../../../../renderer/charts/plotly-text.ts';
import { figureTraces } from '../../../../renderer/charts/traces.ts';
import { column, entry } from './fixtures.ts';

const efforts = [0, 1, 10, 100, 1000];
const groups = groupEntries([
  entry({ efforts, seed: 0, fitAt: 10, generalizeAt: 100, title: '<a href="https://x">Net</a> & co' }),
  entry({ efforts, seed: 1, fitAt: 10, title: '<a href="https://x">Net</a> & co' }),
]);
const figure: Figure = curveFigure(groups, {
  title: 'T',
  quantity: 'accuracy',
  axis: 'effort',
  estimator: 'median-minmax',
  members: true,
  band: true,
  train: false,
  test: true,
  events: true,
  medianRules: true,
  toBudget: true,
});
type Drawn = {
  x: number[];
  y: number[];
  uid: string;
  name?: string;
  fill?: string;
  showlegend: boolean;
  hovertemplate?: string;
  text?: string[];
  marker?: { symbol: string };
};
const seedLabels = figure.lines.flatMap(({ label, origin }) =>
  origin.seed === null ? [] : [plainText(label)],
);
const traces = (xScale: 'log' | 'linear', legend = false) =>
  figureTraces(figure, {
    xScale,
    theme: printTheme,
    plot: { width: 600, height: 300 },
    legend,
  }) as unknown as Drawn[];
const layout = {
  xScale: 'log',
  yScale: 'linear',
  theme: printTheme,
  width: 600,
  height: 300,
  zoom: 0,
} as const;

describe('traces', () => {
  it('draws 0 at half the smallest positive x on a log axis, and at 0 on a linear one', () => {
    const line = (xScale: 'log' | 'linear') =>
      traces(xScale).find((one) => one.name !== undefined && one.x.length === 5);
    expect([...(line('log')?.x ?? [])]).toEqual([0.5, 1, 10, 100, 1000]);
    expect([...(line('linear')?.x ?? [])]).toEqual(efforts);
    expect(zeroNote(figure, 'log')).toContain('drawn at 0.5');
    expect(zeroNote(figure, 'linear')).toBeNull();
  });

  it('draws the seeds of a column as one trace with gaps, each point named', () => {
    const seeds = traces('log').find((one) => one.uid.endsWith('others'));
    // Two runs of five rows and the gap between them.
    expect([...(seeds?.x ?? [])]).toEqual([0.5, 1, 10, 100, 1000, NaN, 0.5, 1, 10, 100, 1000]);
    expect(Number.isNaN(seeds?.y[5])).toBe(true);
    expect(new Set(seeds?.text)).toEqual(new Set([...seedLabels, '']));
  });

  it('draws the band as one closed shape between its edges', () => {
    const band = traces('linear').find((one) => one.fill === 'toself');
    expect(band?.x).toEqual([...efforts, ...efforts.toReversed()]);
    expect(band?.y).toEqual([0.5, 0.5, 0.5, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5]);
  });

  it('draws a censored step open', () => {
    const symbols = traces('log').flatMap((one) => (one.y.length === 1 ? [one.marker?.symbol] : []));
    expect(symbols).toEqual(['diamond', 'triangle-right-open']);
  });

  it('shows titles of imported studies as plain text', () => {
    const texts = traces('log')
      .map((one) => `${one.name ?? ''}${one.hovertemplate ?? ''}${(one.text ?? []).join('')}`)
      .join('');
    expect(texts).toContain('&lt;a href');
    expect(texts).not.toContain('<a ');
    expect(plainText('%{y}')).not.toContain('%{');
  });

  it('gives traces ids that are CSS identifiers, and different ones for different keys', () => {
    for (const { uid } of traces('log', true)) expect(uid).toMatch(/^[\w-]+$/);
    expect(traceId('a b')).not.toBe(traceId('a.b'));
    expect(traceId('a_20_b')).not.toBe(traceId('a b'));
    const ids = traces('log', true).map((one) => one.uid);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("adds Plotly's legend only to figures that leave the page", () => {
    expect(traces('log').some((one) => one.showlegend)).toBe(false);
    expect(traces('log', true).filter((one) => one.showlegend)).toHaveLength(3);
  });
});

describe('layout', () => {
  it('keeps the zoom until the view, a scale or the reset count changes', () => {
    const revision = (more: object) => figureLayout(figure, { ...layout, ...more }).uirevision;
    expect(revision({ width: 900 })).toBe(revision({}));
    expect(revision({ xScale: 'linear' })).not.toBe(revision({}));
    expect(revision({ zoom: 1 })).not.toBe(revision({}));
  });

  it('spans the budget in exponents on a log axis', () => {
    const [low, high] = xAxisRange(figure, 'log') ?? [0, 0];
    expect(low).toBeLessThan(Math.log10(0.5));
    expect(low).toBeGreaterThan(Math.log10(0.25));
    expect(high).toBeGreaterThan(3);
    expect(xAxisRange(figure, 'linear')).toEqual([-20, 1020]);
  });

  it('gives a single x a range of its own, and an empty figure none', () => {
    const one = { ...figure, xRange: null, lines: [], rules: [], marks: figure.marks.slice(0, 1) };
    expect(xAxisRange(one, 'log')).toEqual([1.5, 2.5]);
    expect(xAxisRange({ ...one, marks: [] }, 'log')).toBeNull();
    expect(xExtent({ ...one, marks: [] })).toBeNull();
  });

  it('puts the words of two rules into two rows, inside the chart', () => {
    const labels = figureLayout(figure, layout).annotations?.filter((one) => one.text !== '0') ?? [];
    expect(labels.map((one) => [one.text, one.yshift, one.xanchor])).toEqual([['median fit 10', 18, 'left']]);
    const late = {
      ...figure,
      rules: [{ x: 900, label: 'late', row: 1 as const, color: '#000000', shade: 0 }],
    };
    expect(figureLayout(late, layout).annotations?.[0]).toMatchObject({ yshift: 2, xanchor: 'right' });
  });

  it('lists rows from top to bottom under their headers', () => {
    const rows = figureLayout(delayFigure(groups, 'effort'), layout);
    expect(rows.yaxis?.range).toEqual([2.5, -0.5]);
    expect(rows.yaxis?.tickvals).toEqual([1, 2]);
    expect(rows.yaxis?.ticktext).toEqual(['seed 0', 'seed 1']);
  });
});

it('offers log y only where every value can be drawn', () => {
  const loss = (values: number[]) => {
    const described = [column('testLoss', 'loss', 'test')];
    const [one] = groupEntries([entry({ efforts, described, columns: { testLoss: values } })]);
    return curveFigure(one === undefined ? [] : [one], {
      title: '',
      quantity: 'loss',
      axis: 'effort',
      estimator: 'median-minmax',
      members: true,
      band: true,
      train: true,
      test: true,
      events: false,
      medianRules: false,
      toBudget: false,
    });
  };
  expect(allowsLogY(loss([5, 4, 3, 2, 1]))).toBe(true);
  expect(allowsLogY(loss([5, 4, NaN, 2, 1]))).toBe(true);
  expect(allowsLogY(loss([5, 4, 3, 2, 0]))).toBe(false);
  expect(allowsLogY(delayFigure(groups, 'effort'))).toBe(false);
});

it('breaks words at a width and lets a long one stand alone', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('incomprehensibilities yes', 5)).toEqual(['incomprehensibilities', 'yes']);
});
