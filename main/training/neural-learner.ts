/** Trains a neural network (MLP or transformer) on the engine: one compiled graph per update. */
import { DivergedError } from '../../shared/errors.ts';
import type { RandomState } from '../../shared/random.ts';
import type { BackendRecord, MetricColumn } from '../../shared/run.ts';
import type { TrainerSpec, TrainingNoiseSpec } from '../../shared/trainer-spec.ts';
import { buildDataset } from '../datasets/index.ts';
import { chooseEngine, type Engine, type EngineRequest } from '../engine/devices.ts';
import { sizeOf } from '../engine/graph.ts';
import type { HostArray, HostValues, Program } from '../engine/program.ts';
import { createMeasures } from '../measures/index.ts';
import { Batches } from './batches.ts';
import { compileEvaluation, type Evaluation } from './evaluation.ts';
import type { CreateLearner, LearnerState } from './learner.ts';
import { MeasuredLearner, type ParametricLearner } from './measured-learner.ts';
import { floatArray, initialParameters, neuralColumns } from './neural-parts.ts';
import { neuralTask, type NeuralTask } from './neural-task.ts';
import { noiseDeviation, NoiseSource } from './noise.ts';
import { optimizer, type Optimizer } from './optimizers.ts';
import { accuracyOn } from './subclass-accuracy.ts';
import { batchOf, updateGraph } from './training-graph.ts';

/**
 * A learner for an arm whose model is an `mlp` or a `transformer`, from its initial weights (stream `init`), on the
 * engine of `options.device` or what stands in for it.
 * @throws LatebloomError 'device-unavailable', EngineError when the engine refuses a graph.
 */
export const createNeuralLearner: CreateLearner = async (arm, seed, { threads, device }) => {
  const { trainer } = arm;
  if (trainer.kind === 'direct') throw new Error(`The arm ${arm.id} has no update rule.`);
  const engine = await chooseEngine(engineRequest(trainer, device, threads));
  const dataset = buildDataset(arm.dataset, seed);
  const dtype = engine.backend.precision;
  const task = neuralTask(arm.model, dataset, dtype);
  const learner = await createNeuralLearnerOn(engine, task, trainer, seed);
  if (arm.measures === undefined) return learner;
  const context = { engine, threads, dtype, network: task.network, dataset, arm, seed } as const;
  return new MeasuredLearner(learner, await createMeasures(arm.measures, context));
};

/** What a trainer asks of an engine. */
export function engineRequest(trainer: TrainerSpec, device: string | null, threads: number): EngineRequest {
  const { precision = 'float32', lossPrecision = precision } = trainer;
  return { device, threads, precision, float64: precision === 'float64' || lossPrecision === 'float64' };
}

/** The same on a given engine and task, in the engine's precision. */
export async function createNeuralLearnerOn(
  engine: Engine,
  task: NeuralTask,
  trainer: TrainerSpec,
  seed: number,
): Promise<ParametricLearner> {
  const { threads, precision } = engine.backend;
  const { network, trainSize } = task;
  const { loss = 'cross-entropy', lossPrecision = precision, noise = null } = trainer;
  const parameters = initialParameters(network, precision, seed);
  const parts = network.parameters.map(({ shape, role }) => ({ size: sizeOf(shape), role }));
  const rule = optimizer(trainer, { parts, initial: parameters });
  const batches = trainer.batchSize === 'full' ? null : new Batches(trainer.batchSize, trainSize, seed);
  const { inputs, targets } = task.train;
  const examples =
    batches === null
      ? { inputs, targets, weights: null }
      : batchOf(inputs, targets, batches.size, batches.weighted, precision);
  const objective = { loss, lossPrecision, noise: noise?.kind ?? null };
  const carried = Object.fromEntries(['parameters', ...rule.moments].map((name) => [name, `next:${name}`]));
  const update = await engine.compile(updateGraph(network, rule, examples, precision, objective), {
    threads,
    carried,
  });
  const evaluation = await compileEvaluation(engine, network, task.all, precision, loss);
  const moments = rule.moments.map((name) => [name, floatArray(precision, parameters.length)] as const);
  return new NeuralLearner({
    update,
    evaluation,
    rule,
    trainSize,
    batches,
    noise: noise === null ? null : { spec: noise, source: new NoiseSource(parameters.length, seed) },
    columns: [...neuralColumns(loss, task.all.answers !== null), ...task.groups.map(({ column }) => column)],
    groups: task.groups,
    backend: engine.backend,
    state: { parameters, ...Object.fromEntries(moments) },
  });
}

/** Milliseconds of updates in one call of the engine. */
const CALL = 10;

interface Parts {
  update: Program;
  evaluation: Evaluation;
  rule: Optimizer;
  trainSize: number;
  /** Null for full-batch training. */
  batches: Batches | null;
  noise: { spec: TrainingNoiseSpec; source: NoiseSource } | null;
  columns: readonly MetricColumn[];
  /** Their accuracies follow the other columns. */
  groups: NeuralTask['groups'];
  backend: BackendRecord;
  /** Parameters and moments at the start. */
  state: Record<string, HostArray>;
}

