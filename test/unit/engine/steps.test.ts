import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../../main/engine/devices.ts';
import { isSmall } from '../../../main/engine/onnx-loop.ts';
import { add, constant, contract, input, mul, reduceSum, sub } from '../../../main/engine/trace.ts';
import type { FloatType, Outputs } from '../../../main/engine/trace.ts';

/** w ← w − rate · (w·x + push), and what it was: a state, a scalar and a vector fed per step, two results. */
function step(dtype: FloatType): Outputs {
  const w = input('w', [3], dtype);
  const rate = input('rate', [], dtype);
  const push = input('push', [3], dtype);
  const slope = add(contract('i,ij->j', w, constant([1, 2, 0, 0, 1, 3, 2, 0, 1], [3, 3], dtype)), push);
  return { 'next:w': sub(w, mul(slope, rate)), size: reduceSum(mul(w, w), [0], false), slope };
}

const steps = 7;
const rates = Array.from({ length: steps }, (_, i) => 0.1 / (i + 1));
const pushes = Array.from({ length: 3 * steps }, (_, i) => Math.sin(i));

describe.each([
  ['onnxruntime-cpu', 'float32'],
  ['onnxruntime-cpu', 'float64'],
  ['tfjs-cpu', 'float32'],
] as const)('many steps in one call on %s, %s', (device, dtype) => {
  const array = (values: number[]): Float32Array | Float64Array =>
    dtype === 'float64' ? Float64Array.from(values) : Float32Array.from(values);

  it('give the same values, bit for bit, as that many single ones', async () => {
    const { compile } = await chooseEngine({ device, precision: dtype, threads: 1 });
    const options = { threads: 1, carried: { w: 'next:w' } };
    const together = await compile(step(dtype), options);
    const single = await compile(step(dtype), options);
    const start = { w: array([1, -2, 0.5]) };
    together.setState(start);
    single.setState(start);
    const first = await together.runSteps(
      { rate: array(rates.slice(0, 4)), push: array(pushes.slice(0, 12)) },
      4,
    );
    const rest = await together.runSteps({ rate: array(rates.slice(4)), push: array(pushes.slice(12)) }, 3);
    const expected: { size: number[]; slope: number[] } = { size: [], slope: [] };
    for (let i = 0; i < steps; i++) {
      const feeds = { rate: array(rates.slice(i, i + 1)), push: array(pushes.slice(3 * i, 3 * i + 3)) };
      const result = await single.run(feeds);
      expected.size.push(...(result['size'] ?? []));
      expected.slope.push(...(result['slope'] ?? []));
    }
    expect([...(first['size'] ?? []), ...(rest['size'] ?? [])]).toEqual(expected.size);
    expect([...(first['slope'] ?? []), ...(rest['slope'] ?? [])]).toEqual(expected.slope);
    expect((await together.state())['w']).toEqual((await single.state())['w']);
    // Not a fixed point: every step moved it.
    expect(new Set(expected.size).size).toBe(steps);
    await together.dispose();
    await single.dispose();
  });
});

describe('isSmall', () => {
  it('counts the multiplications of products, not the size of their results', () => {
    const product = (n: number): Outputs => ({
      y: contract('ij,jk->ik', input('a', [n, n], 'float32'), input('b', [n, n], 'float32')),
    });
    expect(isSmall(product(100))).toBe(true);
    expect(isSmall(product(300))).toBe(false);
  });
});
