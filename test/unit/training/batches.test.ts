import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batches } from '../../../main/training/batches.ts';
import { noiseDeviation, NoiseSource } from '../../../main/training/noise.ts';
import { Random } from '../../../shared/random.ts';

describe('the batches of an epoch', () => {
  it('hold every training example once, whatever the sizes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 80 }),
        fc.nat(1e6),
        (n, size, seed) => {
          const batches = new Batches(size, n, seed);
          for (let epoch = 0; epoch < 3; epoch++) {
            const seen = Array.from({ length: batches.perEpoch }, (_, i) => {
              const { rows, count } = batches.next(epoch * batches.perEpoch + i);
              expect(rows.length).toBe(batches.size);
              return [...rows.subarray(0, count)];
            }).flat();
            expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
          }
          expect(batches.weighted).toBe(n % Math.min(size, n) !== 0);
        },
      ),
    );
  });

  it('come in an order of their own stream: nothing but the seed and the number of examples decides it', () => {
    const rows = (size: number): number[] => {
      const batches = new Batches(size, 12, 9);
      return Array.from({ length: 24 / size }, (_, step) => [...batches.next(step).rows]).flat();
    };
    expect(rows(3)).toEqual(rows(4));
    const stream = Random.stream(9, 'batch');
    expect(rows(6)).toEqual([...stream.permutation(12), ...stream.permutation(12)]);
  });

  it('go on from a saved state, in the middle of an epoch, too', () => {
    const batches = new Batches(5, 12, 2);
    for (let step = 0; step < 4; step++) batches.next(step);
    const state = structuredClone(batches.state());
    const expected = [4, 5, 6, 7].map((step) => [...batches.next(step).rows]);
    const resumed = new Batches(5, 12, 99);
    resumed.restore(state);
    expect([4, 5, 6, 7].map((step) => [...resumed.next(step).rows])).toEqual(expected);
  });
});

describe('noise in training', () => {
  it('has the variance of Neelakantan et al. 2015, equation 1', () => {
    const spec = { kind: 'gradient', standardDeviation: 0.2, decay: 0.55 } as const;
    for (const t of [0, 1, 10, 1000])
      expect(noiseDeviation(spec, t) ** 2).toBeCloseTo(0.04 / (1 + t) ** 0.55, 12);
    expect(noiseDeviation({ kind: 'weights', standardDeviation: 0.01 }, 500)).toBe(0.01);
  });

  it('is standard normal, new for every update, and goes on from a saved state', () => {
    const source = new NoiseSource(20_000, 3);
    const [first, second] = [source.next(), source.next()];
    const mean = (values: Float64Array, power: number): number =>
      values.reduce((sum, x) => sum + x ** power, 0) / values.length;
    // Four standard errors.
    expect(Math.abs(mean(first, 1))).toBeLessThan(4 / Math.sqrt(20_000));
    expect(Math.abs(mean(first, 2) - 1)).toBeLessThan(4 * Math.sqrt(2 / 20_000));
    expect(second).not.toEqual(first);
    const state = structuredClone(source.state());
    const third = source.next();
    const resumed = new NoiseSource(20_000, 4);
    resumed.restore(state);
    expect(resumed.next()).toEqual(third);
  });
});
