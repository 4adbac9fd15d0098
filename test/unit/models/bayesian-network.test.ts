import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VectorDataset } from '../../../main/datasets/dataset.ts';
import { chooseEngine, type Engine } from '../../../main/engine/devices.ts';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { gradients } from '../../../main/engine/gradients.ts';
import type { Program } from '../../../main/engine/program.ts';
import { constant, input, type Tensor } from '../../../main/engine/trace.ts';
import {
  bayesianUpdateGraph,
  createBayesianLearner,
  createBayesianLearnerOn,
} from '../../../main/models/bayesian-learner.ts';
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
} from '../../../main/models/bayesian-network.ts';
import { PosteriorPredictive } from '../../../main/models/posterior-predictive.ts';
import type { Learner } from '../../../main/training/learner.ts';
import { optimizer } from '../../../main/training/optimizers.ts';
import type { BayesianNetworkSpec } from '../../../shared/model-spec.ts';
import { Random } from '../../../shared/random.ts';
import type { Arm } from '../../../shared/study.ts';
import type { SgdSpec } from '../../../shared/trainer-spec.ts';
import { differenceQuotients } from '../engine/finite-differences.ts';
// From torch.distributions, autograd and torch.optim.SGD in float64: golden/bayesian_network.py.
import golden from './golden/bayesian_network.json';

const model: BayesianNetworkSpec = {
  kind: 'bayesian-network',
  hidden: [5, 3],
  priorDeviation: golden.priorDeviation,
  initialMeanDeviation: 0.1,
  initialDeviation: 0.01,
  evaluationSamples: 4,
};
const sgd: SgdSpec = { kind: 'sgd', learningRate: 0.1, weightDecay: 0, momentum: 0, batchSize: 32 };
const layers = bayesianLayers(model, 3, 2);
const n = golden.labels.length;
const feeds: Record<string, Float64Array> = {
  parameters: Float64Array.from(golden.parameters),
  ...Object.fromEntries(golden.noise.map((values, i) => [noiseName(i), Float64Array.from(values)])),
};
const inputs = constant(golden.inputs, [n, 3], 'float64');
const labels = constant(golden.labels, [n], 'int32');
const flat = input('parameters', [golden.parameters.length], 'float64');

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(Math.abs((actual[i] as number) - value)).toBeLessThan(tolerance));
}

describe('the Bayesian network against torch', () => {
  const values = (tensor: Tensor): ArrayLike<number> => evaluate([tensor], feeds)[0] as ArrayLike<number>;

  test('logits by local reparameterization', () => {
    const logits = sampledLogits(posteriors(layers, flat), inputs, noiseInputs(layers, n, 'float64'));
    expectClose(values(logits), golden.logits, 1e-12);
  });

  test('KL from the prior, as a graph and on the host', () => {
    const graph = values(klDivergence(posteriors(layers, flat), golden.priorDeviation));
    expectClose(graph, [golden.kl], 1e-10);
    expect(klOf(golden.parameters, golden.priorDeviation)).toBeCloseTo(golden.kl, 10);
    expect(klOf([0, 0, Math.log(2), Math.log(2)], 2)).toBeCloseTo(0, 12);
  });

  test('free energy, its gradient and one update of SGD', () => {
    const rule = optimizer({ ...sgd, learningRate: golden.learningRate });
    const examples = { inputs, targets: labels, weights: null };
    const graph = bayesianUpdateGraph(
      layers,
      golden.priorDeviation,
      golden.trainSize,
      examples,
      rule,
      'float64',
    );
    const at = { ...feeds, learningRate: Float64Array.of(golden.learningRate) };
    const [loss, updated] = evaluate([graph['loss'] as Tensor, graph['next:parameters'] as Tensor], at);
    expectClose(loss as Float64Array, [golden.loss], 1e-10);
    expectClose(updated as Float64Array, golden.updated, 1e-12);
    const { parameters } = feeds as { parameters: Float64Array };
    const gradient = parameters.map(
      (value, i) => (value - ((updated as Float64Array)[i] as number)) / golden.learningRate,
    );
    expectClose(gradient, golden.gradient, 1e-10);
  });

  test('the gradient is that of the values, by differences', () => {
    const graph = bayesianUpdateGraph(
      layers,
      1,
      20,
      { inputs, targets: labels, weights: null },
      optimizer(sgd),
      'float64',
    );
    const loss = graph['loss'] as Tensor;
    const own = evaluate([gradients(loss, [flatOf(loss)])[0] as Tensor], feeds)[0] as Float64Array;
    expectClose(own, [...differenceQuotients(loss, feeds, 'parameters')], 1e-7);
  });

  test('posterior-predictive losses and accuracies of given samples', async () => {
    const weights = input('weights', [weightCount(layers)], 'float64');
    const logits = logitsOf(layers, weights, inputs);
    const forward = {
      run: async (fed: Record<string, ArrayLike<number>>) => ({ logits: evaluate([logits], fed)[0] }),
    } as unknown as Program;
    const { normals, trainSize, ...expected } = golden.predictive;
    const drawn = normals.map((row) => Float32Array.from(row));
    const predictive = new PosteriorPredictive(forward, golden.labels, trainSize, 2, drawn);
    const found = await predictive.assess(Float32Array.from(golden.parameters));
    // Samples and parameters are float32 here.
    expect(found.train.loss).toBeCloseTo(expected.trainLoss, 5);
    expect(found.test.loss).toBeCloseTo(expected.testLoss, 5);
    expect(found.meanTrainLoss).toBeCloseTo(expected.meanTrainLoss, 5);
    expect([found.train.accuracy, found.test.accuracy]).toEqual([
      expected.trainAccuracy,
      expected.testAccuracy,
    ]);
  });

  test('a probability that underflows has a finite loss', async () => {
    const forward = { run: async () => ({ logits: Float32Array.of(0, 2000, 2000, 0) }) };
    const predictive = new PosteriorPredictive(forward as unknown as Program, [0, 0], 1, 2, [
      new Float32Array(1),
      new Float32Array(1),
    ]);
    const { train, test: held } = await predictive.assess(new Float32Array(2));
    expect([train.loss, train.accuracy, held.loss, held.accuracy]).toEqual([2000, 0, 0, 1]);
  });
});

