import { describe, expect, it } from 'vitest';
import { benchJob } from '../../../main/bench/jobs.ts';
import { profileJob, summarize, type NodeEvent } from '../../../main/bench/profile.ts';
import { slopeOf, soakJob } from '../../../main/bench/soak.ts';
import { profileText, soakText } from '../../../main/cli/bench-reports.ts';

const event = (name: string, kind: string, dur: number, left: number[], out: number[]): NodeEvent => ({
  cat: 'Node',
  name: `${name}_kernel_time`,
  dur,
  args: {
    op_name: kind,
    input_type_shape: [{ float: left }, { float: [1] }],
    output_type_shape: [{ float: out }],
  },
});

describe('the profile', () => {
  it('takes the median of every node and counts the arithmetic of products', () => {
    const { kinds, productGigaflop, productMicroseconds } = summarize([
      // [3, 5] by [5, 7], the left operand transposed: 2 · 3 · 5 · 7 each.
      event('a', 'Gemm', 10, [5, 3], [3, 7]),
      event('a', 'Gemm', 14, [5, 3], [3, 7]),
      event('a', 'Gemm', 900, [5, 3], [3, 7]),
      // Two of [3, 4] by [4, 6].
      event('b', 'MatMul', 6, [2, 3, 4], [2, 3, 6]),
      event('c', 'Add', 3, [3], [3]),
      event('d', 'Add', 4, [3], [3]),
      event('e', 'Loop', 5000, [3], [3]),
      { cat: 'Session', name: 'model_run', dur: 7 },
    ]);
    expect(kinds).toEqual([
      { kind: 'Gemm', nodes: 1, microseconds: 14 },
      { kind: 'Add', nodes: 2, microseconds: 7 },
      { kind: 'MatMul', nodes: 1, microseconds: 6 },
    ]);
    expect(productGigaflop * 1e9).toBeCloseTo(2 * 3 * 5 * 7 + 2 * 2 * 3 * 4 * 6, 6);
    expect(productMicroseconds).toBe(20);
  });

  it('of a job is that of a step', async () => {
    const profile = await profileJob(await benchJob('K'), 0.1);
    // The forward product alone: 550 examples in 100 dimensions, 500 units.
    const forward = 2 * 550 * 100 * 500;
    expect(profile.productGigaflop * 1e9).toBeGreaterThan(forward);
    expect(profile.productGigaflop * 1e9).toBeLessThan(4 * forward);
    expect(profile.precision).toBe('float32');
    const text = profileText(profile);
    expect(text).toMatch(/^(Fused)?(Gemm|MatMul) +\d/m);
    expect(text).toMatch(/% of this machine's best of \d+;/);
  });
});

describe('the soak', () => {
  it('samples memory along the steps', async () => {
    const seen: number[] = [];
    const result = await soakJob(await benchJob('T'), 60, 6, ({ step }) => seen.push(step));
    expect(seen).toEqual([10, 20, 30, 40, 50, 60]);
    expect(result.samples.map(({ step }) => step)).toEqual(seen);
    expect(result.samples.every(({ mebibytes }) => mebibytes > 10)).toBe(true);
    expect(soakText(result)).toMatch(/60 steps in .* every 10 steps: \d+( \d+){5}\nSlope/);
  });

  it('says how fast memory grows', () => {
    const line = [1000, 2000, 5000].map((step) => ({ step, mebibytes: 100 + 0.002 * step }));
    expect(slopeOf(line)).toBeCloseTo(0.002, 12);
    expect(slopeOf(line.slice(0, 1))).toBe(0);
  });
});
