/**
 * Many steps in one call: a step's graph as the body of an ONNX Loop. For small graphs a call costs more than its
 * arithmetic (a thread hop and a tensor per value), and the loop pays that once.
 */
import { topological, sizeOf, type OperationOf, type Outputs, type Tensor } from './graph.ts';
import type { OnnxGraph, OnnxNode, OnnxValue } from './onnx-schema.ts';

/** Name of the loop's input that says how many steps to run, int64 []. */
export const stepsInput = 'steps';

/** What the values of a step are called in the graph that runs: `next` is a state's next value. */
export interface ValueNames {
  fed: (name: string) => string;
  result: (name: string) => string;
  next: (name: string) => string;
}

const same = (name: string): string => name;
const perStep = (name: string): string => `${name} of all steps`;
const last = (name: string): string => `${name} last`;

export const stepNames: ValueNames = { fed: same, result: same, next: same };
export const loopNames: ValueNames = { fed: perStep, result: perStep, next: last };

/** Multiplications in a step from which on a call's own cost does not show. */
const MOST_WORK = 2e7;

/** Whether a step is so small that many should run in one call. Decided by the graph alone, never by the clock. */
export function isSmall(outputs: Outputs): boolean {
  let work = 0;
  for (const tensor of topological(Object.values(outputs))) {
    work += tensor.operation.kind === 'contract' ? products(tensor) : sizeOf(tensor.shape);
  }
  return work <= MOST_WORK;
}

/** Multiplications of a contraction: the product of the sizes of all its labels. */
function products(tensor: Tensor): number {
  const { a, b } = tensor.operation as OperationOf<'contract'>;
  const [left, right] = tensor.inputs as [Tensor, Tensor];
  const sizes = new Map<string, number>();
  [...a].forEach((label, axis) => sizes.set(label, left.shape[axis] as number));
  [...b].forEach((label, axis) => sizes.set(label, right.shape[axis] as number));
  return [...sizes.values()].reduce((product, size) => product * size, 1);
}

/**
 * The graph that runs `step` as often as its input `steps` says. State goes round: `carried` says which output is an
 * input's next value. Every other input gets a leading axis, one entry per step, and so does every other output.
 */
export function loopGraph(step: OnnxGraph, carried: Readonly<Record<string, string>>): OnnxGraph {
  const isState = (name: string): boolean => Object.hasOwn(carried, name);
  const state = step.inputs.filter(({ name }) => isState(name));
  const fed = step.inputs.filter(({ name }) => !isState(name));
  const moved = new Set(Object.values(carried));
  const results = step.outputs.filter(({ name }) => !moved.has(name));
  const next = state.map(({ name, ...value }) => ({ ...value, name: carried[name] as string }));
  const iteration: OnnxValue = { name: 'iteration', type: 'int64', shape: [] };
  const condition: OnnxValue = { name: 'condition', type: 'bool', shape: [] };
  const picked = fed.map(({ name }): OnnxNode => ({
    name: `pick ${name}`,
    type: 'Gather',
    inputs: [perStep(name), iteration.name],
    output: name,
    attributes: { axis: 0 },
  }));
  const goOn: OnnxNode = {
    name: 'go on',
    type: 'Identity',
    inputs: [condition.name],
    output: 'condition next',
    attributes: {},
  };
  const body: OnnxGraph = {
    nodes: [goOn, ...picked, ...step.nodes],
    inputs: [iteration, condition, ...state],
    outputs: [{ ...condition, name: goOn.output }, ...next, ...results],
    initializers: step.initializers,
  };
  const [first, ...more] = [
    ...next.map(({ name }) => last(name)),
    ...results.map(({ name }) => perStep(name)),
  ];
  const loop: OnnxNode = {
    name: 'steps',
    type: 'Loop',
    inputs: [stepsInput, '', ...state.map(({ name }) => name)],
    output: first as string,
    moreOutputs: more,
    attributes: { body: { graph: body } },
  };
  const stacked = ({ shape, ...value }: OnnxValue): OnnxValue => ({
    ...value,
    name: perStep(value.name),
    shape: [stepsInput, ...shape],
  });
  return {
    nodes: [loop],
    inputs: [{ name: stepsInput, type: 'int64', shape: [] }, ...state, ...fed.map(stacked)],
    outputs: [...next.map((value) => ({ ...value, name: last(value.name) })), ...results.map(stacked)],
    initializers: [],
  };
}
