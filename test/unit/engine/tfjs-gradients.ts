/**
 * A traced value and the gradients of its weighted sum by TensorFlow.js alone, `cpu` backend: its kernels, and its own
 * automatic differentiation in the place of ours.
 */
import type * as tfjs from '@tensorflow/tfjs-core';
import { build } from 'esbuild';
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';
import { sizeOf, topological, type OperationKind, type Tensor } from '../../../main/engine/graph.ts';
import { compute, isZeros } from '../../../main/engine/tfjs.ts';
import { root } from '../scheduler/processes.ts';
import type { Feeds, TracedCase } from './operation-cases.ts';

type Tfjs = typeof tfjs;

const require = createRequire(import.meta.url);

/**
 * TensorFlow.js with its rules of differentiation, which are in modules that only a bundler reads, and its `cpu` backend.
 * In a context of its own: a process has one engine of tfjs, and the tests of the others need theirs.
 */
export async function differentiableTfjs(): Promise<Tfjs> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        export * from '@tensorflow/tfjs-core';
        import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
        import '@tensorflow/tfjs-backend-cpu';`,
      resolveDir: root,
    },
    bundle: true,
    write: false,
    platform: 'node',
    mainFields: ['module', 'main'],
    format: 'cjs',
    logLevel: 'error',
  });
  const arrays = {
    Float32Array,
    Float64Array,
    Int32Array,
    Uint8Array,
    Uint8ClampedArray,
    ArrayBuffer,
    Array,
  };
  const module = { exports: {} };
  const context: Record<string, unknown> = {
    ...arrays,
    module,
    require,
    process,
    performance,
    console,
    setTimeout,
  };
  context['global'] = context;
  runInNewContext((outputFiles[0] as { text: string }).text, context);
  const tf = module.exports as Tfjs;
  await tf.setBackend('cpu');
  return tf;
}

/** Have no derivative; tfjs refuses to differentiate through some of them. */
const flat: ReadonlySet<OperationKind> = new Set(['less', 'equal', 'argMax']);

/** `value`, and `by:…` for each of the inputs in `floats`. */
export async function tfjsGradients(
  tf: Tfjs,
  { value, loss }: TracedCase['outputs'],
  feeds: Feeds,
  floats: readonly string[],
): Promise<Record<string, ArrayLike<number>>> {
  const inputs = floats.map(
    (name) => topological([loss]).find((tensor) => nameOf(tensor) === name) as Tensor,
  );
  const run = (of: Tensor, given: readonly tfjs.Tensor[]): tfjs.Tensor => {
    const values = new Map<Tensor, tfjs.Tensor>(inputs.map((tensor, i) => [tensor, given[i] as tfjs.Tensor]));
    for (const tensor of topological([of])) {
      if (!values.has(tensor)) values.set(tensor, next(tf, tensor, feeds, values));
    }
    return values.get(of) as tfjs.Tensor;
  };
  const fed = inputs.map((tensor, i) =>
    tf.tensor(Float32Array.from(feeds[floats[i] as string] ?? []), [...tensor.shape]),
  );
  const results: Record<string, ArrayLike<number>> = { value: await run(value, fed).data() };
  // tfjs refuses to differentiate by what nothing depends on.
  const reached = floats.filter((_, i) => connected(inputs[i] as Tensor, loss));
  for (const name of floats) results[`by:${name}`] = new Float32Array(feeds[name]?.length ?? 0);
  if (reached.length === 0) return results;
  const slopes = tf.grads((...own: tfjs.Tensor[]) => {
    const given = floats.map((name, i) => own[reached.indexOf(name)] ?? (fed[i] as tfjs.Tensor));
    return run(loss, given);
  })(reached.map((name) => fed[floats.indexOf(name)] as tfjs.Tensor));
  for (const [i, name] of reached.entries()) results[`by:${name}`] = await (slopes[i] as tfjs.Tensor).data();
  return results;
}

/** Whether a kernel leads from `from` to `to`; what is empty has none. */
function connected(from: Tensor, to: Tensor): boolean {
  const leads = new Set<Tensor>(sizeOf(from.shape) === 0 ? [] : [from]);
  for (const tensor of topological([to])) {
    if (!isFlat(tensor) && !isZeros(tensor) && tensor.inputs.some((input) => leads.has(input)))
      leads.add(tensor);
  }
  return leads.has(to);
}

function isFlat({ operation, dtype }: Tensor): boolean {
  return flat.has(operation.kind) || (operation.kind === 'cast' && dtype === 'int32');
}

function nameOf({ operation }: Tensor): string | null {
  return operation.kind === 'input' ? operation.name : null;
}

function next(tf: Tfjs, tensor: Tensor, feeds: Feeds, values: ReadonlyMap<Tensor, tfjs.Tensor>): tfjs.Tensor {
  const { operation, shape, dtype } = tensor;
  if (operation.kind === 'input' || operation.kind === 'constant') {
    const data = operation.kind === 'input' ? (feeds[operation.name] ?? []) : operation.data;
    const array = dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data);
    return tf.tensor(array, [...shape]);
  }
  const inputs = tensor.inputs.map((input) => values.get(input) as tfjs.Tensor);
  const operands = isFlat(tensor)
    ? inputs.map((input) => tf.tensor(input.dataSync(), input.shape, input.dtype))
    : inputs;
  return compute(tf, tensor, operation, operands);
}
