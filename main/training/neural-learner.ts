/** Trains a neural network (MLP or transformer) on the engine: one compiled graph per update. */
import { DivergedError } from '../../shared/errors.ts';
import { Random, type RandomState } from '../../shared/random.ts';
import type { BackendRecord, MetricColumn } from '../../shared/run.ts';
import type { Arm } from '../../shared/study.ts';
import { buildDataset } from '../datasets/index.ts';
import { compileOnnx, onnxRuntimeVersion } from '../engine/onnx.ts';
import type { Compile, HostArray, HostValues, Program } from '../engine/program.ts';
import type { Network } from '../models/network.ts';
import type { CreateLearner, Learner, LearnerOptions, LearnerState } from './learner.ts';
import { neuralTask, type NeuralTask } from './neural-task.ts';
import { optimizer, type Optimizer } from './optimizers.ts';
import { batchOf, evaluationGraph, parameterCount, updateGraph } from './training-graph.ts';

const precision = 'float32';
const cpu = 'onnxruntime-cpu';

export const neuralColumns: readonly MetricColumn[] = [
  {
    name: 'trainLoss',
    label: 'train loss',
    quantity: 'loss',
    unit: 'nat',
    split: 'train',
    direction: 'lower',
  },
  { name: 'testLoss', label: 'test loss', quantity: 'loss', unit: 'nat', split: 'test', direction: 'lower' },
  {
    name: 'trainAccuracy',
    label: 'train accuracy',
    quantity: 'accuracy',
    unit: '',
    split: 'train',
    direction: 'higher',
  },
  {
    name: 'testAccuracy',
    label: 'test accuracy',
    quantity: 'accuracy',
    unit: '',
    split: 'test',
    direction: 'higher',
  },
  {
    name: 'weightNorm',
    label: 'weight norm',
    quantity: 'weight norm',
    unit: '',
    split: null,
    direction: null,
  },
];

/**
 * A learner for an arm whose model is an `mlp` or a `transformer`, from its initial weights (stream `init`).
 * @throws EngineError when ONNX Runtime refuses a graph.
 */
export const createNeuralLearner: CreateLearner = async (arm, seed, options) =>
  createNeuralLearnerOn(neuralTask(arm.model, buildDataset(arm.dataset, seed)), arm.trainer, seed, options);

/** The same on a given task. */
export async function createNeuralLearnerOn(
  task: NeuralTask,
  trainer: Arm['trainer'],
  seed: number,
  options: LearnerOptions,
  compile: Compile = compileOnnx,
): Promise<Learner> {
  const rule = optimizer(trainer);
  const { network, trainSize } = task;
  const batchSize = trainer.batchSize === 'full' ? trainSize : Math.min(trainer.batchSize, trainSize);
  const plan: BatchPlan = {
    batchSize,
    trainSize,
    perEpoch: Math.ceil(trainSize / batchSize),
    weighted: trainSize % batchSize !== 0,
  };
  const { inputs, labels } = task.train;
  const examples =
    trainer.batchSize === 'full'
      ? { inputs, labels, weights: null }
      : batchOf(inputs, labels, batchSize, plan.weighted, precision);
  const carried = Object.fromEntries(['parameters', ...rule.moments].map((name) => [name, `next:${name}`]));
  const update = await compile(updateGraph(network, rule, examples, precision), {
    threads: options.threads,
    carried,
  });
  const evaluation = await compile(evaluationGraph(network, task.all, precision), {
    threads: options.threads,
    carried: {},
  });
  const backend: BackendRecord = {
    engine: cpu,
    engineVersion: onnxRuntimeVersion(),
    device: 'cpu',
    precision,
    threads: options.threads,
    fallback:
      options.device === null || options.device === cpu
        ? null
        : `${options.device} was asked for; neural networks run on ${cpu}.`,
  };
  const batches =
    trainer.batchSize === 'full' ? null : { random: Random.stream(seed, 'batch'), order: new Int32Array(0) };
  return new NeuralLearner(
    { update, evaluation },
    rule,
    plan,
    batches,
    backend,
    initialState(network, rule, seed),
  );
}

interface BatchPlan {
  batchSize: number;
  trainSize: number;
  perEpoch: number;
  /** The last batch of an epoch is smaller: it is filled up with examples of weight 0. */
  weighted: boolean;
}

interface Batches {
  random: Random;
  /** The current epoch's permutation of the training examples; empty before the first. */
  order: Int32Array;
}

interface SavedJson {
  random: RandomState | null;
}

class NeuralLearner implements Learner {
  readonly columns = neuralColumns;
  readonly backend: BackendRecord;
  readonly effortsPerEpoch: number;
  readonly #programs: { update: Program; evaluation: Program };
  readonly #rule: Optimizer;
  readonly #plan: BatchPlan;
  #batches: Batches | null;
  #effort = 0;
  /** Parameters and moments on the host, as of the last completed `advance`. */
  #state: Record<string, HostArray>;

