/** One run of a neural network: its schedule, its streams and its metrics. Its updates are its group's. */
import type { RandomState } from '../../shared/random.ts';
import type { BackendRecord, MetricColumn } from '../../shared/run.ts';
import type { TrainingNoiseSpec } from '../../shared/trainer-spec.ts';
import type { HostArray, HostValues } from '../engine/program.ts';
import type { Batches } from './batches.ts';
import type { LearnerState } from './learner.ts';
import type { TrainingState } from '../measures/measure.ts';
import type { ParametricLearner } from './measured-learner.ts';
import type { NeuralGroup } from './neural-group.ts';
import { floatArray } from './neural-parts.ts';
import type { NeuralTask } from './neural-task.ts';
import type { DropoutSource } from './dropout.ts';
import { noiseDeviation, type NoiseSource } from './noise.ts';
import type { Optimizer } from './optimizers.ts';
import { accuracyOn } from './subclass-accuracy.ts';

export interface LaneParts {
  group: NeuralGroup;
  /** Which lane of the group. */
  index: number;
  rule: Optimizer;
  trainSize: number;
  /** Test examples that count, the first ones; null for all. */
  counted: number | null;
  /** Null for full-batch training. */
  batches: Batches | null;
  noise: { spec: TrainingNoiseSpec; source: NoiseSource } | null;
  dropout: DropoutSource | null;
  columns: readonly MetricColumn[];
  /** Their accuracies follow the other columns. */
  groups: NeuralTask['groups'];
  backend: BackendRecord;
}

/** Updates whose losses are kept: the first epochs of Notsawo et al. 2023. */
export const EARLY = 400;

interface SavedJson {
  /** Of the order of the batches. */
  random: RandomState | null;
  noise: RandomState | null;
  /** Absent in checkpoints from before there was dropout. */
  dropout?: RandomState | null;
}

export class NeuralLane implements ParametricLearner {
  readonly columns: readonly MetricColumn[];
  readonly backend: BackendRecord;
  readonly effortsPerEpoch: number;
  readonly #parts: LaneParts;
  #effort = 0;
  /**
   * The training loss at the parameters before each of the first updates (of the batch, in mini-batch training), at most
   * `EARLY` of them. Shorter than that and than the effort where the run went on from a checkpoint without them.
   */
  #earlyLosses: number[] = [];

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.columns = parts.columns;
    this.backend = parts.backend;
    this.effortsPerEpoch = parts.batches?.perEpoch ?? 1;
    parts.group.add(this, parts.index);
  }

  get effort(): number {
    return this.#effort;
  }

  get parameters(): HostArray {
    return this.#state['parameters'] as HostArray;
  }

  get training(): TrainingState {
    return { effort: this.#effort, state: this.#state, earlyLosses: Float64Array.from(this.#earlyLosses) };
  }

  get #state(): Record<string, HostArray> {
    return this.#parts.group.stateOf(this.#parts.index);
  }

  advance(untilEffort: number, deadline: number): Promise<void> {
    return this.#parts.group.advance(this, untilEffort, deadline);
  }

  async evaluate(): Promise<Float64Array> {
    const { group, index, trainSize, counted, groups } = this.#parts;
    const { losses, hits } = await group.evaluate(index);
    const end = counted === null ? losses.length : trainSize + counted;
    return Float64Array.of(
      mean(losses, 0, trainSize),
      mean(losses, trainSize, end),
      ...(hits === null ? [] : [mean(hits, 0, trainSize), mean(hits, trainSize, end)]),
      norm(this.parameters),
      ...(hits === null ? [] : groups.map((one) => accuracyOn(one, hits, trainSize))),
    );
  }

  settle(): Promise<void> {
    return this.#parts.group.settle();
  }

  save(): LearnerState {
    const batches = this.#parts.batches?.state() ?? null;
    const json: SavedJson = {
      random: batches?.random ?? null,
      noise: this.#parts.noise?.source.state() ?? null,
      dropout: this.#parts.dropout?.state() ?? null,
    };
    const arrays = {
      ...this.#state,
      ...(batches === null ? {} : { order: batches.order }),
      earlyLosses: Float64Array.from(this.#earlyLosses),
    };
    return { effort: this.#effort, arrays, json };
  }

  restore(state: LearnerState): void {
    const { group, index, batches, noise, dropout } = this.#parts;
    for (const [name, current] of Object.entries(this.#state)) {
      const values = state.arrays[name];
      if (values?.length === current.length && values.constructor === current.constructor) continue;
      throw new Error(
        `The checkpoint's "${name}" does not fit this model: ${values?.length ?? 'no'} values for ${current.length}.`,
      );
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
    if (dropout !== null) {
      const { dropout: saved = null } = json;
      if (saved === null) throw new Error('The checkpoint lacks the state of the dropout.');
      dropout.restore(saved);
    }
    group.setStateOf(index, state.arrays);
    this.#effort = state.effort;
    this.#earlyLosses = [...(state.arrays['earlyLosses'] ?? [])];
  }

  dispose(): Promise<void> {
    return this.#parts.group.leave(this);
  }

  /** What the next `steps` updates are fed, one after another. Draws from the streams: to be asked for once. */
  feeds(steps: number): HostValues {
    const { rule, batches, noise, dropout, backend } = this.#parts;
    const floats = (values: ArrayLike<number>): HostArray => floatArray(backend.precision, values);
    const efforts = Array.from({ length: steps }, (_, step) => this.#effort + step);
    const feeds: Record<string, HostArray> = {};
    const scalars = efforts.map((effort) => rule.schedule(effort));
    rule.scalars.forEach((name, i) => (feeds[name] = floats(scalars.map((values) => values[i] as number))));
    if (noise !== null) {
      feeds['noise'] = floats(efforts.flatMap(() => [...noise.source.next()]));
      feeds['noiseDeviation'] = floats(efforts.map((effort) => noiseDeviation(noise.spec, effort)));
    }
    if (dropout !== null) {
      const masks = Object.fromEntries(
        [...dropout.sizes].map(([name, size]) => [name, floatArray(backend.precision, steps * size)]),
      );
      for (let step = 0; step < steps; step++) dropout.next(masks, step);
      Object.assign(feeds, masks);
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

  /** Its group has performed updates. @param losses before each of them */
  moved(losses: readonly number[]): void {
    if (this.#earlyLosses.length === this.#effort && this.#effort < EARLY)
      this.#earlyLosses.push(...losses.slice(0, EARLY - this.#effort));
    this.#effort += losses.length;
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
