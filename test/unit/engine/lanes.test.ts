import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { inLanes, LanesDifferError } from '../../../main/engine/lanes.ts';
import type { HostArray } from '../../../main/engine/program.ts';
import { simplify } from '../../../main/engine/simplify.ts';
import { add, constant, gather, input, mul, type Outputs } from '../../../main/engine/trace.ts';
import { operationCases, operationNames, relativeError, traceCase, type Feeds } from './operation-cases.ts';

/** Entry i of every array is lane i's. */
function together(all: readonly Feeds[]): Feeds {
  return Object.fromEntries(
    Object.entries(all[0] ?? {}).map(([name, values]) => {
      const parts = all.map((feeds) => [...(feeds[name] ?? [])]).flat();
      return [name, values instanceof Int32Array ? Int32Array.from(parts) : Float64Array.from(parts)];
    }),
  );
}

function expectLanes(
  graphs: readonly Outputs[],
  feeds: readonly Feeds[],
  from: (graph: Outputs) => Outputs,
): void {
  const laned = from(inLanes(graphs));
  const names = Object.keys(laned);
  const found = evaluate(Object.values(laned), together(feeds));
  const separate = graphs.map((graph, i) =>
    evaluate(
      names.map((name) => graph[name] as never),
      feeds[i] ?? {},
    ),
  );
  names.forEach((_, k) => {
    const expected = separate.flatMap((values) => [...(values[k] as HostArray)]);
    expect(relativeError(found[k] as HostArray, expected)).toBeLessThan(1e-12);
  });
}

describe('graphs in lanes', () => {
  it.each(operationNames)('%s and its gradient: each lane is what its own graph gives', (name) => {
    fc.assert(
      fc.property(operationCases[name], fc.nat(1000), (one, seed) => {
        const traced = [seed, seed + 1, seed + 2].map((own) => traceCase(one, own, 'float64'));
        const feeds = traced.map((own) => own.feeds);
        expectLanes(
          traced.map(({ outputs }) => outputs),
          feeds,
          (graph) => graph,
        );
      }),
      { numRuns: 15 },
    );
  });

  it('stay right when they are simplified', () => {
    fc.assert(
      fc.property(fc.constantFrom(...operationNames), fc.nat(1000), (name, seed) => {
        const [one] = fc.sample(operationCases[name], { seed, numRuns: 1 });
        if (one === undefined) throw new Error('no case');
        const traced = [1, 2].map((own) => traceCase(one, own, 'float64'));
        expectLanes(
          traced.map(({ outputs }) => outputs),
          traced.map((own) => own.feeds),
          simplify,
        );
      }),
      // The example has tables with rows of no values.
      { numRuns: 100, examples: [['gather', 995]] },
    );
  });

  it('read tables and indices that differ by lane', () => {
    const table = (values: number[]) => constant(values, [2, 2], 'float64');
    const graph = (values: number[]): Outputs => ({ y: gather(table(values), input('i', [3], 'int32')) });
    expectLanes(
      [graph([1, 2, 3, 4]), graph([5, 6, 7, 8])],
      [{ i: Int32Array.of(0, 1, 1) }, { i: Int32Array.of(1, 0, 0) }],
      (same) => same,
    );
  });

  it('do not copy constants that are the same in all', () => {
    const graph = (): Outputs => ({ y: mul(input('x', [2], 'float64'), constant([3, 4], [2], 'float64')) });
    const { y } = inLanes([graph(), graph()]);
    expect(y?.inputs.map(({ shape }) => shape)).toEqual([[2, 2], [2]]);
  });

  it('refuse graphs that differ in more than values, and say where', () => {
    const x = input('x', [2], 'float64');
    expect(() => inLanes([{ y: add(x, 1) }, { y: mul(x, 1) }])).toThrow(LanesDifferError);
    expect(() => inLanes([{ y: add(x, 1) }, { y: mul(x, 1) }])).toThrow(
      /one has add \[2\] where another has mul/,
    );
    expect(() => inLanes([{ y: x }, { y: input('x', [3], 'float64') }])).toThrow(/input \[2\].*input \[3\]/);
    expect(() => inLanes([{ y: x }, { z: x }])).toThrow(/one has no "y"/);
  });
});