/** The input `parameters` that a simplified graph reads. */
function flatOf(root: Tensor): Tensor {
  const seen = new Set<Tensor>();
  const stack = [root];
  for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    if (tensor.operation.kind === 'input' && tensor.operation.name === 'parameters') return tensor;
    stack.push(...tensor.inputs);
  }
  throw new Error('The graph reads no parameters.');
}

describe('the initial posterior', () => {
  test('has means of the given deviation, and the given deviation everywhere', () => {
    const wide = { ...model, hidden: [200], initialMeanDeviation: 0.5 };
    const shape = bayesianLayers(wide, 30, 2);
    expect(shape).toEqual([
      { fanIn: 31, fanOut: 200 },
      { fanIn: 201, fanOut: 2 },
    ]);
    const parameters = initialParameters(wide, shape, Random.stream(1, 'init'));
    const count = weightCount(shape);
    expect(parameters).toHaveLength(2 * count);
    const means = parameters.subarray(0, count);
    const variance = means.reduce((sum, mean) => sum + mean ** 2, 0) / count;
    expect(Math.sqrt(variance)).toBeCloseTo(0.5, 1);
    expect(new Set(parameters.subarray(count))).toEqual(new Set([Math.fround(Math.log(0.01))]));
  });
});

const arm: Arm = {
  id: 'bnn',
  title: 'BNN',
  dataset: {
    kind: 'hidden-parity',
    parityBits: 2,
    decoys: 3,
    decoyKind: 'bits',
    trainSize: 70,
    testSize: 40,
  },
  model: { ...model, hidden: [16], priorDeviation: 1 },
  trainer: sgd,
  budget: { maxEffort: 100 },
  thresholds: { metric: 'accuracy', train: 0.95, test: 0.95, sustain: 1 },
  record: { every: 10, perDecade: 10 },
  seeds: [0],
};

