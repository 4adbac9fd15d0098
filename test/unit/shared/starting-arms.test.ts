import fc from 'fast-check';
import { expect, test } from 'vitest';
import { datasetForm, datasetKinds, datasetSpec, type DatasetSpec } from '../../../shared/dataset-spec.ts';
import { withKind, withModelKind } from '../../../shared/kinds.ts';
import { acceptedDatasets, familyOf, modelSpec, type ModelKind } from '../../../shared/model-spec.ts';
import {
  startingArm,
  startingDatasets,
  startingFilters,
  startingGroup,
  startingNoises,
  startingSchedules,
  startingPaper,
  startingStudy,
  startingTrainers,
} from '../../../shared/starting-arms.ts';
import { paperSpec, parseStudy, studyFaults, type Arm } from '../../../shared/study.ts';
import { armTrainerSpec } from '../../../shared/trainer-spec.ts';
import { studyOf } from './support.ts';

const modelKinds = Object.keys(familyOf) as ModelKind[];

test('the new study, and the arm of every model, run as they are', () => {
  expect(parseStudy(startingStudy())).toEqual(startingStudy());
  expect(studyOf(modelKinds.map(startingArm)).arms.map((arm) => arm.model.kind)).toEqual(modelKinds);
});

test.each(datasetKinds)('the settings of %s are valid in some arm', (kind) => {
  const dataset = startingDatasets[kind];
  expect(dataset.kind).toBe(kind);
  const found = modelKinds.filter((model) => {
    if (!acceptedDatasets[model].includes(kind)) return false;
    const arm = startingArm(model);
    const regression = datasetForm(dataset).form === 'regression';
    const candidate = {
      ...arm,
      dataset,
      trainer:
        model === 'mlp'
          ? { ...arm.trainer, batchSize: 'full', ...(regression ? { loss: 'mse' } : {}) }
          : arm.trainer,
      thresholds: { ...arm.thresholds, metric: regression ? 'loss' : 'accuracy' },
    } as Arm;
    return studyFaults({ ...startingStudy(), arms: [candidate] }).length === 0;
  });
  expect(found).toContain('mlp');
});

test('every trainer, gradient filter, noise, schedule, group and paper is valid', () => {
  const arm = startingArm('mlp');
  const variants: unknown[] = [
    ...Object.values(startingTrainers).filter(({ kind }) => kind !== 'direct'),
    ...Object.values(startingFilters).map((gradientFilter) => ({ ...arm.trainer, gradientFilter })),
    ...Object.values(startingNoises).map((noise) => ({ ...arm.trainer, noise })),
    ...Object.values(startingSchedules).map((schedule) => ({ ...arm.trainer, schedule })),
    { ...arm.trainer, groups: [startingGroup] },
  ];
  for (const trainer of variants) studyOf([{ ...arm, trainer: armTrainerSpec.parse(trainer) }]);
  expect(studyOf([startingArm('ridge-path')]).arms[0]?.trainer).toEqual(startingTrainers.direct);
  expect(paperSpec.parse(startingPaper)).toEqual(startingPaper);
});

const datasets = fc.constantFrom(...(Object.values(startingDatasets) as DatasetSpec[]));
const isTable = (kind: string): boolean => kind.startsWith('csv-');

test('another kind of dataset is valid and of that kind, whatever was there', () => {
  fc.assert(
    fc.property(datasets, fc.constantFrom(...datasetKinds), (old, kind) => {
      const dataset = withKind('dataset', old, kind) as { kind: string };
      expect(dataset.kind).toBe(kind);
      // A table stays the user's own, also where its cells do not fit the new task yet.
      if (!(isTable(old.kind) && isTable(kind))) expect(datasetSpec.safeParse(dataset).success).toBe(true);
    }),
  );
});

test('settings that both kinds have are kept', () => {
  const old = { ...startingDatasets['modular-addition'], p: 97, trainFraction: 0.3 };
  expect(withKind('dataset', old, 'modular-arithmetic')).toMatchObject({ p: 97, trainFraction: 0.3 });
  expect(withKind('dataset', { ...old, p: 500 }, 'modular-one-hot')).toMatchObject({ p: 7 });
  const wrapped = withKind('dataset', old, 'random-labels');
  expect(wrapped).toEqual({ kind: 'random-labels', share: 1, of: old });
  expect(withKind('dataset', wrapped, 'modular-addition')).toBe(old);
  const sgd = { ...startingTrainers.sgd, learningRate: 0.3, loss: 'mse' };
  expect(withKind('trainer', sgd, 'adamw')).toMatchObject({ kind: 'adamw', learningRate: 0.3, loss: 'mse' });
  const table = { ...startingDatasets['csv-regression'], file: 'mine.csv' };
  expect(withKind('dataset', table, 'csv-classification')).toEqual({ ...table, kind: 'csv-classification' });
  expect(() => withKind('dataset', old, 'tarot')).toThrow(RangeError);
});

test('another model brings a trainer that it accepts, and full batches where it needs them', () => {
  const arm = startingArm('mlp');
  for (const kind of modelKinds) {
    const changed = withModelKind({ ...arm }, kind);
    expect(modelSpec.parse(changed['model']).kind).toBe(kind);
    const faults = studyFaults({ ...startingStudy(), arms: [changed as Arm] });
    expect(faults.filter(({ path }) => /trainer\.(kind|batchSize)$/.test(path))).toEqual([]);
    expect(changed['dataset']).toBe(arm.dataset);
  }
  expect(withModelKind({ ...arm }, 'transformer')['trainer']).toEqual(arm.trainer);
});
