/** Random compositions of traced operations, of the kinds that the rewriting rules look for. */
import { sizeOf } from '../../../main/engine/graph.ts';
import * as trace from '../../../main/engine/trace.ts';
import { Random } from '../../../shared/random.ts';
import type { Feeds } from './operation-cases.ts';

const LARGEST = 300;

export interface RandomGraph {
  /** A scalar, and the inputs it may depend on. */
  loss: trace.Tensor;
  inputs: trace.Tensor[];
  values: trace.Tensor[];
  feeds: Feeds;
}

type Step = (x: trace.Tensor, y: trace.Tensor, random: Random) => trace.Tensor | null;

const axesOf = (x: trace.Tensor): number[] => x.shape.map((_, axis) => axis);

function axisOf(x: trace.Tensor, random: Random): number | null {
  return x.shape.length === 0 ? null : random.integer(x.shape.length);
}

function shuffled(x: trace.Tensor, random: Random): number[] {
  return [...random.permutation(x.shape.length)];
}

function onAxis(build: (x: trace.Tensor, axis: number, random: Random) => trace.Tensor): Step {
  return (x, _, random) => {
    const axis = axisOf(x, random);
    return axis === null ? null : build(x, axis, random);
  };
}

/** Labels for y such that equal sizes are shared with x where chance says so. */
function randomContract(x: trace.Tensor, y: trace.Tensor, random: Random): trace.Tensor {
  const left = 'abcdef'.slice(0, x.shape.length);
  const taken = new Set<number>();
  const right = y.shape.map((size, i) => {
    const match = x.shape.findIndex((other, axis) => other === size && !taken.has(axis));
    if (match < 0 || random.uniform() < 0.4) return 'uvwxyz'[i] as string;
    taken.add(match);
    return left[match] as string;
  });
  const labels = [...new Set([...left, ...right])];
  const kept = [...random.permutation(labels.length)]
    .map((i) => labels[i] as string)
    .filter((label) => (left.includes(label) && right.includes(label) ? random.uniform() < 0.5 : true));
  return trace.contract(`${left},${right.join('')}->${kept.join('')}`, x, y);
}

const rows = (x: trace.Tensor, count: number, random: Random): trace.Tensor =>
  trace.constant(
    Int32Array.from({ length: count }, () => random.integer(x.shape[0] as number)),
    [count],
    'int32',
  );

/** `null` where the operands do not fit. */
const steps: Step[] = [
  trace.add,
  trace.sub,
  trace.mul,
  (x, y) => trace.div(x, trace.add(trace.exp(trace.tanh(y)), 1)),
  (x) => trace.tanh(x),
  (x) => trace.relu(x),
  (x) => trace.neg(x),
  (x) => trace.exp(trace.tanh(x)),
  (x) => trace.log(trace.add(trace.mul(x, x), 1)),
  (x, _, random) => trace.mul(x, [0, 1, -2, 0.5][random.integer(4)] as number),
  (x, _, random) => trace.add(x, [0, 1][random.integer(2)] as number),
  (x, y) => trace.where(trace.less(x, y), x, y),
  (x, _, random) => trace.transpose(x, shuffled(x, random)),
  (x, _, random) => trace.transpose(trace.transpose(x, shuffled(x, random)), shuffled(x, random)),
  (x) => trace.reshape(x, [sizeOf(x.shape)]),
  (x) => trace.reshape(x, [1, ...x.shape, 1]),
  (x) =>
    trace.reshape(
      x,
      x.shape.filter((size) => size !== 1),
    ),
  (x) => trace.broadcast(x, [2, ...x.shape]),
  (x) =>
    trace.broadcast(
      x,
      x.shape.map((size) => (size === 1 ? 3 : size)),
    ),
  randomContract,
  randomContract,
  randomContract,
  onAxis((x, axis) => trace.softmax(x, axis)),
  onAxis((x, axis) => trace.logSoftmax(x, axis)),
  onAxis((x, axis, random) => trace.reduceSum(x, [axis], random.uniform() < 0.5)),
  onAxis((x, axis) => trace.reduceMax(x, [axis], true)),
  onAxis((x, axis) => trace.take(x, axis, -1)),
  onAxis((x, axis, random) => {
    const start = random.integer(x.shape[axis] as number);
    const sizes = x.shape.map((size, i) => (i === axis ? size - start : size));
    return trace.slice(
      x,
      x.shape.map((_, i) => (i === axis ? start : 0)),
      sizes,
    );
  }),
  onAxis((x, axis) =>
    trace.pad(
      x,
      axesOf(x).map((i) => Number(i === axis)),
      axesOf(x).map(() => 0),
    ),
  ),
  onAxis((x, axis) => trace.concat([x, trace.tanh(x)], axis)),
  onAxis((x, _, random) => trace.gather(x, rows(x, 1 + random.integer(7), random))),
  onAxis((x, _, random) => trace.gather(x, trace.reshape(rows(x, 6, random), [2, 3]))),
  onAxis((x, _, random) => {
    const [n = 1] = x.shape;
    const owners = Int32Array.from({ length: n }, () => random.integer(3));
    return trace.segmentSum(x, trace.constant(owners, [n], 'int32'), 3);
  }),
  // The backward pass of an embedding: a gather that meets its segment sum.
  onAxis((x, _, random) => {
    const taken = rows(x, 5, random);
    return trace.segmentSum(trace.tanh(trace.gather(x, taken)), taken, x.shape[0] as number);
  }),
];

/** The graph of a seed, after `length` random steps. */
export function randomGraph(seed: number, length: number): RandomGraph {
  const random = Random.stream(seed, 'data');
  const shapes = [[3, 2], [2, 3, 2], [1, 3], [3], []];
  const feeds: Feeds = {};
  const inputs = shapes.map((shape, i) => {
    feeds[`x${i}`] = Float64Array.from({ length: sizeOf(shape) }, () => random.normal());
    return trace.input(`x${i}`, shape, 'float64');
  });
  const fixed = [
    trace.constant([0.5, -1, 2, 0.25, 3, -0.5], [3, 2], 'float64'),
    trace.constant([2, 2, 2], [3], 'float64'),
    trace.broadcast(trace.scalar(1, 'float64'), [3, 2]),
  ];
  const pool = [...inputs, ...fixed];
  while (pool.length < inputs.length + fixed.length + length) {
    const step = steps[random.integer(steps.length)] as Step;
    // Newer values are taken more often: chains get long.
    const pick = (): trace.Tensor =>
      pool[Math.max(random.integer(pool.length), random.integer(pool.length))] as trace.Tensor;
    const made = attempt(step, pick(), pick(), random);
    if (made !== null && sizeOf(made.shape) <= LARGEST && made.shape.length <= 5) pool.push(made);
  }
  const values = pool.slice(-3);
  const loss = values
    .map((value) => trace.reduceSum(trace.mul(trace.tanh(value), 0.7), axesOf(value), false))
    .reduce(trace.add);
  return { loss, inputs, values, feeds };
}

function attempt(step: Step, x: trace.Tensor, y: trace.Tensor, random: Random): trace.Tensor | null {
  try {
    return step(x, y, random);
  } catch {
    // Shapes that do not fit: another pair is drawn.
    return null;
  }
}
