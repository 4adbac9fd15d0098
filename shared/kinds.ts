/** Puts another kind of dataset, model, trainer or option in the place of one: new settings, old ones where they fit. */
import type { z } from 'zod';
import { datasetSpec } from './dataset-spec.ts';
import { isContainer, valueAt } from './json-path.ts';
import { acceptedTrainers, fullBatchModels, modelSpec, type ModelKind } from './model-spec.ts';
import {
  startingArm,
  startingDatasets,
  startingFilters,
  startingModels,
  startingNoises,
  startingSchedules,
  startingTrainers,
} from './starting-arms.ts';
import { armTrainerSpec, gradientFilter, rateSchedule, trainingNoise } from './trainer-spec.ts';

type Starting = Record<string, { kind: string }>;

/** By the key under which it stands in an arm. */
const choices: Record<string, { spec: z.ZodType; starting: Starting }> = {
  dataset: { spec: datasetSpec, starting: startingDatasets },
  of: { spec: datasetSpec, starting: startingDatasets },
  model: { spec: modelSpec, starting: startingModels },
  trainer: { spec: armTrainerSpec, starting: startingTrainers },
  gradientFilter: { spec: gradientFilter, starting: startingFilters },
  noise: { spec: trainingNoise, starting: startingNoises },
  schedule: { spec: rateSchedule, starting: startingSchedules },
};

const isTable = (kind: unknown): boolean => kind === 'csv-classification' || kind === 'csv-regression';

/**
 * What stands under `name` once its kind is `kind`. Settings that both kinds have are kept where they are valid; a dataset
 * that can be wrapped is, and one that was wrapped comes out again; a table stays the same table.
 * @throws RangeError for a name or a kind that does not exist
 */
export function withKind(name: string, old: unknown, kind: string): unknown {
  const choice = choices[name];
  const start = choice?.starting[kind];
  if (choice === undefined || start === undefined) throw new RangeError(`There is no ${name} "${kind}".`);
  if (!isContainer(old)) return start;
  if (isTable(old['kind']) && isTable(kind)) return { ...old, kind };
  const inner = old['of'];
  if (valueAt(inner, ['kind']) === kind) return inner;
  if (inner === undefined && 'of' in start) {
    const wrapped = { ...start, of: old };
    if (choice.spec.safeParse(wrapped).success) return wrapped;
  }
  return Object.entries(old).reduce<object>((kept, [key, value]) => {
    const candidate = { ...kept, [key]: value };
    return key !== 'kind' && choice.spec.safeParse(candidate).success ? candidate : kept;
  }, start);
}

/** The arm with another kind of model, and with another trainer where that model needs it. */
export function withModelKind(arm: Record<string, unknown>, kind: ModelKind): Record<string, unknown> {
  const trained = acceptedTrainers[kind].includes(String(valueAt(arm, ['trainer', 'kind'])));
  const trainer = trained ? (arm['trainer'] as object) : startingArm(kind).trainer;
  return {
    ...arm,
    model: withKind('model', arm['model'], kind),
    trainer: fullBatchModels.includes(kind) ? { ...trainer, batchSize: 'full' } : trainer,
  };
}
