/** A deterministic stand-in for a model: cheap, and told by the arm's title how to behave. */
import { DivergedError } from '../../../shared/errors.ts';
import type { MetricColumn } from '../../../shared/run.ts';
import type { Arm, Study } from '../../../shared/study.ts';
import type { CreateLearner, CreateLearners, Learner, LearnerState } from '../../../main/training/learner.ts';

const column = (name: string): MetricColumn => ({
  name,
  label: name,
  quantity: 'accuracy',
  unit: '',
  split: name.startsWith('train') ? 'train' : 'test',
  direction: 'higher',
});

/** Reads "microseconds=200 diverge=50 nan=30 exit=20" from an arm's title. */
function settingsOf(arm: Arm): Record<string, number> {
  const pairs = [...arm.title.matchAll(/(\w+)=(\d+)/g)];
  return Object.fromEntries(pairs.map((pair) => [pair[1] as string, Number(pair[2])]));
}

class FakeLearner implements Learner {
  readonly columns = [column('trainAccuracy'), column('testAccuracy')];
  readonly backend;
  readonly effortsPerEpoch = 1;
  readonly #settings: Record<string, number>;
  #state = new Float64Array(2);
  #effort = 0;

  constructor(arm: Arm, seed: number, threads: number, fallback: string | null = null) {
    this.#settings = settingsOf(arm);
    this.#state.set([0.1 + (seed % 97) / 1000, 0.7]);
    this.backend = {
      engine: 'fake',
      engineVersion: null,
      device: 'test',
      precision: 'float64' as const,
      threads,
      fallback,
    };
  }

  get effort(): number {
    return this.#effort;
  }

  async advance(untilEffort: number, deadline: number): Promise<void> {
    const { microseconds = 0, diverge, exit } = this.#settings;
    do {
      const [x, y] = [this.#state[0] as number, this.#state[1] as number];
      // The logistic map in its chaotic range: a state that is off by one bit is soon off entirely.
      this.#state.set([3.99 * x * (1 - x), 3.97 * y * (1 - y)]);
      this.#effort++;
      if (this.#effort === diverge)
        throw new DivergedError(this.#effort, 'train loss', Number.POSITIVE_INFINITY);
      if (this.#effort === exit) process.exit(7);
      const until = performance.now() + microseconds / 1000;
      while (performance.now() < until);
    } while (this.#effort < untilEffort && performance.now() < deadline);
  }

  async evaluate(): Promise<Float64Array> {
    const [x, y] = this.#state;
    return this.#effort === this.#settings['nan']
      ? Float64Array.of(x as number, Number.NaN)
      : Float64Array.of(x as number, y as number);
  }

  readonly panels = [
    {
      kind: 'function' as const,
      name: 'map',
      title: 'One update',
      description: 'The update as a function.',
      xLabel: 'x',
      yLabel: 'next x',
      band: null,
    },
  ];

  async snapshot(first: boolean): Promise<Record<string, Float64Array>> {
    const grid = Float64Array.of(0, 0.5, 1);
    return {
      ...(first ? { 'map.x': grid } : {}),
      'map.mean': grid.map((x) => x * (this.#state[0] as number)),
    };
  }

  save(): LearnerState {
    return { effort: this.#effort, arrays: { state: this.#state.slice() }, json: { steps: this.#effort } };
  }

  restore(state: LearnerState): void {
    this.#effort = state.effort;
    this.#state = Float64Array.from(state.arrays['state'] as Float64Array);
  }

  async dispose(): Promise<void> {
    this.#state = new Float64Array();
  }
}

export const createFakeLearner: CreateLearner = async (arm, seed, { threads, deviceFault }) =>
  new FakeLearner(arm, seed, threads, deviceFault ?? null);

export const createFakeLearners: CreateLearners = (runs, options) =>
  Promise.all(runs.map(({ arm, seed }) => createFakeLearner(arm, seed, options)));

export interface FakeArm {
  id?: string;
  title?: string;
  seeds?: number[];
  maxEffort?: number;
  every?: number;
}

/** A study whose arms pass every check; the fake learner ignores all but their titles. */
export function fakeStudy(arms: FakeArm[], id = 'fake'): Study {
  return {
    schemaVersion: 1,
    id,
    title: 'A fake study',
    question: 'Does the host keep what it is given?',
    paper: null,
    claims: [],
    arms: arms.map((arm, i) => ({
      id: arm.id ?? `arm-${i}`,
      title: arm.title ?? 'fake',
      dataset: { kind: 'slope-regression', slope: 1, points: 100, trainSize: 2, testSize: 10 },
      model: {
        kind: 'linear-regression',
        features: ['x'],
        initialWeights: [0],
        noiseVariance: 1,
        weightVariance: 1,
      },
      trainer: { kind: 'sgd', learningRate: 0.1, weightDecay: 0, momentum: 0, batchSize: 'full' },
      budget: { maxEffort: arm.maxEffort ?? 100 },
      thresholds: { metric: 'accuracy', train: 0.99, test: 0.99, sustain: 1 },
      record: { every: arm.every ?? 10, perDecade: 5 },
      seeds: arm.seeds ?? [0],
    })),
  };
}
