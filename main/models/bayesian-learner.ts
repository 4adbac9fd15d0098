/**
 * Trains the Bayesian network of `bayesian-network.ts`: one compiled graph per update, which reads the ε of that update.
 *
 * Recorded rows: `evaluationSamples` networks are drawn from the posterior, with the same standard normals at every
 * effort, so that a curve shows the posterior move and not the draw. Losses and accuracies are those of their averaged
 * class probabilities. `dataFit` is the mean of their cross-entropies on the training examples, `complexity` is KL / n;
 * their sum is the variational free energy per example. The authors' code records running means over the batches of an
 * epoch, with a fresh draw per example, for the training split and for the validation split.
 */
import { DivergedError, LatebloomError } from '../../shared/errors.ts';
import type { BayesianNetworkSpec } from '../../shared/model-spec.ts';
import { Random, type RandomState } from '../../shared/random.ts';
import type { BackendRecord, MetricColumn } from '../../shared/run.ts';
import type { Panel } from '../../shared/snapshot.ts';
import type { TrainerSpec } from '../../shared/trainer-spec.ts';
import type { VectorDataset } from '../datasets/dataset.ts';
import { buildDataset } from '../datasets/index.ts';
import { chooseEngine, type Engine } from '../engine/devices.ts';
import { gradients } from '../engine/gradients.ts';
import type { HostArray, Program } from '../engine/program.ts';
import { simplify } from '../engine/simplify.ts';
import {
  add,
  constant,
  input,
  logSoftmax,
  mul,
  oneHot,
  reduceSum,
  type FloatType,
  type Outputs,
  type Tensor,
} from '../engine/trace.ts';
import { Batches } from '../training/batches.ts';
import type { CreateLearner, Learner, LearnerState } from '../training/learner.ts';
import { optimizer, type Optimizer } from '../training/optimizers.ts';
import { batchOf, type Examples } from '../training/training-graph.ts';
import {
  bayesianLayers,
  initialParameters,
  klDivergence,
  klOf,
  logitsOf,
  noiseInputs,
  noiseName,
  posteriors,
  sampledLogits,
  weightCount,
  type BayesianLayer,
} from './bayesian-network.ts';
import { drawWeights, PosteriorPredictive } from './posterior-predictive.ts';

const precision = 'float32';

/**
 * One update. State: `parameters` and the optimizer's moments; other inputs: the ε of every layer, the optimizer's
 * scalars and what `examples` reads. Other output: `loss`, the free energy of the batch before the update.
 */
export function bayesianUpdateGraph(
  layers: readonly BayesianLayer[],
  priorDeviation: number,
  trainSize: number,
  examples: Examples,
  rule: Optimizer,
  dtype: FloatType,
): Outputs {
  const [batch = 1] = examples.inputs.shape;
  const size = 2 * weightCount(layers);
  const parameters = input('parameters', [size], dtype);
  const posterior = posteriors(layers, parameters);
  const logits = sampledLogits(posterior, examples.inputs, noiseInputs(layers, batch, dtype));
  const classes = layers.at(-1)?.fanOut ?? 1;
  const picked = mul(oneHot(examples.targets, classes, dtype), logSoftmax(logits));
  const perExample = reduceSum(picked, [1], false);
  const error = mul(reduceSum(mul(perExample, examples.weights ?? 1 / batch), [0], false), -1);
  const loss = add(error, mul(klDivergence(posterior, priorDeviation), 1 / trainSize));
  const updated = rule.update({
    parameters,
    gradient: gradients(loss, [parameters])[0] as Tensor,
    moments: rule.moments.map((name) => input(name, [size], dtype)),
    scalars: rule.scalars.map((name) => input(name, [], dtype)),
  });
  const moments = updated.moments.map((moment, i) => [`next:${rule.moments[i]}`, moment] as const);
  return simplify({ loss, 'next:parameters': updated.parameters, ...Object.fromEntries(moments) });
}

interface Parts {
  model: BayesianNetworkSpec;
  layers: readonly BayesianLayer[];
  trainSize: number;
  batches: Batches;
  rule: Optimizer;
  backend: BackendRecord;
  update: Program;
  predictive: PosteriorPredictive;
}

interface SavedJson {
  posterior: RandomState;
  batches: RandomState;
}