describe('training', () => {
  const opened: Learner[] = [];
  const create = async (changes: Partial<Arm> = {}, seed = 0): Promise<Learner> => {
    const learner = await createBayesianLearner({ ...arm, ...changes }, seed, { threads: 1, device: null });
    opened.push(learner);
    return learner;
  };
  afterAll(async () => {
    for (const learner of opened) await learner.dispose();
  });
  const rowOf = async (learner: Learner): Promise<Record<string, number>> => {
    const values = await learner.evaluate();
    expect(values).toHaveLength(learner.columns.length);
    return Object.fromEntries(learner.columns.map(({ name }, i) => [name, values[i] as number]));
  };

  test.each([
    ['SGD with minibatches', sgd],
    ['Adam on the full batch', { ...adamOf(), batchSize: 'full' as const }],
  ])('a restored learner goes on bit for bit: %s', async (_name, trainer) => {
    const straight = await create({ trainer });
    await straight.advance(23, Infinity);
    const first = await create({ trainer });
    await first.advance(11, Infinity);
    await first.evaluate();
    const state = structuredClone(first.save());
    await first.advance(15, Infinity);
    const second = await create({ trainer });
    second.restore(state);
    await second.advance(23, Infinity);
    expect(second.save()).toEqual(straight.save());
    expect(await second.evaluate()).toEqual(await straight.evaluate());
    expect(await second.snapshot?.(true)).toEqual(await straight.snapshot?.(true));
  });

  test('an evaluation does not change the run, and repeats itself', async () => {
    const [watched, unwatched] = [await create(), await create()];
    await watched.advance(5, Infinity);
    const row = await watched.evaluate();
    expect(await watched.evaluate()).toEqual(row);
    await watched.advance(10, Infinity);
    await unwatched.advance(10, Infinity);
    expect(watched.save()).toEqual(unwatched.save());
  });

  test('free energy is data fit and complexity, and falls', async () => {
    const learner = await create();
    const before = await rowOf(learner);
    await learner.advance(300, Infinity);
    const after = await rowOf(learner);
    for (const row of [before, after]) {
      expect(row['freeEnergy']).toBeCloseTo((row['dataFit'] as number) + (row['complexity'] as number), 10);
    }
    expect(after['freeEnergy']).toBeLessThan(before['freeEnergy'] as number);
    expect(after['complexity']).toBeLessThan(before['complexity'] as number);
    // σ starts at 0.01, far from the prior's 1: the divergence per weight is about ln 100 − ½.
    const weights = 6 * 16 + 17 * 2;
    expect(before['complexity']).toBeCloseTo((weights * (Math.log(100) - 0.5 + 5e-3)) / 70, 0);
  });

  test('shows how much weight every input has', async () => {
    const learner = await create();
    const { 'inputs.values': values } = (await learner.snapshot?.(true)) ?? {};
    expect(values).toHaveLength(5);
    const means = (learner.save().arrays['parameters'] as Float32Array).subarray(16, 32);
    expect(values?.[1]).toBeCloseTo(Math.sqrt(means.reduce((sum, mean) => sum + mean ** 2, 0) / 16), 6);
    expect(learner.panels?.map((panel) => panel.name)).toEqual(['inputs']);
  });

  test('refuses an arm of another family, and a state of another size', async () => {
    const dataset = { kind: 'modular-addition', p: 5, trainFraction: 0.5 } as const;
    await expect(create({ dataset })).rejects.toThrow('is not a Bayesian network on vectors');
    const learner = await create();
    const other = await create({ model: { ...model, hidden: [4] } });
    expect(() => learner.restore(other.save())).toThrow('"parameters" of 260 values');
  });
});

function adamOf() {
  return {
    kind: 'adam',
    learningRate: 0.01,
    weightDecay: 0,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    warmupSteps: 0,
  } as const;
}

describe('engines', () => {
  let reference: Engine;
  beforeAll(async () => {
    reference = await chooseEngine({ device: null, precision: 'float32', threads: 1 });
  });
  const data: VectorDataset = {
    kind: 'vectors',
    dimensions: 3,
    classes: 2,
    train: { n: 4, inputs: Float64Array.from(golden.inputs.slice(0, 12)), labels: Int32Array.of(0, 1, 1, 0) },
    test: { n: 2, inputs: Float64Array.from(golden.inputs.slice(12, 18)), labels: Int32Array.of(1, 0) },
  };

  test('plain JavaScript gives the same course as ONNX Runtime', async () => {
    const javascript = await chooseEngine({ device: 'tfjs-cpu', precision: 'float32', threads: 1 });
    expect(javascript.backend.engine).toBe('tfjs-cpu');
    const rows: Float64Array[] = [];
    for (const engine of [reference, javascript]) {
      const learner = await createBayesianLearnerOn(engine, model, { ...sgd, batchSize: 3 }, data, 2);
      await learner.advance(40, Infinity);
      rows.push(await learner.evaluate());
      await learner.dispose();
    }
    const [a, b] = rows as [Float64Array, Float64Array];
    a.forEach((value, i) => expect(Math.abs(value - (b[i] as number))).toBeLessThan(1e-3));
  });
});
