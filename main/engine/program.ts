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
}

export interface Program {
  /** Sets every carried input. */
  setState(values: HostValues): void;
  /** Values of carried inputs, as the next run will see them: of all, or of the named ones. Not to be changed. */
  state(names?: readonly string[]): Promise<Record<string, HostArray>>;
  /** Runs the graph once: feeds every other input, returns every other output, and moves the state on. */
  run(feeds: HostValues): Promise<HostValues>;
  dispose(): Promise<void>;
}

export type Compile = (outputs: Outputs, options: ProgramOptions) => Promise<Program>;
