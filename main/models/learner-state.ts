import type { LearnerState } from '../training/learner.ts';

/**
 * A copy of a float64 array of a saved state.
 * @throws Error when it is missing, of another type, or of another length: the state belongs to another learner.
 */
export function stateArray(state: LearnerState, name: string, length: number): Float64Array {
  const array = state.arrays[name];
  if (!(array instanceof Float64Array) || array.length !== length) {
    throw new Error(`The checkpoint holds no float64 array "${name}" of ${length} values.`);
  }
  return array.slice();
}
