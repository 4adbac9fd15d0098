import { describe, expect, it } from 'vitest';
import { figureSvg } from '../../../../shared/charts/svg.ts';
import { svgText, type SvgNode } from '../../../../shared/charts/svg-node.ts';
import { figureTable } from '../../../../shared/charts/table.ts';
import { evaluateClaims } from '../../../../shared/claims.ts';
import {
  drawDirective,
  quantitiesDrawn,
  type FigureSource,
  type FindingsFigure,
} from '../../../../shared/findings/figures.ts';
import { inputOf, runOf, study } from '../../bundle/fixtures.ts';

const runs = [runOf('mlp', 0), runOf('mlp', 1), runOf('linear', 0)];
const record = inputOf(runs).study;
const source: FigureSource = {
  study: record,
  entriesOf: () => runs,
  verdicts: () => evaluateClaims(study, runs),
  views: [
    {
      id: 'v',
      name: 'Losses of the MLP',
      query: `arm=${encodeURIComponent('two-families-1/mlp')}&quantity=loss&x=epochs&without=band`,
      savedAt: '2026-11-25T10:00:00.000Z',
    },
  ],
};

function pictureOf(directive: string): Extract<FindingsFigure, { kind: 'picture' }> {
  const [figure, ...rest] = drawDirective(directive, source);
  expect(rest).toEqual([]);
  if (figure?.kind !== 'picture') throw new Error(JSON.stringify(figure));
  return figure;
}

/** All elements of a tag, in order. */
function all(tree: SvgNode, tag: string): SvgNode[] {
  const below = tree.children.flatMap((child) => (typeof child === 'string' ? [] : all(child, tag)));
  return tree.tag === tag ? [tree, ...below] : below;
}

describe('drawDirective', () => {
  it('draws the curves of the chosen arms from the stored points', () => {
    const { figure, xScale, yScale } = pictureOf('curves quantity=accuracy arms=linear');
    expect(xScale).toBe('log');
    expect(yScale).toBe('linear');
    const rows = figureTable(figure).rows.filter(
      ([, , column, statistic]) => column === 'testAccuracy' && statistic === 'run',
    );
    expect(rows.map((row) => [row[5], row[6]])).toEqual([
      [0, 0.5],
      [10, 0.6],
      [20, 0.99],
    ]);
    expect(figure.notes.join(' ')).toContain('0 has no place on a log axis');
  });

  it('takes the axis, the metric and the arms of a saved comparison', () => {
    const { figure } = pictureOf('view name="Losses of the MLP"');
    expect(figure.title).toBe('Loss: Losses of the MLP');
    expect(figure.lines.every(({ origin }) => origin.arm === 'MLP on 0/1')).toBe(true);
    expect(figure.xLabel).toContain('epochs');
    expect(figure.lines.some(({ spread }) => spread?.drawn === true)).toBe(false);
  });

  it('writes tables of delays and claims, with their numbers at full precision', () => {
    const [delays] = drawDirective('delays', source);
    if (delays?.kind !== 'table') throw new Error('no table');
    expect(delays.table.rows.map(([arm]) => arm)).toEqual([
      'MLP on 0/1 (neural network, optimizer steps)',
      'Linear regression (linear model, gradient-descent steps)',
    ]);
    // Both seeds fit at effort 10 and generalize at 20.
    expect(delays.table.rows[0]?.[2]).toContain('10');
    expect(delays.table.data.rows[0]?.slice(0, 5)).toEqual(['MLP on 0/1', 'optimizer step', 2, 2, 10]);
    const [claims] = drawDirective('claims ids=delay', source);
    if (claims?.kind !== 'table') throw new Error('no table');
    expect(claims.table.rows).toHaveLength(1);
    expect(claims.table.rows[0]?.slice(0, 3)).toEqual(['The MLP generalizes late.', 'Figure 1', 'holds']);
  });

  it.each([
    ['curves quantity=entropy', 'quantity=entropy is not recorded; there are accuracy, loss, weight.'],
    ['curves arms=cnn', '"cnn" is no arm of this study; there are mlp, linear.'],
    ['claims ids=other', '"other" is no claim of this study; there are delay.'],
    ['map', 'No arm here sweeps two settings'],
    ['sweep', 'No arm here sweeps a number.'],
    ['view name=Mine', 'There is no saved comparison "Mine" with this study; there are "Losses of the MLP".'],
    ['nothing', 'is no kind of figure'],
  ])('says of "%s" why there is no figure', (directive, fault) => {
    expect(drawDirective(directive, source)).toEqual([
      { kind: 'fault', fault: expect.stringContaining(fault) as string },
    ]);
  });

  it('says so where there are no runs', () => {
    expect(drawDirective('curves', { ...source, entriesOf: () => [] })).toEqual([
      { kind: 'fault', fault: 'There are no runs to draw yet.' },
    ]);
  });
});

