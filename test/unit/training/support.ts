/** Engines and tasks for the tests of neural learners. */
import { chooseEngine, type Engine } from '../../../main/engine/devices.ts';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { stepByStep, type HostArray, type Program, type HostValues } from '../../../main/engine/program.ts';
import { constant, type FloatType, type Outputs } from '../../../main/engine/trace.ts';
import type { Network } from '../../../main/models/network.ts';
import type { Learner } from '../../../main/training/learner.ts';
import type { NeuralTask } from '../../../main/training/neural-task.ts';
import type { AdamwSpec, SgdSpec } from '../../../shared/trainer-spec.ts';

export function engineOn(device: string | null, precision: FloatType = 'float32'): Promise<Engine> {
  return chooseEngine({ device, precision, threads: 1 });
}

/** The reference interpreter as an engine: float64 throughout, whatever a graph says. */
export const referenceEngine: Engine = {
  compile: (outputs, { carried }) => Promise.resolve(new InterpretedProgram(outputs, carried)),
  float64: true,
  backend: {
    engine: 'reference',
    engineVersion: null,
    device: 'cpu',
    precision: 'float64',
    threads: 1,
    fallback: null,
  },
};

class InterpretedProgram implements Program {
  readonly onDevice = false;
  readonly #outputs: Outputs;
  readonly #carried: Readonly<Record<string, string>>;
  #state: Record<string, HostArray> = {};

  constructor(outputs: Outputs, carried: Readonly<Record<string, string>>) {
    this.#outputs = outputs;
    this.#carried = carried;
  }

  setState(values: Readonly<Record<string, HostArray>>): void {
    this.#state = { ...values };
  }

  state(): Promise<Record<string, HostArray>> {
    return Promise.resolve({ ...this.#state });
  }

  run(feeds: Readonly<Record<string, HostArray>>): Promise<Record<string, HostArray>> {
    const values = evaluate(Object.values(this.#outputs), { ...this.#state, ...feeds });
    const results = Object.fromEntries(
      Object.keys(this.#outputs).map((name, i) => [name, values[i] as HostArray]),
    );
    const next = Object.entries(this.#carried).map(([name, output]) => [name, results[output] as HostArray]);
    this.#state = Object.fromEntries(next) as Record<string, HostArray>;
    return Promise.resolve(results);
  }

  runSteps(feeds: HostValues, steps: number): Promise<HostValues> {
    return stepByStep((own) => this.run(own), feeds, steps);
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

/** The same network, starting from given weights. */
export function withWeights(network: Network, weights: Record<string, readonly number[]>): Network {
  return {
    ...network,
    parameters: network.parameters.map((parameter) => {
      const values = [...(weights[parameter.name] ?? [])];
      return { ...parameter, initial: () => values.shift() ?? Number.NaN };
    }),
  };
}

export interface Examples {
  inputs: number[];
  labels: number[];
}

export function taskOf(
  network: Network,
  train: Examples,
  test: Examples,
  inputType: 'int32' | FloatType,
): NeuralTask {
  const set = (splits: Examples[]) => {
    const labels = splits.flatMap((split) => split.labels);
    const inputs = splits.flatMap((split) => split.inputs);
    const classes = constant(labels, [labels.length], 'int32');
    return {
      inputs: constant(inputs, [labels.length, inputs.length / labels.length], inputType),
      targets: classes,
      answers: { labels: classes, templates: null },
    };
  };
  return {
    network,
    trainSize: train.labels.length,
    train: set([train]),
    all: set([train, test]),
    groups: [],
  };
}

/** The rows of a learner's curve at some efforts. */
export async function curve(learner: Learner, efforts: readonly number[]): Promise<number[][]> {
  const rows: number[][] = [];
  for (const effort of efforts) {
    while (learner.effort < effort) await learner.advance(effort, Number.POSITIVE_INFINITY);
    rows.push([...(await learner.evaluate())]);
  }
  return rows;
}

export const adamw: AdamwSpec = {
  kind: 'adamw',
  learningRate: 0.01,
  weightDecay: 1,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  warmupSteps: 0,
  batchSize: 'full',
};

export const sgd: SgdSpec = {
  kind: 'sgd',
  learningRate: 0.05,
  weightDecay: 0.001,
  momentum: 0.9,
  batchSize: 'full',
};
