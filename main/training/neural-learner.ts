/** Trains neural networks on the engine: one compiled graph per update, of one run or of many at once. */
import type { TrainerSpec } from '../../shared/trainer-spec.ts';
import type { Arm } from '../../shared/study.ts';
import { buildDataset } from '../datasets/index.ts';
import { chooseEngine, type Engine, type EngineRequest } from '../engine/devices.ts';
import { inLanes, structureKey } from '../engine/lanes.ts';
import { sizeOf, type Outputs } from '../engine/graph.ts';
import type { HostArray } from '../engine/program.ts';
import { createMeasures } from '../measures/index.ts';
import { Batches } from './batches.ts';
import { compileEvaluation } from './evaluation.ts';
import type { CreateLearner, Learner, LearnerOptions } from './learner.ts';
import { MeasuredLearner, type ParametricLearner } from './measured-learner.ts';
import { NeuralGroup } from './neural-group.ts';
import { NeuralLane, type LaneParts } from './neural-lane.ts';
import { floatArray, initialParameters, neuralColumns } from './neural-parts.ts';
import { neuralTask, type NeuralTask } from './neural-task.ts';
import { dropoutPlaces, DropoutSource } from './dropout.ts';
import { NoiseSource } from './noise.ts';
import { optimizer } from './optimizers.ts';
import { batchOf, evaluationGraph, updateGraph } from './training-graph.ts';

/**
 * A learner for an arm whose model is an `mlp` or a `transformer`, from its initial weights (stream `init`), on the
 * engine of `options.device` or what stands in for it.
 * @throws LatebloomError 'device-unavailable', EngineError when the engine refuses a graph.
 */
export const createNeuralLearner: CreateLearner = async (arm, seed, options) => {
  const [learner] = await createNeuralLearners([{ arm, seed }], options);
  return learner as Learner;
};

/**
 * Learners that are trained together, those whose updates are of one structure in lanes of one program. They have the
 * curves that each by itself would have: bit for bit on ONNX Runtime's CPU engine, elsewhere up to the rounding of the
 * engine's products. @throws as `createNeuralLearner`
 */
export async function createNeuralLearners(
  runs: readonly { arm: Arm; seed: number }[],
  options: LearnerOptions,
): Promise<Learner[]> {
  const specs = runs.map(({ arm }) => trainerOf(arm));
  const [first] = specs;
  if (first === undefined) throw new Error('There are no runs.');
  const engine = await chooseEngine(engineRequest(first, options));
  const dtype = engine.backend.precision;
  const parts = runs.map(({ arm, seed }, i) => {
    const dataset = buildDataset(arm.dataset, seed);
    const task = neuralTask(arm.model, dataset, seed, dtype);
    return { arm, seed, dataset, task, trainer: specs[i] as TrainerSpec };
  });
  const learners = await createNeuralLearnersOn(engine, parts, options.profile);
  return Promise.all(
    parts.map(async ({ arm, seed, dataset, task: { network } }, i) => {
      const learner = learners[i] as ParametricLearner;
      if (arm.measures === undefined) return learner;
      const context = { engine, threads: options.threads, dtype, network, dataset, arm, seed } as const;
      return new MeasuredLearner(learner, await createMeasures(arm.measures, context));
    }),
  );
}

function trainerOf({ id, trainer }: Arm): TrainerSpec {
  if (trainer.kind === 'direct') throw new Error(`The arm ${id} has no update rule.`);
  return trainer;
}

/** What a trainer asks of an engine. */
export function engineRequest(
  { precision = 'float32', lossPrecision = precision }: Pick<TrainerSpec, 'precision' | 'lossPrecision'>,
  { device, threads, deviceFault }: LearnerOptions,
): EngineRequest {
  const float64 = precision === 'float64' || lossPrecision === 'float64';
  return { device, threads, precision, float64, fault: deviceFault };
}

/** The same on a given engine and task, in the engine's precision. */
export async function createNeuralLearnerOn(
  engine: Engine,
  task: NeuralTask,
  trainer: TrainerSpec,
  seed: number,
): Promise<ParametricLearner> {
  const [learner] = await createNeuralLearnersOn(engine, [{ task, trainer, seed }]);
  return learner as ParametricLearner;
}

