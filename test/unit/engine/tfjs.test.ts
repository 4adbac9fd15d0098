/** How programs run on TensorFlow.js; `conformance.test.ts` has the operations. */
import { describe, expect, it } from 'vitest';
import { createRequire } from 'node:module';
import { checkStep } from '../../../main/engine/check-step.ts';
import { gradients } from '../../../main/engine/gradients.ts';
import { tfjsCompiler } from '../../../main/engine/tfjs.ts';
import { loadTfjs, restoreRemovedUtilities } from '../../../main/engine/tfjs-load.ts';
import * as trace from '../../../main/engine/trace.ts';

const carried = { weights: 'next:weights', velocity: 'next:velocity' };

/** A step of momentum on the logistic regression of four points: a product, a softmax, moments and a fed rate. */
function momentumStep(): trace.Outputs {
  const weights = trace.input('weights', [2, 2], 'float32');
  const velocity = trace.input('velocity', [2, 2], 'float32');
  const points = trace.constant([1, 2, 2, 1, -1, -2, -2, -1], [4, 2], 'float32');
  const labels = trace.constant([0, 0, 1, 1], [4], 'int32');
  const loss = trace.crossEntropy(trace.matMul(points, weights), labels);
  const [slope] = gradients(loss, [weights]) as [trace.Tensor];
  const next = trace.add(trace.mul(velocity, 0.9), slope);
  const rate = trace.input('rate', [], 'float32');
  return { loss, 'next:velocity': next, 'next:weights': trace.sub(weights, trace.mul(next, rate)) };
}

const start = () => ({ weights: Float32Array.of(0.1, -0.2, 0.3, 0), velocity: new Float32Array(4) });

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

  it.each([
    ['tfjs-cpu', 10_000],
    ['tfjs-wasm', 3000],
  ] as const)(
    'holds as many tensors after thousands of steps as after one: %s, %i steps',
    async (id, steps) => {
      const tf = await loadTfjs(id);
      const compile = await tfjsCompiler(id);
      const before = tf.memory().numTensors;
      const program = await compile(momentumStep(), { threads: 1, carried });
      program.setState(start());
      await program.run({ rate: Float32Array.of(0.1) });
      const { numTensors, numDataBuffers } = tf.memory();
      const fed = Float32Array.from({ length: 100 }, (_, i) => 0.1 / (1 + i));
      let first = Number.NaN;
      let last = Number.NaN;
      for (let done = 0; done < steps; done += 100) {
        const { loss } = await program.runSteps({ rate: fed }, 100);
        if (done === 0) first = loss?.[0] as number;
        last = loss?.[99] as number;
        expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
      }
      // It was training: the loss fell.
      expect(last).toBeLessThan(first / 2);
      // Reading state and setting it anew leaves nothing behind either.
      program.setState(await program.state());
      expect(tf.memory().numTensors).toBe(numTensors);
      await program.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('frees what a step that fails has made, and can go on', async () => {
    const tf = await loadTfjs('tfjs-cpu');
    const compile = await tfjsCompiler('tfjs-cpu');
    const program = await compile(outputs, { threads: 1, carried: { w: 'next:w' } });
    program.setState({ w: Float32Array.of(1, 0, 0) });
    const { numTensors } = tf.memory();
    await expect(program.run({})).rejects.toThrow(/No values/);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect((await program.run({ x: Float32Array.of(1, 2, 3) }))['total']?.[0]).toBe(1);
    await program.dispose();
  });

  it('refuses float64 by name', async () => {
    const compile = await tfjsCompiler('tfjs-cpu');
    const wide = trace.exp(trace.input('x', [2], 'float64'));
    await expect(compile({ wide }, { threads: 1, carried: {} })).rejects.toThrow(/no float64/);
  });
});

/** A process can load only one of the two native libraries: the first that is installed is tested. */
const native = (['tfjs-node-gpu', 'tfjs-node'] as const).find((id) => {
  try {
    createRequire(import.meta.url).resolve(`@tensorflow/${id}`);
    return true;
  } catch {
    return false;
  }
});

describe('TensorFlow itself', () => {
  const title = 'trains as the reference does, and holds no tensor back';
  it(native === undefined ? `not run: no binary (${title})` : title, async ({ skip }) => {
    if (native === undefined) return skip('no binary');
    const id = native;
    const tf = await loadTfjs(id);
    expect(await checkStep(await tfjsCompiler(id))).toBeLessThan(1e-5);
    const program = await (await tfjsCompiler(id))(momentumStep(), { threads: 1, carried });
    program.setState(start());
    const rates = new Float32Array(10_000).fill(0.01);
    await program.run({ rate: rates.slice(0, 1) });
    const { numTensors } = tf.memory();
    await program.runSteps({ rate: rates }, rates.length);
    expect(tf.memory().numTensors).toBe(numTensors);
    await program.dispose();
  });

  it('finds the utilities that Node 23 removed, and keeps those that are there', () => {
    const kept = (): string => 'kept';
    const utilities: Record<string, unknown> = { isArray: kept };
    restoreRemovedUtilities(utilities);
    const isNullOrUndefined = utilities['isNullOrUndefined'] as (value: unknown) => boolean;
    expect([null, undefined, 0, ''].map(isNullOrUndefined)).toEqual([true, true, false, false]);
    expect(utilities['isArray']).toBe(kept);
    const bare: Record<string, unknown> = {};
    restoreRemovedUtilities(bare);
    expect((bare['isArray'] as (value: unknown) => boolean)([1])).toBe(true);
  });
});
