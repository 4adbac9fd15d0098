import { afterEach, describe, expect, it } from 'vitest';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { compileOnnx } from '../../../main/engine/onnx.ts';
import type { Program } from '../../../main/engine/program.ts';
import * as trace from '../../../main/engine/trace.ts';

const programs: Program[] = [];
afterEach(async () => {
  for (const program of programs.splice(0)) await program.dispose();
});

async function compile(outputs: trace.Outputs, carried: Record<string, string> = {}): Promise<Program> {
  const program = await compileOnnx(outputs, { threads: 1, carried });
  programs.push(program);
  return program;
}

describe('a program on ONNX Runtime', () => {
  const w = trace.input('w', [2], 'float32');
  const x = trace.input('x', [2], 'float32');

  it('carries its state from run to run', async () => {
    const program = await compile(
      { total: trace.reduceSum(w, [0], false), 'next:w': trace.add(w, x) },
      { w: 'next:w' },
    );
    program.setState({ w: Float32Array.of(1, 2) });
    expect((await program.run({ x: Float32Array.of(10, 0) }))['total']?.[0]).toBe(3);
    expect((await program.run({ x: Float32Array.of(10, 0) }))['total']?.[0]).toBe(13);
    expect([...((await program.state())['w'] as Float32Array)]).toEqual([21, 2]);
    await expect(Promise.resolve().then(() => program.state(['v']))).rejects.toThrow(/carries no "v"/);
  });

  it('moves state on that only changes its place, without a node for it', async () => {
    // A queue: a ← b ← x.
    const [a, b] = [trace.input('a', [2], 'float32'), trace.input('b', [2], 'float32')];
    const program = await compile(
      { sum: trace.add(a, b), 'next:a': b, 'next:b': trace.mul(x, 1) },
      { a: 'next:a', b: 'next:b' },
    );
    program.setState({ a: new Float32Array(2), b: new Float32Array(2) });
    const sums: number[] = [];
    for (const value of [1, 10, 100, 1000])
      sums.push((await program.run({ x: Float32Array.of(value, 0) }))['sum']?.[0] as number);
    expect(sums).toEqual([0, 1, 11, 110]);
    expect((await program.state(['a']))['a']?.[0]).toBe(100);
  });

  it('has the error function in float64, beyond the reach of float32, and keeps NaN', async () => {
    const z = trace.input('z', [9], 'float64');
    const program = await compile({ erf: trace.erf(z) });
    const values = Float64Array.of(-1e200, -7, -2.1, -0.46875, 1e-9, 0.3, 4.5, 1e3, Number.NaN);
    const found = (await program.run({ z: values }))['erf'] as Float64Array;
    const [expected] = evaluate([trace.erf(z)], { z: values }) as [Float64Array];
    found.forEach((value, i) => {
      if (i < 8) expect(Math.abs(value - (expected[i] as number))).toBeLessThan(1e-15);
      else expect(value).toBeNaN();
    });
    expect((found[4] as number) / 1e-9).toBeCloseTo(2 / Math.sqrt(Math.PI), 14);
  });

  it('names the traced operation and its shapes when a run fails', async () => {
    const indices = trace.input('i', [1], 'int32');
    const program = await compile({ row: trace.gather(trace.input('table', [3, 2], 'float32'), indices) });
    const run = program.run({ table: new Float32Array(6), i: Int32Array.of(9) });
    await expect(run).rejects.toThrow(/gather\(float32\[3, 2\], int32\[1\]\)/);
  });

  it('names the input that was forgotten', async () => {
    const program = await compile({ sum: trace.add(w, x) });
    await expect(program.run({ w: Float32Array.of(1, 2) })).rejects.toThrow(/No values for the input "x"/);
    expect(() => program.setState({})).not.toThrow();
  });
});
