/**
 * Neural runs that are trained together, one lane each: their updates are one call of one program. A group of one is the
 * usual case. Lanes are in step: an update begins when every lane that is still there has asked to advance.
 */
import { DivergedError } from '../../shared/errors.ts';
import type { HostArray, HostValues, Program } from '../engine/program.ts';
import type { Evaluation, ExampleMetrics } from './evaluation.ts';
import type { NeuralLane } from './neural-lane.ts';

/** Milliseconds of updates in one call of the engine. */
const CALL = 10;

interface Wait {
  untilEffort: number;
  deadline: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export interface GroupParts {
  /** Of all lanes, with a leading axis where there are several. */
  update: Program;
  evaluation: Evaluation;
  /** Parameters and moments, lane after lane. */
  state: Record<string, HostArray>;
  lanes: number;
  /** Those of the state that hold past gradients and nothing else. */
  history: readonly string[];
}

export class NeuralGroup {
  readonly #parts: Omit<GroupParts, 'state'>;
  /** On the host. Never changed in place. */
  #state: Record<string, HostArray>;
  #stateWasSet = true;
  /** Whether the device is ahead of the host: state is read back for rows and checkpoints only. */
  #stateIsOld = false;
  readonly #present = new Map<NeuralLane, number>();
  readonly #waiting = new Map<NeuralLane, Wait>();
  #busy = false;
  /** Of the current state, once some lane has asked. */
  #evaluated: Promise<ExampleMetrics> | null = null;
  /** Updates per millisecond in the last call. */
  #pace = 0;

  constructor({ state, ...parts }: GroupParts) {
    this.#parts = parts;
    this.#state = state;
  }

  /** Adds the lane with this index; all are added before the first advances. */
  add(lane: NeuralLane, index: number): void {
    this.#present.set(lane, index);
  }

