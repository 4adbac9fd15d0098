import { describe, expect, it } from 'vitest';
import { lossParts } from '../../../main/measures/loss-decomposition.ts';

const settings = { outputScale: 1, quadratic: 1 };

describe('the parts of the test loss (Kumar et al. 2024, equation 6)', () => {
  it('vanish where the network is the target: w = ±β', () => {
    const beta = Float64Array.of(1, -2, 0.5);
    const weights = [1, -1, -2, 2, 0.5, -0.5];
    expect(lossParts(weights, beta, settings)).toEqual({ size: 0, misalignment: 0, linear: 0 });
  });

  it('are those worked out by hand for one hidden unit, w = (1, 2), and β = (2, 0)', () => {
    // M = [[1, 2], [2, 4]], ββᵀ = [[4, 0], [0, 0]], αε = 0.5: αεM − ββᵀ = [[−3.5, 1], [1, 2]].
    const parts = lossParts([1, 2], Float64Array.of(2, 0), { outputScale: 2, quadratic: 0.25 });
    expect(parts.size).toBeCloseTo(0.25 * (4 / 2 - 2.5 / 2) ** 2, 14);
    expect(parts.misalignment).toBeCloseTo((12.25 + 1 + 1 + 4) / 8, 14);
    expect(parts.linear).toBeCloseTo((4 * 5) / 2, 14);
  });
});
