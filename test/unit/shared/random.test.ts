import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random, type StreamName } from '../../../shared/random.ts';

const names: StreamName[] = ['split', 'data', 'init', 'batch', 'noise'];
const seed = fc.integer({ min: 0, max: 4_294_967_295 });
const name = fc.constantFrom(...names);

function draws(random: Random, n: number): number[] {
  return Array.from({ length: n }, () => random.uniform());
}

describe('Random', () => {
  it('gives the same stream for the same seed and name, another for another name or seed', () => {
    fc.assert(
      fc.property(seed, seed, name, name, (a, b, one, other) => {
        const first = draws(Random.stream(a, one), 8);
        expect(draws(Random.stream(a, one), 8)).toEqual(first);
        if (a !== b || one !== other) expect(draws(Random.stream(b, other), 8)).not.toEqual(first);
      }),
    );
  });

  it('starts streams of consecutive seeds apart: no correlation between neighbours', () => {
    const n = 4000;
    const first = Array.from({ length: n }, (_, i) => Random.stream(i, 'init').uniform() - 0.5);
    const covariance =
      first.slice(1).reduce((sum, value, i) => sum + value * (first[i] as number), 0) / (n - 1);
    // Standard deviation of the mean product of independent uniforms: (1/12)/√n; five of them.
    expect(Math.abs(covariance)).toBeLessThan((5 / 12) * n ** -0.5);
    const mean = first.reduce((sum, value) => sum + value, 0) / n;
    expect(Math.abs(mean)).toBeLessThan(5 * (12 * n) ** -0.5);
  });

  it('goes on from a saved state as if it had not been interrupted, the spare normal included', () => {
    fc.assert(
      fc.property(seed, name, fc.integer({ min: 0, max: 9 }), (s, stream, before) => {
        const random = Random.stream(s, stream);
        for (let i = 0; i < before; i++) random.normal();
        const saved = JSON.parse(JSON.stringify(random.state())) as ReturnType<Random['state']>;
        const ahead = Array.from({ length: 6 }, () => random.normal());
        const restored = Random.restore(saved);
        expect(Array.from({ length: 6 }, () => restored.normal())).toEqual(ahead);
      }),
    );
  });

  it('permutes: every index once', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 0, max: 200 }), (s, n) => {
        const order = Random.stream(s, 'split').permutation(n);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  it('permutes uniformly: all 24 orders of 4 about equally often', () => {
    const random = Random.stream(1, 'split');
    const counts = new Map<string, number>();
    const n = 24_000;
    for (let i = 0; i < n; i++) {
      const key = random.permutation(4).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // χ² with 23 degrees of freedom exceeds 58.6 with probability 5·10⁻⁵.
    const chi2 = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi2).toBeLessThan(58.6);
  });

  it('draws integers within their bound and reaches both ends', () => {
    const random = Random.stream(3, 'batch');
    const seen = new Set(Array.from({ length: 400 }, () => random.integer(7)));
    expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('draws uniforms between its bounds', () => {
    const random = Random.stream(4, 'data');
    const values = Array.from({ length: 2000 }, () => random.uniformBetween(-0.5, 0.5));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.5);
    expect(Math.max(...values)).toBeLessThan(0.5);
    expect(Math.min(...values)).toBeLessThan(-0.49);
    expect(Math.max(...values)).toBeGreaterThan(0.49);
  });

  it('draws normals with the first four moments of a standard normal', () => {
    const n = 200_000;
    const random = Random.stream(5, 'noise');
    const values = Array.from({ length: n }, () => random.normal());
    const moment = (k: number): number => values.reduce((sum, value) => sum + value ** k, 0) / n;
    // Standard errors of the sample moments: √(1/n), √(2/n), √(15/n), √(96/n); five of each.
    expect(Math.abs(moment(1))).toBeLessThan(5 * (1 / n) ** 0.5);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * (2 / n) ** 0.5);
    expect(Math.abs(moment(3))).toBeLessThan(5 * (15 / n) ** 0.5);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * (96 / n) ** 0.5);
  });
});
