import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitLaw, lawValue } from '../../../shared/law.ts';

describe('fitLaw', () => {
  it('finds an exponential law that the points lie on', () => {
    const x = [0, 10, 20, 30, 40];
    const fit = fitLaw(
      'exponential',
      x,
      x.map((at) => Math.exp(0.1 * at + 4)),
    );
    expect(fit?.slope).toBeCloseTo(0.1, 12);
    expect(fit?.intercept).toBeCloseTo(4, 12);
    expect(fit?.correlation).toBeCloseTo(1, 12);
    expect(fit?.slopeInterval?.low).toBeCloseTo(0.1, 10);
    expect(fit?.slopeInterval?.high).toBeCloseTo(0.1, 10);
  });

  it('finds a power law whatever its factor and exponent', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (exponent, factor) => {
          const x = [0.1, 1, 2, 8];
          const fit = fitLaw(
            'power',
            x,
            x.map((at) => factor * at ** exponent),
          );
          if (fit === null) throw new Error('no fit');
          expect(fit.slope).toBeCloseTo(exponent, 8);
          expect(Math.exp(fit.intercept) / factor).toBeCloseTo(1, 8);
          expect(lawValue(fit, 4) / (factor * 4 ** exponent)).toBeCloseTo(1, 8);
        },
      ),
    );
  });

  it('leaves out what has no logarithm and counts the rest', () => {
    expect(fitLaw('exponential', [0, 1, 2], [1, 0, 3])?.n).toBe(2);
    expect(fitLaw('power', [0, 1, 2, 4], [1, 1, 2, 4])).toMatchObject({ n: 3, law: 'power' });
    expect(fitLaw('power', [0, 1], [1, 1])).toBeNull();
    expect(fitLaw('exponential', [3, 3], [1, 2])).toBeNull();
  });

  /**
   * numpy 1.24: x = arange(12), y = exp(0.3 x + 1 + sin(7 x)/2); the slope by polyfit, its interval by a bootstrap over pairs, 200,000
   * resamples (numpy.random.default_rng(0)), percentiles 2.5 and 97.5.
   */
  it('gives the interval that an independent bootstrap gives', () => {
    const x = Array.from({ length: 12 }, (_, i) => i);
    const fit = fitLaw(
      'exponential',
      x,
      x.map((at) => Math.exp(0.3 * at + 1 + Math.sin(7 * at) / 2)),
    );
    expect(fit?.slope).toBeCloseTo(0.2918369746459076, 10);
    expect(fit?.slopeInterval?.low).toBeCloseTo(0.2033, 2);
    expect(fit?.slopeInterval?.high).toBeCloseTo(0.3443, 2);
  });

  it('has no interval for fewer than five points', () => {
    expect(fitLaw('exponential', [0, 1, 2, 3], [1, 2, 3, 4])?.slopeInterval).toBeNull();
  });
});
