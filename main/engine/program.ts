/** A compiled graph, whatever engine runs it. */
import type { Outputs } from './graph.ts';

export type HostArray = Float32Array | Float64Array | Int32Array;
export type HostValues = Readonly<Record<string, HostArray>>;

export interface ProgramOptions {
  threads: number;
  /**
   * State: input name → name of the output that is its next value. State stays with the engine between runs (on its
   * device, where there is one) and is neither fed nor returned by `run`.
   */
  carried: Readonly<Record<string, string>>;
  /** Start of the name of a file that ONNX Runtime writes the time of every node to, when the program is disposed. */
  profile?: string;
}

export interface Program {
  /** Whether state lies on a device, from where reading it is a copy that waits for the device. */
  readonly onDevice: boolean;
  /** Sets every carried input. */
  setState(values: HostValues): void;
  /** Values of carried inputs, as the next run will see them: of all, or of the named ones. Not to be changed. */
  state(names?: readonly string[]): Promise<Record<string, HostArray>>;
  /** Runs the graph once: feeds every other input, returns every other output, and moves the state on. */
  run(feeds: HostValues): Promise<HostValues>;
  /**
   * Runs the graph `steps` times, at least once. Every feed holds the values of all steps one after another, and every
   * output does so, too. The same values, bit for bit, as that many single runs.
   */
  runSteps(feeds: HostValues, steps: number): Promise<HostValues>;
  dispose(): Promise<void>;
}

export type Compile = (outputs: Outputs, options: ProgramOptions) => Promise<Program>;

/** `Program.runSteps` for engines that run one step per call. */
export async function stepByStep(
  run: (feeds: HostValues) => Promise<HostValues>,
  feeds: HostValues,
  steps: number,
): Promise<HostValues> {
  if (steps === 1) return run(feeds);
  const results: HostValues[] = [];
  for (let step = 0; step < steps; step++) {
    const own = Object.entries(feeds).map(([name, values]) => {
      const size = values.length / steps;
      return [name, values.slice(step * size, (step + 1) * size)] as const;
    });
    results.push(await run(Object.fromEntries(own)));
  }
  const names = Object.keys(results[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, joined(results.map((result) => result[name]))]));
}

function joined(parts: readonly (HostArray | undefined)[]): HostArray {
  const known = parts.filter((part) => part !== undefined);
  const [first] = known;
  if (first === undefined) throw new Error('A run gave no values.');
  const all = new (first.constructor as new (length: number) => HostArray)(
    known.reduce((length, part) => length + part.length, 0),
  );
  let start = 0;
  for (const part of known) {
    all.set(part, start);
    start += part.length;
  }
  return all;
}
