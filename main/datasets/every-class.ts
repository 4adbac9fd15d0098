import { InputError, printValue } from '../../shared/errors.ts';

/** @throws InputError when a class has no training example: a model could never answer it. */
export function requireEveryClass(
  labels: Int32Array,
  classes: number,
  path: string,
  value: number,
  seed: number,
): void {
  const present = new Set(labels);
  const missing = Array.from({ length: classes }, (_, c) => c).filter((c) => !present.has(c));
  if (missing.length === 0) return;
  const said = `with seed ${seed} the ${missing.length === 1 ? 'class' : 'classes'} ${missing.join(', ')} would have no training example`;
  throw new InputError('The dataset', [
    { path, value: printValue(value), expected: `more training examples: ${said}` },
  ]);
}
