/** How programs run on TensorFlow.js; `conformance.test.ts` has the operations. */
import { describe, expect, it } from 'vitest';
import { tfjsCompiler } from '../../../main/engine/tfjs.ts';
import { loadTfjs } from '../../../main/engine/tfjs-load.ts';
import * as trace from '../../../main/engine/trace.ts';

describe('a program on TensorFlow.js', () => {
  const w = trace.input('w', [3], 'float32');
  const x = trace.input('x', [3], 'float32');
  const outputs = { total: trace.reduceSum(trace.mul(w, x), [0], false), 'next:w': trace.add(w, x) };

  it('carries its state from run to run and frees everything else', async () => {
    const tf = await loadTfjs('tfjs-cpu');
    const compile = await tfjsCompiler('tfjs-cpu');
    const before = tf.memory().numTensors;
    const program = await compile(outputs, { threads: 1, carried: { w: 'next:w' } });
    program.setState({ w: Float32Array.of(1, 0, 0) });
    const step = () => program.run({ x: Float32Array.of(1, 2, 3) });
    expect((await step())['total']?.[0]).toBe(1);
    expect((await step())['total']?.[0]).toBe(2 + 4 + 9);
    const held = tf.memory().numTensors;
    for (let i = 0; i < 100; i++) await step();
    expect(tf.memory().numTensors).toBe(held);
    expect([...((await program.state())['w'] as Float32Array)]).toEqual([103, 204, 306]);
    await program.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses float64 by name', async () => {
    const compile = await tfjsCompiler('tfjs-cpu');
    const wide = trace.exp(trace.input('x', [2], 'float64'));
    await expect(compile({ wide }, { threads: 1, carried: {} })).rejects.toThrow(/no float64/);
  });
});
