import { describe, expect, test } from 'vitest';
import { createRandomForestLearner } from '../../../main/models/random-forest.ts';
import { effortUnitOf, type RandomForestSpec } from '../../../shared/model-spec.ts';
import { parseStudy, type Arm } from '../../../shared/study.ts';

const spec: RandomForestSpec = {
  kind: 'random-forest',
  maxLeaves: 'unbounded',
  featuresPerSplit: 'sqrt',
  bootstrap: false,
};

function arm(changes: Record<string, unknown> = {}): Arm {
  return {
    id: 'forest',
    title: 'Forest',
    dataset: {
      kind: 'hidden-parity',
      parityBits: 2,
      decoys: 8,
      decoyKind: 'bits',
      trainSize: 100,
      testSize: 60,
    },
    model: spec,
    trainer: { kind: 'direct', batchSize: 'full' },
    budget: { maxEffort: 1000 },
    thresholds: { metric: 'accuracy', train: 0.95, test: 0.95, sustain: 1 },
    record: { every: 100, perDecade: 10 },
    seeds: [0],
    ...changes,
  } as Arm;
}

describe('an arm with a random forest', () => {
  test('fits bits with parity labels', async () => {
    const learner = await createRandomForestLearner(arm(), 3, { threads: 1, device: null });
    await learner.advance(2000, Infinity);
    const values = await learner.evaluate();
    const valueOf = (name: string) => values[learner.columns.findIndex((column) => column.name === name)];
    expect(valueOf('trainAccuracy')).toBe(1);
    expect(valueOf('testAccuracy')).toBeGreaterThan(0.6);
  });

  test('counts leaf nodes', () => {
    expect(effortUnitOf('random-forest')).toBe('leaf node');
  });

  const check = (changes: Record<string, unknown>) =>
    parseStudy({
      schemaVersion: 1,
      id: 'forest',
      title: 'Forest',
      question: 'How many leaves?',
      paper: null,
      arms: [arm(changes)],
      claims: [],
    });
  const teacher = { kind: 'linear-teacher-student', dimensions: 4000, trainSize: 20_000, testSize: 100 };

  test.each([
    [{ trainer: { kind: 'direct', batchSize: 10 } }, 'arms[0].trainer.batchSize', '"full"'],
    [
      { trainer: { kind: 'sgd', learningRate: 1, weightDecay: 0, momentum: 0, batchSize: 'full' } },
      'arms[0].trainer.kind',
      '"direct"',
    ],
    [{ dataset: teacher }, 'arms[0].dataset', 'at most 50000000 numbers'],
    [
      { dataset: { ...teacher, trainSize: 50 } },
      'arms[0].thresholds.metric',
      '"loss": this dataset has no classes',
    ],
    [{ model: { ...spec, maxLeaves: 1 } }, 'arms[0].model.maxLeaves', '"unbounded", or an integer from 2'],
    [{ model: { ...spec, featuresPerSplit: 'log2' } }, 'arms[0].model.featuresPerSplit', '"all", "sqrt"'],
    [{ model: { ...spec, featuresPerSplit: 11 } }, 'arms[0].model.featuresPerSplit', 'at most 10, or "all"'],
    [
      {
        dataset: { kind: 'modular-addition', p: 5, trainFraction: 0.5 },
        model: { ...spec, featuresPerSplit: 11 },
      },
      'arms[0].model.featuresPerSplit',
      'at most 10',
    ],
    [{ model: { ...spec, bootstrap: 1 } }, 'arms[0].model.bootstrap', 'true or false'],
    [{ model: { ...spec, trees: 10 } }, 'arms[0].model.trees', 'only the keys'],
  ])('is refused with the field and the fix: %#', (changes, path, fix) => {
    expect(() => check(changes)).toThrow(path);
    expect(() => check(changes)).toThrow(fix);
  });

  test('is accepted, also over a sweep, and another family is refused by the learner', async () => {
    const sweep = [
      { path: 'model.maxLeaves', values: [2, 30, 'unbounded'] },
      { path: 'model.featuresPerSplit', values: [1, 'sqrt'] },
    ];
    expect(check({ sweep }).arms).toHaveLength(1);
    const other = arm({ model: { kind: 'mlp' } });
    await expect(createRandomForestLearner(other, 0, { threads: 1, device: null })).rejects.toThrow(
      'is not a random forest',
    );
  });
});
