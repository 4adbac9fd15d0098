/** Every traced operation on three engines against the reference interpreter, forward and gradient. */
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { gradients } from '../../../main/engine/gradients.ts';
import { topological } from '../../../main/engine/graph.ts';
import { compileOnnx } from '../../../main/engine/onnx.ts';
import type { Compile } from '../../../main/engine/program.ts';
import { loadTfjs, tfjsCompiler } from '../../../main/engine/tfjs.ts';
import * as trace from '../../../main/engine/trace.ts';
import { Random } from '../../../shared/random.ts';

type Build = (a: trace.Tensor, b: trace.Tensor) => trace.Tensor;

const a = [2, 3, 4];
const indices = trace.constant([2, 0, 2, 1, 1], [5], 'int32');

/** Operations of `a` [2, 3, 4] and `b` (shape named), all entries in (0.2, 2). */
const cases: [name: string, shapeOfB: number[], build: Build][] = [
  ['neg', [1], (x) => trace.neg(x)],
  ['exp', [1], (x) => trace.exp(x)],
  ['log', [1], (x) => trace.log(x)],
  ['sqrt', [1], (x) => trace.sqrt(x)],
  ['tanh', [1], (x) => trace.tanh(x)],
  ['erf', [1], (x) => trace.erf(x)],
  ['relu', [1], (x) => trace.relu(trace.sub(x, 1))],
  ['gelu', [1], (x) => trace.gelu(trace.sub(x, 1))],
  ['step', [1], (x) => trace.mul(trace.step(trace.sub(x, 1)), x)],
  ['add, broadcast', [3, 1], trace.add],
  ['sub, broadcast', [4], trace.sub],
  ['mul, broadcast', [2, 1, 4], trace.mul],
  ['div, broadcast', [1, 3, 1], trace.div],
  ['where and less', [3, 4], (x, y) => trace.where(trace.less(x, y), trace.mul(x, 2), y)],
  ['contract, batched', [2, 4, 5], (x, y) => trace.contract('bmk,bkn->bnm', x, y)],
  ['contract, outer', [5], (x, y) => trace.contract('bmk,n->kbnm', x, y)],
  ['contract, two summed axes', [3, 4, 2], (x, y) => trace.contract('bmk,mkn->nb', x, y)],
  ['matMul', [4, 5], trace.matMul],
  ['transpose', [1], (x) => trace.transpose(x, [2, 0, 1])],
  ['reshape', [1], (x) => trace.reshape(x, [6, 4])],
  ['broadcast', [3, 1], (x, y) => trace.mul(trace.broadcast(y, [2, 3, 4]), x)],
  ['slice', [1], (x) => trace.slice(x, [0, 1, 2], [2, 2, 1])],
  ['pad', [1], (x) => trace.pad(x, [1, 0, 0], [0, 2, 1])],
  ['concat', [2, 2, 4], (x, y) => trace.concat([x, y], 1)],
  ['gather', [3, 6], (_, y) => trace.gather(y, indices)],
  ['segmentSum', [5, 2], (_, y) => trace.segmentSum(y, indices, 3)],
  ['reduceSum', [1], (x) => trace.reduceSum(x, [0, 2], false)],
  ['reduceMax', [1], (x) => trace.reduceMax(x, [1], true)],
  ['softmax', [1], (x) => trace.softmax(x)],
  ['softmax, middle axis', [1], (x) => trace.softmax(x, 1)],
  ['logSoftmax', [1], (x) => trace.logSoftmax(x)],
  ['logSoftmax, middle axis', [1], (x) => trace.logSoftmax(x, 1)],
  ['argMax', [1], (x) => trace.cast(trace.argMax(x), 'float32')],
];

function values(shape: readonly number[], seed: number): Float32Array {
  const random = Random.stream(seed, 'data');
  return Float32Array.from({ length: shape.reduce((n, size) => n * size, 1) }, () =>
    random.uniformBetween(0.2, 2),
  );
}

const engines = new Map<string, Compile>([['onnxruntime-cpu', compileOnnx]]);

beforeAll(async () => {
  engines.set('tfjs-cpu', await tfjsCompiler('tfjs-cpu'));
});

/** The operation's value, and the gradient of a weighted sum of it by both inputs. */
function withGradients(build: Build, shapeOfB: number[]) {
  const x = trace.input('a', a, 'float32');
  const y = trace.input('b', shapeOfB, 'float32');
  const value = build(x, y);
  const weights = trace.constant(values(value.shape, 3), value.shape, 'float32');
  const loss = trace.reduceSum(
    trace.mul(value, weights),
    value.shape.map((_, axis) => axis),
    false,
  );
  const [byA, byB] = gradients(loss, [x, y]) as [trace.Tensor, trace.Tensor];
  const outputs = { value, byA, byB };
  const used = topological(Object.values(outputs)).flatMap(({ operation }) =>
    operation.kind === 'input' ? [operation.name] : [],
  );
  const feeds = { a: values(a, 1), b: values(shapeOfB, 2) };
  return {
    outputs,
    feeds: Object.fromEntries(Object.entries(feeds).filter(([name]) => used.includes(name))),
  };
}

async function check(compile: Compile, build: Build, shapeOfB: number[]): Promise<void> {
  const { outputs, feeds } = withGradients(build, shapeOfB);
  const expected = evaluate(Object.values(outputs), feeds);
  const program = await compile(outputs, { threads: 1, carried: {} });
  const actual = await program.run(feeds);
  await program.dispose();
  Object.keys(outputs).forEach((name, i) => {
    const reference = expected[i] as Float64Array;
    const found = actual[name] as Float32Array;
    expect(found.length, name).toBe(reference.length);
    reference.forEach((value, k) => {
      expect(Math.abs((found[k] as number) - value), `${name}[${k}]`).toBeLessThan(
        2e-5 * Math.max(1, Math.abs(value)),
      );
    });
  });
}

describe.each(['onnxruntime-cpu', 'tfjs-cpu'])('operations and their gradients on %s', (engine) => {
  it.each(cases)('%s', async (_name, shapeOfB, build) => {
    await check(engines.get(engine) as Compile, build, shapeOfB);
  });
});

// One backend is active at a time: WebAssembly's comes after the others.
describe('operations and their gradients on tfjs-wasm', () => {
  let compile: Compile;
  beforeAll(async () => {
    compile = await tfjsCompiler('tfjs-wasm');
  });
  it.each(cases)('%s', async (_name, shapeOfB, build) => {
    await check(compile, build, shapeOfB);
  });
});

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
    expect(() => compile({ wide }, { threads: 1, carried: {} })).toThrow(/no float64/);
  });
});
