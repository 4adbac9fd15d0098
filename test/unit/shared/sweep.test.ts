import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../shared/canonical.ts';
import { InputError } from '../../../shared/errors.ts';
import { parseStudy, type Arm } from '../../../shared/study.ts';
import {
  armAtPoint,
  armWords,
  axisName,
  isAt,
  MAX_SWEPT_RUNS,
  pointCount,
  pointKey,
  pointName,
  pointsOf,
  pointWords,
  repeatWords,
  runCount,
  settingAt,
} from '../../../shared/sweep.ts';
import type { SweepAxis } from '../../../shared/sweep-spec.ts';
import { linearArm, studyOf } from './support.ts';

const mlp: Arm = {
  ...linearArm('mlp', 100),
  dataset: { kind: 'zero-one', points: 100, trainSize: 20, testSize: 80 },
  model: {
    kind: 'mlp',
    hidden: [8, 4],
    activation: 'relu',
    outputBias: true,
    init: 'torch-default',
    initScale: 1,
  },
  seeds: [0, 1, 2],
};

const swept = (...sweep: SweepAxis[]): Arm => ({ ...mlp, sweep });
const widths: SweepAxis = { path: 'model.hidden[1]', values: [4, 16] };
const scales: SweepAxis = { path: 'model.initScale', values: [0.5, 1, 2] };
const batches: SweepAxis = { path: 'trainer.batchSize', values: ['full', 10] };

function faultsOf(arm: unknown): string[] {
  try {
    studyOf([arm as Arm]);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.faults.map((fault) => `${fault.path}: got ${fault.value}; expected ${fault.expected}`);
  }
  return [];
}

describe('the points of an arm', () => {
  it('are every combination, the last axis changing fastest', () => {
    const arm = swept(scales, batches);
    expect(pointsOf(arm)).toEqual([
      { 'model.initScale': 0.5, 'trainer.batchSize': 'full' },
      { 'model.initScale': 0.5, 'trainer.batchSize': 10 },
      { 'model.initScale': 1, 'trainer.batchSize': 'full' },
      { 'model.initScale': 1, 'trainer.batchSize': 10 },
      { 'model.initScale': 2, 'trainer.batchSize': 'full' },
      { 'model.initScale': 2, 'trainer.batchSize': 10 },
    ]);
    expect([pointCount(arm), runCount({ arms: [arm, mlp] })]).toEqual([6, 21]);
    expect(repeatWords(arm)).toBe('3 seeds × 6 sweep points');
  });

  it('are one without a sweep, and change nothing then', () => {
    expect(pointsOf(mlp)).toEqual([{}]);
    expect(armAtPoint(mlp, {})).toEqual(mlp);
    expect([pointName(mlp, 0), pointWords({}), armWords('mlp', {}), repeatWords(mlp)]).toEqual([
      null,
      '',
      'mlp',
      '3 seeds',
    ]);
  });

  it('set their values in the arm, in lists too, and leave the study alone', () => {
    const arm = swept(widths, batches);
    const before = canonicalJson(arm);
    const at = armAtPoint(arm, { 'model.hidden[1]': 16, 'trainer.batchSize': 10 });
    expect(at).toEqual({
      ...mlp,
      model: { ...mlp.model, hidden: [8, 16] },
      trainer: { ...mlp.trainer, batchSize: 10 },
    });
    expect(settingAt(at, 'model.hidden[1]')).toBe(16);
    expect(settingAt(at, 'model.width')).toBeUndefined();
    expect(settingAt(at, 'model.constructor')).toBeUndefined();
    expect(canonicalJson(arm)).toBe(before);
  });

  it('have path-safe names in order, and words that tell them apart', () => {
    const many = swept({ path: 'model.initScale', values: Array.from({ length: 120 }, (_, i) => i + 1) });
    expect([pointName(swept(scales), 2), pointName(many, 7), pointName(many, 119)]).toEqual([
      'p02',
      'p007',
      'p119',
    ]);
    expect(armWords('mlp', { 'model.initScale': 2, 'trainer.batchSize': 'full' })).toBe(
      'mlp, initScale = 2, batchSize = full',
    );
    expect(pointWords({ 'dataset.size': 1, 'model.size': 2 })).toBe('dataset.size = 1, model.size = 2');
    expect(pointWords({ 'trainer.batchSize': 1, 'dataset.trainSize': 2 })).toBe(
      'trainSize = 2, batchSize = 1',
    );
    expect(axisName('model.hidden[0]')).toBe('hidden[0]');
  });

  it('match what selects them', () => {
    const point = { 'model.initScale': 2, 'trainer.batchSize': 'full' };
    expect([
      isAt(point, {}),
      isAt(point, { 'model.initScale': 2 }),
      isAt(point, { 'model.initScale': 1 }),
    ]).toEqual([true, true, false]);
    expect(isAt({}, { 'model.initScale': 1 })).toBe(false);
    expect(isAt({ 'trainer.batchSize': 10 }, { 'trainer.batchSize': '10' })).toBe(false);
  });
});