class BayesianLearner implements Learner {
  readonly columns: readonly MetricColumn[] = columns;
  readonly panels: readonly Panel[];
  readonly backend: BackendRecord;
  readonly effortsPerEpoch: number;
  readonly #parts: Parts;
  #posterior: Random;
  #effort = 0;
  /** Parameters and moments on the host, as of the last completed `advance`. */
  #state: Record<string, HostArray>;

  constructor(parts: Parts, seed: number) {
    const { layers, model, rule } = parts;
    const size = 2 * weightCount(layers);
    this.#parts = parts;
    this.backend = parts.backend;
    this.effortsPerEpoch = parts.batches.perEpoch;
    this.panels = [inputPanel((layers[0]?.fanIn ?? 1) - 1)];
    this.#posterior = Random.stream(seed, 'posterior');
    this.#state = {
      parameters: initialParameters(model, layers, Random.stream(seed, 'init')),
      ...Object.fromEntries(rule.moments.map((name) => [name, new Float32Array(size)])),
    };
    parts.update.setState(this.#state);
  }

  get effort(): number {
    return this.#effort;
  }

  async advance(untilEffort: number, deadline: number): Promise<void> {
    const { update } = this.#parts;
    do {
      const { loss } = await update.run(this.#feeds());
      const value = loss?.[0] as number;
      if (!Number.isFinite(value)) throw new DivergedError(this.#effort, 'the training loss', value);
      this.#effort++;
    } while (this.#effort < untilEffort && performance.now() < deadline);
    this.#state = await update.state();
    for (const [name, values] of Object.entries(this.#state)) {
      const bad = values.find((value) => !Number.isFinite(value));
      if (bad !== undefined) throw new DivergedError(this.#effort, `one of the ${name}`, bad);
    }
  }

  #feeds(): Record<string, HostArray> {
    const { layers, batches, rule } = this.#parts;
    const feeds: Record<string, HostArray> = {};
    const scalars = rule.schedule(this.#effort);
    rule.scalars.forEach((name, i) => (feeds[name] = Float32Array.of(scalars[i] as number)));
    layers.forEach(({ fanOut }, i) => {
      const noise = new Float32Array(batches.size * fanOut);
      for (let k = 0; k < noise.length; k++) noise[k] = this.#posterior.normal();
      feeds[noiseName(i)] = noise;
    });
    const { rows, count } = batches.next(this.#effort);
    feeds['rows'] = rows;
    feeds['weights'] = new Float32Array(batches.size).fill(1 / count, 0, count);
    return feeds;
  }

  async evaluate(): Promise<Float64Array> {
    const { model, trainSize, predictive } = this.#parts;
    const parameters = this.#state['parameters'] as Float32Array;
    const { train, test, meanTrainLoss } = await predictive.assess(parameters);
    const complexity = klOf(parameters, model.priorDeviation) / trainSize;
    return Float64Array.of(
      train.loss,
      test.loss,
      train.accuracy,
      test.accuracy,
      meanTrainLoss,
      complexity,
      meanTrainLoss + complexity,
    );
  }

  async snapshot(): Promise<Record<string, Float64Array>> {
    const [first] = this.#parts.layers as [BayesianLayer];
    const parameters = this.#state['parameters'] as Float32Array;
    const values = Float64Array.from({ length: first.fanIn - 1 }, (_, i) => {
      const row = parameters.subarray(i * first.fanOut, (i + 1) * first.fanOut);
      return Math.sqrt(row.reduce((sum, mean) => sum + mean ** 2, 0) / first.fanOut);
    });
    return { 'inputs.values': values };
  }

  save(): LearnerState {
    const arrays = Object.fromEntries(
      Object.entries(this.#state).map(([name, values]) => [name, values.slice()]),
    );
    const { random, order } = this.#parts.batches.state();
    const json: SavedJson = { posterior: this.#posterior.state(), batches: random };
    return { effort: this.#effort, arrays: { ...arrays, order }, json };
  }

  restore(state: LearnerState): void {
    const restored: Record<string, HostArray> = {};
    for (const [name, current] of Object.entries(this.#state)) {
      const values = state.arrays[name];
      if (!(values instanceof Float32Array) || values.length !== current.length) {
        throw new Error(`The checkpoint holds no float32 array "${name}" of ${current.length} values.`);
      }
      restored[name] = values.slice();
    }
    const order = state.arrays['order'];
    if (!(order instanceof Int32Array)) throw new Error('The checkpoint lacks the order of the batches.');
    const { posterior, batches } = state.json as SavedJson;
    this.#posterior = Random.restore(posterior);
    this.#parts.batches.restore({ random: batches, order });
    this.#state = restored;
    this.#effort = state.effort;
    this.#parts.update.setState(restored);
  }

  async dispose(): Promise<void> {
    await this.#parts.update.dispose();
    await this.#parts.predictive.dispose();
  }
}

const loss = { quantity: 'loss', unit: 'nat', direction: 'lower' } as const;
const accuracy = { quantity: 'accuracy', unit: '', direction: 'higher' } as const;
const energy = { quantity: 'free energy', unit: 'nat', split: 'train', direction: 'lower' } as const;

const columns: readonly MetricColumn[] = [
  { name: 'trainLoss', label: 'train loss', split: 'train', ...loss },
  { name: 'testLoss', label: 'test loss', split: 'test', ...loss },
  { name: 'trainAccuracy', label: 'train accuracy', split: 'train', ...accuracy },
  { name: 'testAccuracy', label: 'test accuracy', split: 'test', ...accuracy },
  { name: 'dataFit', label: 'data fit: expected cross-entropy on the training examples', ...energy },
  { name: 'complexity', label: 'complexity: KL divergence from the prior / n', ...energy },
  { name: 'freeEnergy', label: 'variational free energy / n', ...energy },
];

function inputPanel(dimensions: number): Panel {
  return {
    name: 'inputs',
    kind: 'bars',
    title: 'Weight on every input',
    description: 'Root mean square, over the hidden units, of the posterior means of the first layer.',
    items: Array.from({ length: dimensions }, (_, i) => `input ${i + 1}`),
    yLabel: 'weight',
    reference: null,
    log: false,
  };
}

/** @throws LatebloomError when the arm is not a Bayesian network on vectors; as `chooseEngine` does. */
export const createBayesianLearner: CreateLearner = async (arm, seed, { threads, device, deviceFault }) => {
  const { model, trainer } = arm;
  const data = buildDataset(arm.dataset, seed);
  if (model.kind !== 'bayesian-network' || trainer.kind === 'direct' || data.kind !== 'vectors') {
    throw new LatebloomError('bad-input', `The arm ${arm.id} is not a Bayesian network on vectors.`);
  }
  const engine = await chooseEngine({ device, precision, threads, fault: deviceFault });
  return createBayesianLearnerOn(engine, model, trainer, data, seed);
};

/** The same on a given engine and data. */
export async function createBayesianLearnerOn(
  engine: Engine,
  model: BayesianNetworkSpec,
  trainer: TrainerSpec,
  data: VectorDataset,
  seed: number,
): Promise<Learner> {
  const { backend, compile } = engine;
  const { dimensions, classes, train } = data;
  const layers = bayesianLayers(model, dimensions, classes);
  const rule = optimizer(trainer);
  const batches = new Batches(trainer.batchSize === 'full' ? train.n : trainer.batchSize, train.n, seed);
  const inputs = constant(train.inputs, [train.n, dimensions], precision);
  const labels = constant(train.labels, [train.n], 'int32');
  const examples = batchOf(inputs, labels, batches.size, true, precision);
  const carried = Object.fromEntries(['parameters', ...rule.moments].map((name) => [name, `next:${name}`]));
  const graph = bayesianUpdateGraph(layers, model.priorDeviation, train.n, examples, rule, precision);
  const update = await compile(graph, { threads: backend.threads, carried });
  const all = new Float64Array(train.inputs.length + data.test.inputs.length);
  all.set(train.inputs);
  all.set(data.test.inputs, train.inputs.length);
  const n = train.n + data.test.n;
  const weights = input('weights', [weightCount(layers)], precision);
  const logits = logitsOf(layers, weights, constant(all, [n, dimensions], precision));
  const forward = await compile(simplify({ logits }), { threads: backend.threads, carried: {} });
  const predictive = new PosteriorPredictive(
    forward,
    [...train.labels, ...data.test.labels],
    train.n,
    classes,
    drawWeights(Random.stream(seed, 'evaluation'), model.evaluationSamples, weightCount(layers)),
  );
  return new BayesianLearner(
    { model, layers, trainSize: train.n, batches, rule, backend, update, predictive },
    seed,
  );
}
