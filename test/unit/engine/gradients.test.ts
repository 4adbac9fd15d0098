/** Reverse mode as a whole; `conformance.test.ts` has the rule of every operation. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { gradients } from '../../../main/engine/gradients.ts';
import * as trace from '../../../main/engine/trace.ts';

describe('gradients', () => {
  const x = trace.input('x', [3], 'float64');
  const total = (tensor: trace.Tensor): trace.Tensor => trace.reduceSum(tensor, [0], false);
  const slopeAt = (loss: trace.Tensor, values: number[]): number[] => {
    const [slope] = gradients(loss, [x]) as [trace.Tensor];
    return [...(evaluate([slope], { x: values })[0] as Float64Array)];
  };

  it('add up over every use of a tensor', () => {
    expect(slopeAt(total(trace.add(trace.mul(x, x), trace.mul(x, 3))), [1, 2, 5])).toEqual([5, 7, 13]);
  });

  it('are zero where the loss does not depend on a tensor', () => {
    const other = trace.input('other', [2], 'float64');
    const [slope] = gradients(total(x), [other]) as [trace.Tensor];
    expect([...(evaluate([slope])[0] as Float64Array)]).toEqual([0, 0]);
  });

  it('go through a second differentiation', () => {
    // d²/dx² of Σ x³ on the diagonal: 6x.
    const [first] = gradients(total(trace.mul(x, trace.mul(x, x))), [x]) as [trace.Tensor];
    expect(slopeAt(total(first), [1, -2, 0.5])).toEqual([6, -12, 3]);
  });

  it('at a kink are those of PyTorch: 0 for relu at 0, equal shares for equal maxima', () => {
    expect(slopeAt(total(trace.relu(x)), [-1, 0, 2])).toEqual([0, 0, 1]);
    expect(slopeAt(trace.reshape(trace.reduceMax(x, [0], true), []), [4, 4, 1])).toEqual([0.5, 0.5, 0]);
  });

  it('need a floating-point scalar', () => {
    expect(() => gradients(x, [x])).toThrow(/gradients\(float64\[3\]\): needs a floating-point scalar/);
  });
});
