/**
 * Miller et al. 2023 (arXiv 2310.17247): concealment and the Bayesian network, as shipped, on one task, three numbers of
 * random bits and one seed.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { delayTable } from '../../shared/delay-table.ts';
import { armAtPoint } from '../../shared/sweep.ts';
import { armOf, presetStudy, trainRun } from './train.ts';

const bits = [0, 20, 40];
let gaps: number[];
let bayesian: { fitStep: number | null; delay: number | null };

beforeAll(async () => {
  const concealment = armOf(await presetStudy('miller-2023-concealment'), 'concealment');
  gaps = [];
  for (const dimensions of bits) {
    const point = { 'dataset.of.operation': 'x*y*x', 'dataset.dimensions': dimensions };
    const arm = { ...armAtPoint(concealment, point), budget: { maxEffort: 6000 } };
    gaps.push(delayTable([await trainRun(arm, 0)]).runs[0]?.delay ?? Number.NaN);
  }
  const arm = armOf(await presetStudy('miller-2023'), 'bnn-parity');
  bayesian = delayTable([await trainRun(arm, 0)]).runs[0] as typeof bayesian;
}, 180_000);

describe('concealment', () => {
  it('multiplies the gap by more than four with every 20 random bits (§2.2)', () => {
    const [none, some, many] = gaps as [number, number, number];
    expect(none).toBeGreaterThan(0);
    expect(some / none).toBeGreaterThan(4);
    expect(many / some).toBeGreaterThan(4);
  });
});

describe('the Bayesian network', () => {
  it('fits, and generalizes long after that', () => {
    expect(bayesian.fitStep).toBeLessThan(2000);
    expect(bayesian.delay).toBeGreaterThan(2 * (bayesian.fitStep as number));
  });
});
