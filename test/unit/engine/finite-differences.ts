/** Derivatives of a traced scalar from its values alone. */
import { evaluate } from '../../../main/engine/evaluate.ts';
import type { Tensor } from '../../../main/engine/trace.ts';
import type { Feeds } from './operation-cases.ts';

/** Truncation is about 1e-16, rounding about 1e-11, and values that are further apart than 4e-4 stay in order. */
const STEP = 1e-4;

/**
 * ∂loss/∂(every entry of the input `name`): the central difference of fourth order,
 * (8(f(x+h) − f(x−h)) − (f(x+2h) − f(x−2h))) / 12h.
 */
export function differenceQuotients(loss: Tensor, feeds: Feeds, name: string): Float64Array {
  const values = feeds[name] as Float64Array;
  const at = (i: number, change: number): number => {
    const moved = values.slice();
    moved[i] = (moved[i] as number) + change;
    return (evaluate([loss], { ...feeds, [name]: moved })[0] as Float64Array)[0] as number;
  };
  return values.map(
    (_, i) => (8 * (at(i, STEP) - at(i, -STEP)) - (at(i, 2 * STEP) - at(i, -2 * STEP))) / (12 * STEP),
  );
}
