/** What a Gaussian process cannot learn from, found in the training data before the first update. */
import { InputError } from '../../shared/errors.ts';
import type { DatasetSpec } from '../../shared/dataset-spec.ts';

/**
 * @throws InputError when an input has the same value in all training examples: its length scale has no gradient.
 */
export function requireVaryingInputs(
  spec: DatasetSpec,
  seed: number,
  inputs: Float64Array,
  dimensions: number,
): void {
  const n = inputs.length / dimensions;
  const constant: number[] = [];
  for (let k = 0; k < dimensions; k++) {
    let i = 1;
    while (i < n && inputs[i * dimensions + k] === inputs[k]) i++;
    if (i >= n) constant.push(k + 1);
  }
  if (constant.length === 0) return;
  const which =
    constant.length === 1
      ? `input ${constant[0]} has`
      : `${constant.length} inputs have (the first: ${constant[0]})`;
  refuse(
    spec,
    n,
    `training examples in which every input varies: ${which} one value in all ${n} of seed ${seed}, so that ` +
      'no length scale can be learned there; take more examples or leave such inputs out',
  );
}

/** @throws InputError when one of the two classes has no training example. */
export function requireBothClasses(spec: DatasetSpec, seed: number, labels: Int32Array): void {
  for (const label of [0, 1]) {
    if (labels.includes(label)) continue;
    refuse(
      spec,
      labels.length,
      `training examples of both classes: seed ${seed} gives none of class ${label}; take more examples or another seed`,
    );
  }
}

function refuse(spec: DatasetSpec, n: number, expected: string): never {
  const path = 'trainSize' in spec ? 'dataset.trainSize' : 'dataset';
  throw new InputError('The training data', [{ path, value: String(n), expected }]);
}