interface SavedJson {
  /** Of the order of the batches. */
  random: RandomState | null;
  noise: RandomState | null;
}

class NeuralLearner implements ParametricLearner {
  readonly columns: readonly MetricColumn[];
  readonly backend: BackendRecord;
  readonly effortsPerEpoch: number;
  readonly #parts: Omit<Parts, 'state'>;
  #effort = 0;
  /** Updates per millisecond in the last call. */
  #pace = 0;
  /** Parameters and moments on the host, as of the last completed `advance`. Never changed in place. */
  #state: Record<string, HostArray>;

  constructor({ state, ...parts }: Parts) {
    this.#parts = parts;
    this.columns = parts.columns;
    this.backend = parts.backend;
    this.effortsPerEpoch = parts.batches?.perEpoch ?? 1;
    this.#state = state;
    parts.update.setState(state);
  }

  get effort(): number {
    return this.#effort;
  }

  get parameters(): HostArray {
    return this.#state['parameters'] as HostArray;
  }

  async advance(untilEffort: number, deadline: number): Promise<void> {
    const { update, rule } = this.#parts;
    do {
      const started = performance.now();
      // How updates are cut into calls does not change a value.
      const fitting = Math.floor(this.#pace * Math.min(CALL, deadline - started));
      const steps = Math.max(1, Math.min(fitting, untilEffort - this.#effort));
      const { loss = [] } = await update.runSteps(this.#feeds(steps), steps);
      const bad = loss.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) throw new DivergedError(this.#effort + bad, 'the training loss', loss[bad] as number);
      this.#effort += steps;
      this.#pace = steps / (performance.now() - started);
    } while (this.#effort < untilEffort && performance.now() < deadline);
    this.#state = await update.state();
    for (const [name, values] of Object.entries(this.#state)) {
      // What a past gradient holds has reached the parameters.
      const bad = rule.history.includes(name) ? null : firstNotFinite(values);
      if (bad !== null) throw new DivergedError(this.#effort, `one of the ${name}`, bad);
    }
  }

  async evaluate(): Promise<Float64Array> {
    const { evaluation, trainSize, groups } = this.#parts;
    const { parameters } = this;
    const { losses, hits } = await evaluation.run(parameters);
    return Float64Array.of(
      mean(losses, 0, trainSize),
      mean(losses, trainSize, losses.length),
      ...(hits === null ? [] : [mean(hits, 0, trainSize), mean(hits, trainSize, hits.length)]),
      norm(parameters),
      ...(hits === null ? [] : groups.map((group) => accuracyOn(group, hits, trainSize))),
    );
  }

  save(): LearnerState {
    const batches = this.#parts.batches?.state() ?? null;
    const json: SavedJson = {
      random: batches?.random ?? null,
      noise: this.#parts.noise?.source.state() ?? null,
    };
    const arrays = { ...this.#state, ...(batches === null ? {} : { order: batches.order }) };
    return { effort: this.#effort, arrays, json };
  }

  restore(state: LearnerState): void {
    const { batches, noise, update } = this.#parts;
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
    const json = state.json as SavedJson;
    if (batches !== null) {
      const order = state.arrays['order'];
      if (json.random === null || !(order instanceof Int32Array))
        throw new Error('The checkpoint lacks the order of the batches.');
      batches.restore({ random: json.random, order });
    }
    if (noise !== null) {
      if (json.noise === null) throw new Error('The checkpoint lacks the state of the noise.');
      noise.source.restore(json.noise);
    }
    this.#state = restored;
    this.#effort = state.effort;
    update.setState(restored);
  }

  async dispose(): Promise<void> {
    await this.#parts.update.dispose();
    await this.#parts.evaluation.dispose();
  }

  /** What the next `steps` updates are fed, one after another. */
  #feeds(steps: number): HostValues {
    const { rule, batches, noise, backend } = this.#parts;
    const floats = (values: ArrayLike<number>): HostArray => floatArray(backend.precision, values);
    const efforts = Array.from({ length: steps }, (_, step) => this.#effort + step);
    const feeds: Record<string, HostArray> = {};
    const scalars = efforts.map((effort) => rule.schedule(effort));
    rule.scalars.forEach((name, i) => (feeds[name] = floats(scalars.map((values) => values[i] as number))));
    if (noise !== null) {
      feeds['noise'] = floats(efforts.flatMap(() => [...noise.source.next()]));
      feeds['noiseDeviation'] = floats(efforts.map((effort) => noiseDeviation(noise.spec, effort)));
    }
    if (batches === null) return feeds;
    const { size, weighted } = batches;
    const rows = new Int32Array(steps * size);
    const weights = new Float64Array(weighted ? rows.length : 0);
    efforts.forEach((effort, step) => {
      const batch = batches.next(effort);
      rows.set(batch.rows, step * size);
      if (weighted) weights.fill(1 / batch.count, step * size, step * size + batch.count);
    });
    return { ...feeds, rows, ...(weighted ? { weights: floats(weights) } : {}) };
  }
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