  constructor(
    programs: { update: Program; evaluation: Program },
    rule: Optimizer,
    plan: BatchPlan,
    batches: Batches | null,
    backend: BackendRecord,
    state: Record<string, HostArray>,
  ) {
    this.#programs = programs;
    this.#rule = rule;
    this.#plan = plan;
    this.#batches = batches;
    this.backend = backend;
    this.effortsPerEpoch = plan.perEpoch;
    this.#state = state;
    programs.update.setState(state);
  }

  get effort(): number {
    return this.#effort;
  }

  async advance(untilEffort: number, deadline: number): Promise<void> {
    do {
      const { loss } = await this.#programs.update.run(this.#feeds());
      const value = loss?.[0] as number;
      if (!Number.isFinite(value)) throw new DivergedError(this.#effort, 'the training loss', value);
      this.#effort++;
    } while (this.#effort < untilEffort && performance.now() < deadline);
    this.#state = await this.#programs.update.state();
    for (const [name, values] of Object.entries(this.#state)) {
      const bad = firstNotFinite(values);
      if (bad !== null) throw new DivergedError(this.#effort, `one of the ${name}`, bad);
    }
  }

  async evaluate(): Promise<Float64Array> {
    const parameters = this.#state['parameters'] as HostArray;
    const { losses, hits } = (await this.#programs.evaluation.run({ parameters })) as Record<
      'losses' | 'hits',
      HostArray
    >;
    const { trainSize } = this.#plan;
    return Float64Array.of(
      mean(losses, 0, trainSize),
      mean(losses, trainSize, losses.length),
      mean(hits, 0, trainSize),
      mean(hits, trainSize, hits.length),
      norm(parameters),
    );
  }

  save(): LearnerState {
    const arrays = Object.fromEntries(
      Object.entries(this.#state).map(([name, values]) => [name, values.slice()]),
    );
    if (this.#batches !== null) arrays['order'] = this.#batches.order.slice();
    const json: SavedJson = { random: this.#batches?.random.state() ?? null };
    return { effort: this.#effort, arrays, json };
  }

  restore(state: LearnerState): void {
    const restored: Record<string, HostArray> = {};
    for (const [name, current] of Object.entries(this.#state)) {
      const values = state.arrays[name];
      if (values?.length !== current.length || values.constructor !== current.constructor) {
        throw new Error(
          `The checkpoint's "${name}" does not fit this model: ${values?.length ?? 'no'} values for ${current.length}.`,
        );
      }
      restored[name] = values.slice();
    }
    if (this.#batches !== null) {
      const { random } = state.json as SavedJson;
      const order = state.arrays['order'];
      if (random === null || !(order instanceof Int32Array))
        throw new Error('The checkpoint lacks the order of the batches.');
      this.#batches = { random: Random.restore(random), order: order.slice() };
    }
    this.#state = restored;
    this.#effort = state.effort;
    this.#programs.update.setState(restored);
  }

  async dispose(): Promise<void> {
    await this.#programs.update.dispose();
    await this.#programs.evaluation.dispose();
  }

  #feeds(): HostValues {
    const scalars = this.#rule.schedule(this.#effort);
    const feeds: Record<string, HostArray> = {};
    this.#rule.scalars.forEach((name, i) => (feeds[name] = Float32Array.of(scalars[i] as number)));
    if (this.#batches === null) return feeds;
    const { batchSize, trainSize, perEpoch, weighted } = this.#plan;
    const start = (this.#effort % perEpoch) * batchSize;
    if (start === 0) this.#batches.order = this.#batches.random.permutation(trainSize);
    const rows = new Int32Array(batchSize);
    const real = this.#batches.order.subarray(start, start + batchSize);
    rows.set(real);
    feeds['rows'] = rows;
    if (weighted) feeds['weights'] = new Float32Array(batchSize).fill(1 / real.length, 0, real.length);
    return feeds;
  }
}

function initialState(network: Network, rule: Optimizer, seed: number): Record<string, HostArray> {
  const size = parameterCount(network);
  const random = Random.stream(seed, 'init');
  const parameters = new Float32Array(size);
  let position = 0;
  for (const { shape, initial } of network.parameters) {
    const end = position + shape.reduce((product, length) => product * length, 1);
    while (position < end) parameters[position++] = initial(random);
  }
  const moments = rule.moments.map((name) => [name, new Float32Array(size)] as const);
  return { parameters, ...Object.fromEntries(moments) };
}

function mean(values: HostArray, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i] as number;
  return sum / (end - start);
}

/** The Euclidean (L2) norm, summed in float64. */
function norm(values: HostArray): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
  return Math.sqrt(sum);
}

function firstNotFinite(values: HostArray): number | null {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return values[i] as number;
  return null;
}