interface LaneRequest {
  task: NeuralTask;
  trainer: TrainerSpec;
  seed: number;
}

/** Several on one engine, trained together. */
export async function createNeuralLearnersOn(
  engine: Engine,
  requests: readonly LaneRequest[],
  profile?: string,
): Promise<ParametricLearner[]> {
  const drafts = requests.map((request) => laneOf(engine, request));
  if (drafts.length === 1) return createLanes(engine, drafts, profile);
  const classes = new Map<string, LaneDraft[]>();
  for (const draft of drafts) {
    const scores = evaluationGraph(draft.task.network, draft.task.all, engine.backend.precision, draft.loss);
    const key = `${structureKey(draft.graph)} ${structureKey(scores)}`;
    classes.set(key, [...(classes.get(key) ?? []), draft]);
  }
  const learners = new Map<LaneDraft, ParametricLearner>();
  for (const alike of classes.values()) {
    const lanes = await createLanes(engine, alike, profile);
    alike.forEach((draft, i) => learners.set(draft, lanes[i] as ParametricLearner));
  }
  return drafts.map((draft) => learners.get(draft) as ParametricLearner);
}

/** One program for all of them. */
async function createLanes(
  engine: Engine,
  lanes: readonly LaneDraft[],
  profile: string | undefined,
): Promise<ParametricLearner[]> {
  const { threads, precision } = engine.backend;
  const [first] = lanes as [LaneDraft];
  const carried = Object.fromEntries(Object.keys(first.state).map((name) => [name, `next:${name}`]));
  const graphs = lanes.map(({ graph }) => graph);
  const update = await engine.compile(graphs.length === 1 ? first.graph : inLanes(graphs), {
    threads,
    carried,
    ...(profile === undefined ? {} : { profile }),
  });
  const scored = lanes.map(({ task: { network, all } }) => ({ network, examples: all }));
  const evaluation = await compileEvaluation(engine, scored, precision, first.loss);
  const group = new NeuralGroup({
    update,
    evaluation,
    state: concatenated(lanes.map(({ state }) => state)),
    lanes: lanes.length,
    history: first.parts.rule.history,
  });
  const backend = lanes.length === 1 ? engine.backend : { ...engine.backend, lanes: lanes.length };
  return lanes.map(({ parts }, index) => new NeuralLane({ ...parts, backend, group, index }));
}

interface LaneDraft {
  task: NeuralTask;
  graph: Outputs;
  /** Parameters and moments at the start. */
  state: Record<string, HostArray>;
  loss: NonNullable<TrainerSpec['loss']>;
  parts: Omit<LaneParts, 'group' | 'index' | 'backend'>;
}

function laneOf(engine: Engine, { task, trainer, seed }: LaneRequest): LaneDraft {
  const { precision } = engine.backend;
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
  const { dropout } = network;
  const places = dropout === undefined ? null : { rate: dropout, ...dropoutPlaces() };
  const graph = updateGraph(network, rule, examples, precision, objective, places?.drop);
  const moments = rule.moments.map((name) => [name, floatArray(precision, parameters.length)] as const);
  return {
    task,
    graph,
    state: { parameters, ...Object.fromEntries(moments) },
    loss,
    parts: {
      rule,
      trainSize,
      counted: task.counted ?? null,
      batches,
      noise: noise === null ? null : { spec: noise, source: new NoiseSource(parameters.length, seed) },
      dropout: places === null ? null : new DropoutSource(places.rate, places.masks, seed),
      columns: [
        ...neuralColumns(loss, task.all.answers !== null),
        ...task.groups.map(({ column }) => column),
      ],
      groups: task.groups,
    },
  };
}

/** Lane after lane. */
function concatenated(states: readonly Record<string, HostArray>[]): Record<string, HostArray> {
  const [first] = states;
  if (first === undefined || states.length === 1) return first ?? {};
  return Object.fromEntries(
    Object.entries(first).map(([name, model]) => {
      const all = new (model.constructor as new (length: number) => HostArray)(model.length * states.length);
      states.forEach((state, i) => all.set(state[name] as HostArray, i * model.length));
      return [name, all];
    }),
  );
}