  /** Its lane's part of the state, to be read only. */
  stateOf(index: number): Record<string, HostArray> {
    if (this.#stateIsOld) throw new Error('The state lies on the device: settle first.');
    const entries = Object.entries(this.#state).map(([name, values]) => [name, this.#part(values, index)]);
    return Object.fromEntries(entries) as Record<string, HostArray>;
  }

  /** Brings the state to the host. */
  async settle(): Promise<void> {
    if (!this.#stateIsOld) return;
    this.#state = await this.#parts.update.state();
    this.#stateIsOld = false;
  }

  setStateOf(index: number, state: HostValues): void {
    if (this.#stateIsOld && this.#parts.lanes > 1)
      throw new Error('The state of the other lanes lies on the device: settle first.');
    this.#replace([[index, state]]);
  }

  /**
   * Advances a lane with all others: to the smallest effort and deadline that any asked for. A lane that is ahead of
   * another waits for it.
   * @throws DivergedError for a lane of its own whose loss or state is not finite; the others go on
   */
  advance(lane: NeuralLane, untilEffort: number, deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(lane, { untilEffort, deadline, resolve, reject });
      this.#goOn();
    });
  }

  /** Metrics of a lane's examples at its current parameters. */
  async evaluate(index: number): Promise<ExampleMetrics> {
    await this.settle();
    this.#evaluated ??= this.#parts.evaluation.run(this.#state['parameters'] as HostArray);
    const { losses, hits } = await this.#evaluated;
    return { losses: this.#part(losses, index), hits: hits === null ? null : this.#part(hits, index) };
  }

  /** The lane asks for nothing any more. The last one to leave frees the programs. */
  async leave(lane: NeuralLane): Promise<void> {
    if (!this.#present.delete(lane)) return;
    this.#waiting.delete(lane);
    this.#goOn();
    if (this.#present.size > 0) return;
    await this.#parts.update.dispose();
    await this.#parts.evaluation.dispose();
  }

  #goOn(): void {
    if (this.#busy || this.#present.size === 0 || this.#waiting.size < this.#present.size) return;
    const waits = [...this.#waiting];
    this.#waiting.clear();
    this.#busy = true;
    void this.#advance(waits)
      .then(
        (faults) => {
          for (const [lane, wait] of waits) {
            const fault = faults.get(lane);
            if (fault === undefined) wait.resolve();
            else wait.reject(fault);
          }
        },
        (error: unknown) => {
          for (const [, wait] of waits) wait.reject(error);
        },
      )
      .finally(() => {
        this.#busy = false;
        this.#goOn();
      });
  }

  /** Performs updates of the lanes that are furthest behind. Lanes that diverge are in the answer. */
  async #advance(waits: readonly (readonly [NeuralLane, Wait])[]): Promise<Map<NeuralLane, DivergedError>> {
    const start = Math.min(...waits.map(([lane]) => lane.effort));
    const moving = waits.filter(([lane]) => lane.effort === start);
    const ahead = waits.filter(([lane]) => lane.effort > start).map(([lane]) => lane);
    const until = Math.min(
      ...moving.map(([, wait]) => wait.untilEffort),
      ...ahead.map((lane) => lane.effort),
    );
    const deadline = Math.min(...waits.map(([, wait]) => wait.deadline));
    const lanes = moving.map(([lane]) => lane);
    const faults = new Map<NeuralLane, DivergedError>();
    if (ahead.length > 0) await this.settle();
    const aside = ahead.map((lane) => [this.#indexOf(lane), this.stateOf(this.#indexOf(lane))] as const);
    const { update } = this.#parts;
    if (this.#stateWasSet) update.setState(this.#state);
    this.#stateWasSet = false;
    let effort = start;
    do {
      const started = performance.now();
      // How updates are cut into calls does not change a value.
      const fitting = Math.floor(this.#pace * Math.min(CALL, deadline - started));
      const steps = Math.max(1, Math.min(fitting, until - effort));
      const { loss } = await update.runSteps(this.#feeds(lanes, steps), steps);
      for (const lane of lanes) {
        const losses = this.#lossesOf(loss as HostArray, lane, steps);
        const fault = lossFault(losses, lane.effort);
        if (fault !== null) faults.set(lane, fault);
        lane.moved(losses);
      }
      effort += steps;
      this.#pace = steps / (performance.now() - started);
    } while (faults.size === 0 && effort < until && performance.now() < deadline);
    this.#stateIsOld = true;
    this.#evaluated = null;
    if (update.onDevice && effort < until && faults.size === 0 && aside.length === 0) return faults;
    await this.settle();
    if (aside.length > 0) this.#replace(aside);
    for (const lane of lanes) {
      const fault = faults.get(lane) ?? this.#stateFault(lane);
      if (fault !== null) faults.set(lane, fault);
    }
    return faults;
  }

  /** What the next updates are fed: step after step, and within a step lane after lane; zeros for lanes that do not move. */
  #feeds(moving: readonly NeuralLane[], steps: number): HostValues {
    const { lanes } = this.#parts;
    const own = moving.map((lane) => [this.#indexOf(lane), lane.feeds(steps)] as const);
    const [first] = own;
    if (first === undefined || lanes === 1) return first?.[1] ?? {};
    return Object.fromEntries(
      Object.entries(first[1]).map(([name, model]) => {
        const size = model.length / steps;
        const all = arrayLike(model, lanes * model.length);
        for (const [index, feeds] of own) {
          const values = feeds[name] as HostArray;
          for (let step = 0; step < steps; step++)
            all.set(values.subarray(step * size, (step + 1) * size), (step * lanes + index) * size);
        }
        return [name, all];
      }),
    );
  }

  /** A lane's loss at each of the steps of one call. */
  #lossesOf(loss: HostArray, lane: NeuralLane, steps: number): number[] {
    const { lanes } = this.#parts;
    const index = this.#indexOf(lane);
    return Array.from({ length: steps }, (_, step) => loss[step * lanes + index] as number);
  }

  #stateFault(lane: NeuralLane): DivergedError | null {
    for (const [name, values] of Object.entries(this.stateOf(this.#indexOf(lane)))) {
      // What a past gradient holds has reached the parameters.
      const bad = this.#parts.history.includes(name) ? undefined : firstNotFinite(values);
      if (bad !== undefined) return new DivergedError(lane.effort, `one of the ${name}`, bad);
    }
    return null;
  }

  #indexOf(lane: NeuralLane): number {
    const index = this.#present.get(lane);
    if (index === undefined) throw new Error('This lane has left its group.');
    return index;
  }

  #part(values: HostArray, index: number): HostArray {
    const size = values.length / this.#parts.lanes;
    return values.subarray(index * size, (index + 1) * size);
  }

  #replace(parts: readonly (readonly [number, HostValues])[]): void {
    this.#state = Object.fromEntries(
      Object.entries(this.#state).map(([name, values]) => {
        const all = values.slice();
        const size = all.length / this.#parts.lanes;
        for (const [index, state] of parts) all.set(state[name] as HostArray, index * size);
        return [name, all];
      }),
    );
    this.#stateWasSet = true;
    this.#stateIsOld = false;
    this.#evaluated = null;
  }
}

function lossFault(losses: readonly number[], start: number): DivergedError | null {
  const step = losses.findIndex((value) => !Number.isFinite(value));
  return step < 0 ? null : new DivergedError(start + step, 'the training loss', losses[step] as number);
}

function firstNotFinite(values: HostArray): number | undefined {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    // Infinity − Infinity and NaN − NaN are NaN.
    if (value - value !== 0) return value;
  }
  return undefined;
}

function arrayLike(model: HostArray, length: number): HostArray {
  return new (model.constructor as new (length: number) => HostArray)(length);
}
