import { describe, expect, it } from 'vitest';
import { curveFigure } from '../../../../shared/charts/curves.ts';
import { describeArm } from '../../../../shared/charts/describe.ts';
import { delayFigure } from '../../../../shared/charts/delay-plot.ts';
import { dataUrlBlob, fileStem, printFigure } from '../../../../renderer/charts/export.ts';
import { groupEntries, type ArmGroup } from '../../../../shared/charts/groups.ts';
import { figureTable, formatValue, tableCsv } from '../../../../shared/charts/table.ts';
import { entry } from './fixtures.ts';

const efforts = [0, 1, 10, 100, 1000];
const groups = groupEntries([
  entry({ efforts, seed: 0, fitAt: 10, generalizeAt: 100, title: 'Net, "wide"' }),
  entry({ efforts, seed: 1, fitAt: 10, title: 'Net, "wide"' }),
]);
const figure = curveFigure(groups, {
  title: 'T',
  quantity: 'accuracy',
  axis: 'effort',
  estimator: 'median-minmax',
  members: true,
  band: true,
  train: false,
  test: true,
  events: true,
  medianRules: false,
  toBudget: false,
});

describe('the table behind a chart', () => {
  it('holds exactly the points drawn, in true x, with spread and n of a median', () => {
    const { columns, rows } = figureTable(figure);
    const points = figure.lines.reduce((sum, line) => sum + line.x.length, 0);
    expect(rows).toHaveLength(points + figure.marks.length);
    expect(columns).toEqual(['arm', 'seed', 'column', 'statistic', 'xUnit', 'x', 'y', 'low', 'high', 'n']);
    expect(rows[0]).toEqual([
      'Net, "wide"',
      0,
      'testAccuracy',
      'run',
      'optimizer step',
      0,
      0.5,
      null,
      null,
      null,
    ]);
    const median = rows.filter((row) => row[1] === null);
    expect(median.map((row) => row.slice(5))).toEqual([
      [0, 0.5, 0.5, 0.5, 2],
      [1, 0.5, 0.5, 0.5, 2],
      [10, 0.5, 0.5, 0.5, 2],
      [100, 0.75, 0.5, 1, 2],
      [1000, 0.75, 0.5, 1, 2],
    ]);
    expect(median[0]?.[3]).toBe('median and range (min–max), n = 2');
  });

  it('gives a row position no meaning on a chart of rows', () => {
    const { rows } = figureTable(delayFigure(groups, 'effort'));
    expect(rows.map((row) => [row[2], row[3], row[5], row[6]])).toEqual([
      ['fit step', 'run', 10, null],
      ['generalization step', 'run', 100, null],
      ['fit step', 'run', 10, null],
      ['generalization step', 'run, censored', 1000, null],
    ]);
  });

  it('writes RFC 4180 at full precision', () => {
    const csv = tableCsv({
      columns: ['a', 'b'],
      rows: [
        ['x, "y"', 0.1 + 0.2],
        [null, NaN],
      ],
    });
    expect(csv).toBe('a,b\r\n"x, ""y""",0.30000000000000004\r\n,NaN\r\n');
  });

  it('reads numbers at six digits, exponents at the ends', () => {
    expect([0.123456789, 1234567, -2.5, 0, -3.2e-7, 5e12, NaN, -Infinity].map(formatValue)).toEqual([
      '0.123457',
      '1,234,570',
      '−2.5',
      '0',
      '−3.200e−7',
      '5.000e12',
      'not a number',
      '−∞',
    ]);
  });
});

describe('files', () => {
  it('decodes both kinds of data URL', async () => {
    const svg = dataUrlBlob('data:image/svg+xml,%3Csvg%3E%C3%A9');
    expect([svg.type, await svg.text()]).toEqual(['image/svg+xml', '<svg>é']);
    const png = dataUrlBlob('data:image/png;base64,iVBORw0K');
    expect(png.type).toBe('image/png');
    expect([...new Uint8Array(await png.arrayBuffer())]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]);
    expect(() => dataUrlBlob('blob:x')).toThrow(RangeError);
  });

  it('makes file names out of titles', () => {
    expect(fileStem('Accuracy: Größe & co')).toBe('accuracy-gro-e-co');
    expect(fileStem('日本')).toBe('chart');
  });

  it('prints light, with the legend and every note under the plot', () => {
    const { layout, height } = printFigure(figure, { xScale: 'log', yScale: 'linear' });
    expect(layout?.paper_bgcolor).toBe('#ffffff');
    expect(layout?.showlegend).toBe(true);
    const words = layout?.annotations?.map((one) => one.text).join(' ') ?? '';
    for (const note of figure.notes) expect(words.replaceAll('<br>', ' ')).toContain(note);
    expect(words).toContain('drawn at 0.5');
    const { t = 0, b = 0 } = layout?.margin ?? {};
    expect(height - t - b).toBe(420);
  });
});

describe('descriptions', () => {
  const arm = (...specs: Parameters<typeof entry>[0][]) =>
    describeArm(groupEntries(specs.map(entry))[0] as ArmGroup);

  it('says the delays of one run', () => {
    expect(arm({ efforts, fitAt: 10, generalizeAt: 1000 })).toBe(
      'arm: 1 seed; fit step 10, generalization step 1,000 optimizer steps, delay ratio 100; 1 of 1 generalized.',
    );
  });

  it('says medians of several, and what is censored', () => {
    expect(
      arm(
        { efforts, seed: 0, fitAt: 10 },
        { efforts, seed: 1, fitAt: 10 },
        { efforts, seed: 2, fitAt: 10, generalizeAt: 100 },
      ),
    ).toBe(
      'arm: 3 seeds; fit step 10, generalization step ≥ 1,000 optimizer steps (medians), delay ratio ≥ 100; 1 of 3 generalized.',
    );
  });

  it('says a censored step of one run, an undefined ratio and an unfinished run', () => {
    expect(arm({ efforts, status: 'running' })).toBe(
      'arm: 1 seed; fit step not within 1,000, generalization step not within 1,000 optimizer steps; 0 of 1 generalized so far, 1 not finished.',
    );
    expect(arm({ efforts: [], status: 'queued' })).toBe('arm: 1 seed, no rows recorded yet.');
  });
});
