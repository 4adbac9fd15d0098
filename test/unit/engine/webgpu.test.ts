/**
 * ONNX Runtime's WebGPU provider: every operation against the reference interpreter, and training against the CPU.
 * Where there is no graphics processor, on SwiftShader (`test/setup/software-vulkan.mjs`); shapes are tiny.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../main/engine/devices.ts';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { onnxCompiler } from '../../../main/engine/onnx.ts';
import { bringUp } from '../../../main/engine/onnx-session.ts';
import type { HostArray, Program } from '../../../main/engine/program.ts';
import * as trace from '../../../main/engine/trace.ts';
import { transformer } from '../../../main/models/transformer.ts';
import { createNeuralLearnerOn } from '../../../main/training/neural-learner.ts';
import type { NeuralTask } from '../../../main/training/neural-task.ts';
import { toErrorReport } from '../../../shared/errors.ts';
import type { TransformerSpec } from '../../../shared/model-spec.ts';
import type { TrainerSpec } from '../../../shared/trainer-spec.ts';
import { taskFor, trainers } from '../training/small-task.ts';
import { adamw, curve, engineOn, taskOf } from '../training/support.ts';
import { hostFeeds, operationCases, operationNames, relativeError, traceCase } from './operation-cases.ts';

const compile = onnxCompiler('webgpu');

/** Why there is nothing to test on; null where there is. Any other failure is one of ours. */
async function missingAdapter(): Promise<string | null> {
  try {
    await bringUp('webgpu');
    return null;
  } catch (error) {
    const { message } = toErrorReport(error);
    if (/no WebGPU adapter|has WebGPU on/.test(message)) return message;
    throw error;
  }
}

const missing = await missingAdapter();
if (missing !== null) {
  it('not run: no WebGPU adapter', ({ skip }) => {
    skip(missing);
  });
}

/** The last session to close takes the device with it: one that stays spares every test to bring it up again. */
let open: Program | null = null;
beforeAll(async () => {
  if (missing !== null) return;
  open = await compile({ y: trace.neg(trace.input('x', [1], 'float32')) }, { threads: 1, carried: {} });
});
afterAll(() => open?.dispose());

/** Products and sums of float32 in another order; SwiftShader's exp and tanh are within a few roundings. */
const tolerance = 5e-6;

describe.skipIf(missing !== null)(
  'an operation on WebGPU, with its gradient, is that of the reference',
  () => {
    it.each(operationNames)('%s', async (name) => {
      const property = fc.asyncProperty(operationCases[name], fc.nat(1e6), async (operation, seed) => {
        const { outputs: all, feeds } = traceCase(operation, seed, 'float32');
        const outputs = Object.fromEntries(Object.entries(all).filter(([output]) => output !== 'loss'));
        const program = await compile(outputs, { threads: 1, carried: {} });
        try {
          const found = await program.run(hostFeeds(feeds, 'float32'));
          const expected = evaluate(Object.values(outputs), feeds);
          Object.keys(outputs).forEach((output, i) => {
            expect(relativeError(found[output] as HostArray, expected[i] as HostArray)).toBeLessThan(
              tolerance,
            );
          });
        } finally {
          await program.dispose();
        }
      });
      await fc.assert(property, { seed: 2, numRuns: 4 });
    });
  },
);

function largestDifference(a: number[][], b: number[][]): number {
  const differences = a.flatMap((row, i) => row.map((value, k) => Math.abs(value - (b[i]?.[k] as number))));
  return Math.max(...differences);
}