describe('quantitiesDrawn', () => {
  it('names the first metric, and those of figures and of saved comparisons', () => {
    const notes = '{{figure curves quantity=weight}}\n\n{{figure view name="Losses of the MLP"}}\n';
    expect(quantitiesDrawn(notes, source.views, ['accuracy', 'loss', 'weight', 'norm'])).toEqual([
      'accuracy',
      'weight',
      'loss',
    ]);
  });
});

describe('figureSvg', () => {
  const { figure } = pictureOf('curves quantity=accuracy arms=linear');
  const options = { xScale: 'linear', yScale: 'linear' } as const;

  it('puts points where the scales say', () => {
    // x reaches over [0, 20] with 2 % of room, y over the accuracy's [0, 1] with 3 %.
    const tree = figureSvg(figure, options);
    const place = (d: string): number[][] =>
      d
        .slice(1)
        .split(/[ML]/)
        .map((point) => point.split(' ').map(Number));
    const paths = all(tree, 'path').flatMap(({ attributes }) =>
      attributes['fill'] === 'none' && attributes['stroke-linejoin'] !== undefined
        ? [place(String(attributes['d']))]
        : [],
    );
    const test = paths.find((points) => points.length === 3);
    if (test === undefined) throw new Error('no line of three points');
    const [first, second, third] = test as [number[], number[], number[]];
    // Equal steps of effort are equal steps of the picture.
    expect((second[0] as number) - (first[0] as number)).toBeCloseTo(
      (third[0] as number) - (second[0] as number),
      0,
    );
    const plot = all(tree, 'line').map(({ attributes }) => Number(attributes['y1']));
    const [top, bottom] = [Math.min(...plot.filter(Number.isFinite)), Math.max(...plot)];
    expect(bottom).toBeGreaterThan(top);
    const ys = paths.flat().map(([, y]) => y as number);
    expect(Math.min(...ys)).toBeGreaterThanOrEqual(0);
  });

  it('holds every text escaped, and nothing that runs or loads', () => {
    const hostile = {
      ...figure,
      title: '<script>alert(1)</script> & "more" \u0000',
      legend: figure.legend.map((entry) => ({ ...entry, label: '<img src=x onerror=alert(1)>' })),
    };
    const text = svgText(figureSvg(hostile, { ...options, alone: true }));
    expect(text).not.toMatch(/<script|<img|\u0000/);
    expect(text).toContain('&lt;script&gt;');
    expect(text).toContain('role="img"');
  });

  it('says its title and its sentence to those who do not see it', () => {
    const { attributes } = figureSvg(figure, options);
    expect(attributes['aria-label']).toBe(`${figure.title}. ${figure.description}`);
  });

  it('leaves a gap where a value does not exist', () => {
    const { figure: weights } = pictureOf('curves quantity=weight arms=linear');
    const text = svgText(figureSvg(weights, options));
    expect(text).not.toContain('NaN');
  });

  it('draws a log axis with 0 marked at its left end', () => {
    const texts = all(figureSvg(figure, { xScale: 'log', yScale: 'linear' }), 'text').flatMap(
      ({ children }) => children,
    );
    expect(texts).toContain('0');
    expect(texts).toContain('10');
  });
});