const axes = fc
  .record({
    scales: fc.uniqueArray(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 6 }),
    widths: fc.uniqueArray(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 6 }),
    batches: fc.uniqueArray(fc.constantFrom('full' as const, 1, 5, 20), { minLength: 1, maxLength: 4 }),
    order: fc.shuffledSubarray([0, 1, 2], { minLength: 1 }),
  })
  .map((one) => {
    const all: SweepAxis[] = [
      { path: 'model.initScale', values: one.scales },
      { path: 'model.hidden[0]', values: one.widths },
      { path: 'trainer.batchSize', values: one.batches },
    ];
    return one.order.map((i) => all[i] as SweepAxis);
  });

describe('an expansion', () => {
  it('is deterministic, gives every point once, and makes a valid arm of each', () => {
    fc.assert(
      fc.property(axes, (sweep) => {
        const arm = swept(...sweep);
        const points = pointsOf(arm);
        expect(pointsOf(JSON.parse(JSON.stringify(arm)) as Arm)).toEqual(points);
        expect(points).toHaveLength(pointCount(arm));
        expect(new Set(points.map(pointKey)).size).toBe(points.length);
        const names = points.map((_, i) => pointName(arm, i) as string);
        expect(new Set(names).size).toBe(points.length);
        expect(names.toSorted()).toEqual(names);
        for (const name of names) expect(name).toMatch(/^p\d{2,}$/);
        const made = points.map((point) => armAtPoint(arm, point));
        expect(new Set(made.map((one) => canonicalJson(one))).size).toBe(points.length);
        for (const [i, one] of made.entries()) {
          expect(one.sweep).toBeUndefined();
          for (const { path } of sweep) expect(settingAt(one, path)).toBe(points[i]?.[path]);
        }
        expect(faultsOf(arm)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a study with a sweep', () => {
  const hash = (study: unknown): string => createHash('sha256').update(canonicalJson(study)).digest('hex');

  it('is read as it is written, and one without keeps its hash', () => {
    const study = studyOf([swept(scales)]);
    expect(parseStudy(JSON.parse(JSON.stringify(study)))).toEqual(study);
    expect(study.arms[0]?.sweep).toEqual([scales]);
    const plain = studyOf([mlp]);
    expect(plain.arms[0]).not.toHaveProperty('sweep');
    // From Python: sha256 over json.dumps(study, sort_keys=True, separators=(',', ':')).
    expect(hash(plain)).toBe('8560914289e6ada9a08ff0943417d09bed912ec0c85a6b7c768be2c7e9ac9cff');
    expect(hash(study)).not.toBe(hash(plain));
  });
});

describe('a sweep is refused', () => {
  const at = 'arms[0].sweep[0]';

  it.each([
    ['an empty list', [], 'arms[0].sweep: got []; expected a list of 1 to 6 entries'],
    [
      'no value',
      [{ ...scales, values: [] }],
      `${at}.values: got []; expected a list of 1 to 1000 entries, each a finite number, or text of 1 to 100 characters`,
    ],
    [
      'a value of another type',
      [{ ...scales, values: [true] }],
      `${at}.values[0]: got true; expected a finite number, or text of 1 to 100 characters`,
    ],
    [
      'a path outside',
      [{ path: 'budget.maxEffort', values: [1, 2] }],
      `${at}.path: got "budget.maxEffort"; expected a setting of the dataset, model or trainer, such as "model.initScale"`,
    ],
    [
      'another model',
      [{ path: 'model.kind', values: ['mlp'] }],
      `${at}.path: got "model.kind"; expected a setting of one model: another kind of model is an arm of its own`,
    ],
    [
      'a place that is not there',
      [{ path: 'model.hidden[2]', values: [1] }],
      `${at}.path: got "model.hidden[2]"; expected a setting that the arm "mlp" has`,
    ],
    [
      'a setting below a number',
      [{ path: 'model.initScale.x', values: [1] }],
      `${at}.path: got "model.initScale.x"; expected a setting that the arm "mlp" has`,
    ],
    [
      'an unknown setting',
      [{ path: 'model.dropout', values: [0.1] }],
      `${at}.values[0]: got 0.1; expected for model.dropout only the keys kind, hidden, activation, outputBias, init, initScale, hiddenBiases, zeroReadout, singleOutput, outputScale, centred`,
    ],
    [
      'a repeated value',
      [{ ...scales, values: [1, 2, 1] }],
      `${at}.values[2]: got 1; expected each value once`,
    ],
    [
      'a value that the setting cannot have',
      [{ ...scales, values: [1, -1] }],
      `${at}.values[1]: got -1; expected for model.initScale a number, greater than 0 and at most 1000`,
    ],
    [
      'a value of the wrong type for the setting',
      [{ path: 'model.hidden[0]', values: [8, 'wide'] }],
      `${at}.values[1]: got "wide"; expected for model.hidden[0] an integer from 1 to 10000`,
    ],
    [
      'a value that does not fit the rest of the arm',
      [{ path: 'trainer.batchSize', values: ['full', 50] }],
      `${at}.values[1]: got 50; expected for trainer.batchSize "full", or an integer from 1 to 20, the number of training examples`,
    ],
    [
      'a value that makes another setting wrong',
      [{ path: 'dataset.testSize', values: [80, 90] }],
      `${at}.values[1]: got 90; expected a value of dataset.testSize at which dataset.trainSize (20) is at most 10: 100 points exist and 90 are kept for the test`,
    ],
  ])('with %s', (_, sweep, fault) => {
    expect(faultsOf({ ...mlp, sweep })).toEqual([fault]);
  });

  it('where two axes set one thing', () => {
    const twice = 'got "model.initScale"; expected a setting that no other axis of this sweep has';
    expect(faultsOf(swept(scales, scales))).toEqual([
      `arms[0].sweep[0].path: ${twice}`,
      `arms[0].sweep[1].path: ${twice}`,
    ]);
  });

  it('naming the point where two axes do not go together', () => {
    const sizes: SweepAxis[] = [
      { path: 'dataset.trainSize', values: [10, 40] },
      { path: 'dataset.points', values: [90, 150] },
    ];
    expect(faultsOf(swept(...sizes))).toEqual([
      'arms[0].sweep[0].values[1]: got 40; expected for dataset.trainSize at most 10: 90 points exist and 80 are kept for the test',
    ]);
    const mixed = swept(
      { path: 'dataset.testSize', values: [80, 30] },
      { path: 'dataset.points', values: [60, 150] },
    );
    expect(faultsOf(mixed)).toEqual([
      'arms[0].sweep: got points = 60, testSize = 80; expected points at which dataset.trainSize (20) is at most 0: 60 points exist and 80 are kept for the test',
    ]);
  });

  it('counting the faults that it does not name', () => {
    const bad = swept({ path: 'model.initScale', values: Array.from({ length: 30 }, (_, i) => -i - 1) });
    const faults = faultsOf(bad);
    expect(faults).toHaveLength(11);
    expect(faults.at(-1)).toBe('arms[0].sweep: got 20 further faults like these; expected none');
  });

  it('with more runs than can be wanted, before they are made', () => {
    const many = Array.from({ length: 1000 }, (_, i) => i + 1);
    const huge = swept(
      scales,
      { path: 'model.hidden[0]', values: many },
      { path: 'model.hidden[1]', values: many },
    );
    expect(faultsOf(huge)).toEqual([
      'arms[0].sweep: got 3,000,000 points × 3 seeds = 9,000,000 runs; expected at most 10,000 runs',
    ]);
    const half = swept({ path: 'model.hidden[0]', values: many.slice(0, 600) });
    const arms = Array.from({ length: 6 }, (_, i) => ({ ...half, id: `mlp-${i}` }));
    expect(() => studyOf(arms)).toThrow(
      `arms: got 10,800 runs in all; expected at most ${MAX_SWEPT_RUNS.toLocaleString('en-US')} runs in a study with sweeps`,
    );
  });
});
