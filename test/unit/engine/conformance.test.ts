/**
 * Every traced operation, its value and its gradient, over random shapes, against two sources that know nothing of our
 * rules: central differences in float64, and TensorFlow.js with its own automatic differentiation. Then every engine that
 * runs anywhere, value and gradient, against the reference interpreter. Ends with the table of the largest errors.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { compileOnnx } from '../../../main/engine/onnx.ts';
import type { Compile, HostArray } from '../../../main/engine/program.ts';
import { tfjsCompiler } from '../../../main/engine/tfjs.ts';
import type { FloatType, Tensor } from '../../../main/engine/trace.ts';
import { differenceQuotients } from './finite-differences.ts';
import { differentiableTfjs, tfjsGradients } from './tfjs-gradients.ts';
import {
  hostFeeds,
  largeCases,
  operationCases,
  operationNames,
  relativeError,
  traceCase,
  type OperationCase,
  type TracedCase,
} from './operation-cases.ts';

interface Source {
  title: string;
  dtype: FloatType;
  tolerance: (operation: string) => number;
  runs: number;
  /** The largest relative error of the case, of its value and its gradients. */
  error: (traced: TracedCase) => Promise<number>;
}

/** Rounding errors of single precision grow in sums; those of difference quotients are about 1e-11. */
const single = 2e-6;
const double = 1e-12;
/** tfjs-cpu takes erf from Abramowitz & Stegun 7.1.26: within 1.5e-7 of it, also where erf itself is small. */
const coarse: Record<string, number> = { erf: 2e-4, gelu: 2e-4 };

const compilers = new Map<string, Compile>();
beforeAll(async () => {
  compilers.set('onnxruntime-cpu', compileOnnx);
  compilers.set('tfjs-cpu', await tfjsCompiler('tfjs-cpu'));
  compilers.set('tfjs-wasm', await tfjsCompiler('tfjs-wasm'));
});

const onEngine = (id: string, dtype: FloatType): Source => ({
  title: dtype === 'float64' ? `${id}, float64` : id,
  dtype,
  tolerance: (operation) =>
    dtype === 'float64' ? double : id === 'tfjs-cpu' ? (coarse[operation] ?? single) : single,
  runs: 8,
  error: async ({ outputs: all, feeds: exact }) => {
    const feeds = dtype === 'float64' ? exact : rounded(exact);
    // The loss may be a small difference of large terms: no measure of an operation.
    const outputs = Object.fromEntries(Object.entries(all).filter(([name]) => name !== 'loss'));
    const compile = compilers.get(id) as Compile;
    const program = await compile(outputs, { threads: 1, carried: {} });
    try {
      const found = await program.run(hostFeeds(feeds, dtype));
      const expected = evaluate(Object.values(outputs), feeds);
      const errors = Object.keys(outputs).map((name, i) =>
        relativeError(found[name] as HostArray, expected[i] as HostArray),
      );
      return Math.max(...errors);
    } finally {
      await program.dispose();
    }
  },
});

const differentiable = differentiableTfjs();

/** As float32 holds them: rounding on the way in is no error of an operation. */
function rounded(feeds: TracedCase['feeds']): TracedCase['feeds'] {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, values]) => [
      name,
      values instanceof Float64Array ? values.map(Math.fround) : values,
    ]),
  );
}

const sources: Source[] = [
  {
    title: 'central differences',
    dtype: 'float64',
    tolerance: () => 1e-9,
    runs: 25,
    error: ({ outputs, feeds, floats }) => {
      const errors = floats.map((name) => {
        const [slope] = evaluate([outputs[`by:${name}`] as never], feeds);
        return relativeError(slope as HostArray, differenceQuotients(outputs.loss, feeds, name));
      });
      return Promise.resolve(Math.max(0, ...errors));
    },
  },
  {
    title: "tfjs-cpu's own gradients",
    dtype: 'float32',
    tolerance: (operation) => coarse[operation] ?? single,
    runs: 25,
    error: async ({ outputs, feeds: exact, floats }) => {
      const feeds = rounded(exact);
      const found = await tfjsGradients(await differentiable, outputs, feeds, floats);
      const names = ['value', ...floats.map((name) => `by:${name}`)];
      const ours = evaluate(
        names.map((name) => outputs[name] as Tensor),
        feeds,
      );
      const errors = names.map((name, i) =>
        relativeError(found[name] as ArrayLike<number>, ours[i] as HostArray),
      );
      return Math.max(...errors);
    },
  },
  onEngine('tfjs-cpu', 'float32'),
  onEngine('tfjs-wasm', 'float32'),
  onEngine('onnxruntime-cpu', 'float32'),
  onEngine('onnxruntime-cpu', 'float64'),
];

const table = new Map<string, Map<Source, number>>();

/** Fails above the tolerance, and notes the error for the table. */
async function check(source: Source, name: string, operation: OperationCase, seed: number): Promise<void> {
  const error = await source.error(traceCase(operation, seed, source.dtype));
  const row = table.get(name) ?? new Map<Source, number>();
  table.set(name, row.set(source, Math.max(row.get(source) ?? 0, error)));
  expect(error).toBeLessThan(source.tolerance(name));
}

describe.each(sources)('$title', (source) => {
  it.each(operationNames)('%s', async (name) => {
    const property = fc.asyncProperty(operationCases[name], fc.nat(1e6), (operation, seed) =>
      check(source, name, operation, seed),
    );
    await fc.assert(property, { seed: 1, numRuns: source.runs });
  });
});

describe.each(sources.slice(1))('$title, larger', (source) => {
  it.each(Object.entries(largeCases))('%s', async (name, operation) => {
    await check(source, name, operation, 1);
  });
});

afterAll(() => {
  const titles = ['operation', ...sources.map(({ title }) => title)];
  const rows = [...table].map(([name, errors]) => [
    name,
    ...sources.map((source) => errors.get(source)?.toExponential(1) ?? ''),
  ]);
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: string[]): string =>
    cells.map((cell, i) => cell.padEnd(widths[i] as number)).join('  ');
  const head = 'Largest relative error of values and gradients (of gradients alone for central differences)';
  process.stdout.write(`\n${[head, line(titles), ...rows.map(line)].join('\n')}\n`);
});