describe.skipIf(missing !== null)('a program on WebGPU', () => {
  const w = trace.input('w', [3], 'float32');
  const x = trace.input('x', [3], 'float32');

  it('carries its state on the device from run to run, and reads back what is asked for', async () => {
    const outputs = {
      total: trace.reduceSum(trace.mul(w, x), [0], false),
      'next:w': trace.add(w, x),
      'next:v': trace.mul(trace.input('v', [3], 'float32'), 2),
    };
    const program = await compile(outputs, { threads: 1, carried: { w: 'next:w', v: 'next:v' } });
    program.setState({ w: Float32Array.of(1, 0, 0), v: Float32Array.of(1, 2, 3) });
    const feeds = { x: Float32Array.of(1, 2, 3) };
    expect((await program.run(feeds))['total']?.[0]).toBe(1);
    expect((await program.run(feeds))['total']?.[0]).toBe(2 + 4 + 9);
    const fourSteps = { x: Float32Array.from({ length: 12 }, (_, i) => (i % 3) + 1) };
    const together = (await program.runSteps(fourSteps, 4))['total'];
    expect([...(together ?? [])]).toEqual([29, 43, 57, 71]);
    expect(await program.state(['w'])).toEqual({ w: Float32Array.of(7, 12, 18) });
    expect((await program.state())['v']).toEqual(Float32Array.of(64, 128, 192));
    program.setState({ w: new Float32Array(3), v: Float32Array.of(1, 1, 1) });
    expect((await program.run(feeds))['total']?.[0]).toBe(0);
    expect(await program.state()).toEqual({ w: Float32Array.of(1, 2, 3), v: Float32Array.of(2, 2, 2) });
    await program.dispose();
  });

  it('moves state on that only changes its place, and frees each value once', async () => {
    // A queue: a ← b ← x.
    const [a, b] = [trace.input('a', [3], 'float32'), trace.input('b', [3], 'float32')];
    const outputs = { sum: trace.add(a, b), 'next:a': b, 'next:b': trace.mul(x, 1) };
    const program = await compile(outputs, { threads: 1, carried: { a: 'next:a', b: 'next:b' } });
    program.setState({ a: new Float32Array(3), b: new Float32Array(3) });
    const sums: (number | undefined)[] = [];
    for (const value of [1, 10, 100, 1000])
      sums.push((await program.run({ x: Float32Array.of(value, 0, 0) }))['sum']?.[0]);
    expect(sums).toEqual([0, 1, 11, 110]);
    expect((await program.state(['a']))['a']?.[0]).toBe(100);
    await program.dispose();
  });

  it('refuses float64 in words, with the line of the model', async () => {
    const model = (): trace.Tensor => trace.exp(trace.input('wide', [2], 'float64'));
    await expect(compile({ y: model() }, { threads: 1, carried: {} })).rejects.toMatchObject({
      code: 'device-unavailable',
      message: expect.stringMatching(
        /WebGPU computes in float32 here: it has no float64 for input\(\)/,
      ) as string,
    });
    const narrow = trace.input('narrow', [2], 'float32');
    await expect(compile({ y: trace.cast(narrow, 'float64') }, { threads: 1, carried: {} })).rejects.toThrow(
      /cast\(float32\[2\]\) \(at .*webgpu\.test\.ts:\d+:\d+\)/,
    );
  });

  it('names the operation that the device lacks, its shapes and the line of the model', async () => {
    // ONNX Runtime's WebGPU has no equality of bools.
    const less = trace.less(w, x);
    const model = (): trace.Tensor => trace.where(trace.equal(less, less), w, x);
    await expect(compile({ y: model() }, { threads: 1, carried: {} })).rejects.toMatchObject({
      code: 'device-unavailable',
      message: expect.stringMatching(
        /^WebGPU in ONNX Runtime has no equal\(bool\[3\], bool\[3\]\) \(at .*webgpu\.test\.ts:\d+:\d+\)\.$/,
      ) as string,
    });
  });
});

describe.skipIf(missing !== null)('a run on WebGPU is that on the CPU', () => {
  const rowsOn = async (
    device: string | null,
    task: (engine: Engine) => NeuralTask,
    trainer: TrainerSpec,
  ) => {
    const engine = await engineOn(device);
    expect(engine.backend).toMatchObject({ engine: device ?? 'onnxruntime-cpu', fallback: null });
    const learner = await createNeuralLearnerOn(engine, task(engine), trainer, 3);
    try {
      return { engine, rows: await curve(learner, [0, 1, 2, 5, 10, 20]) };
    } finally {
      await learner.dispose();
    }
  };

  it.each(['AdamW on the full batch', 'Grokfast-MA', 'noise on the weights', 'mean squared error'])(
    'of an MLP: %s',
    async (name) => {
      const trainer = trainers[name] as TrainerSpec;
      const found = await rowsOn('onnxruntime-webgpu', taskFor, trainer);
      expect(found.engine.backend.device).toMatch(/^webgpu/);
      const { rows } = await rowsOn(null, taskFor, trainer);
      expect(largestDifference(found.rows, rows)).toBeLessThan(1e-3);
    },
  );

  it('of a transformer of two heads on a + b mod 5, with a step of AdamW that tells gradients apart', async () => {
    const spec: TransformerSpec = {
      kind: 'transformer',
      layers: 1,
      dModel: 8,
      heads: 2,
      dMlp: 12,
      activation: 'relu',
    };
    const pairs = Array.from({ length: 25 }, (_, i) => [i % 5, Math.floor(i / 5), 5]);
    const part = (from: number, to: number) => ({
      inputs: pairs.slice(from, to).flat(),
      labels: pairs.slice(from, to).map(([a = 0, b = 0]) => (a + b) % 5),
    });
    const task = () => taskOf(transformer(spec, 6, 3), part(0, 15), part(15, 25), 'int32');
    const trainer = { ...adamw, epsilon: 1e-4 };
    const found = await rowsOn('onnxruntime-webgpu', task, trainer);
    const { rows } = await rowsOn(null, task, trainer);
    expect(largestDifference(found.rows, rows)).toBeLessThan(1e-3);
    // It learns: the loss is below that of the start.
    expect(found.rows.at(-1)?.[0]).toBeLessThan((found.rows[0]?.[0] as number) - 0.1);
  });
});
