/** Activations of every hidden layer on given examples. */
import type { Dataset } from '../datasets/dataset.ts';
import { simplify } from '../engine/simplify.ts';
import type { Tensor } from '../engine/trace.ts';
import type { HostArray } from '../engine/program.ts';
import { examplesOf } from '../training/neural-task.ts';
import { forwardOf, weightsOfFlat, type MeasureContext } from './measure.ts';

export interface Activations {
  /** Width of every layer. */
  widths: readonly number[];
  /** [n, width] for every layer. */
  at(parameters: HostArray): Promise<HostArray[]>;
  dispose(): Promise<void>;
}

/** On the training examples, and the test examples after them where `part` is `all`. */
export async function compileActivations(
  { engine, threads, dtype, network }: MeasureContext,
  dataset: Dataset,
  part: 'train' | 'all',
): Promise<Activations> {
  const { inputs } = examplesOf(dataset, part, dtype);
  const { hidden } = forwardOf(network, weightsOfFlat(network, dtype), inputs);
  const outputs = Object.fromEntries(hidden.map((layer, i): [string, Tensor] => [`hidden${i}`, layer]));
  const program = await engine.compile(simplify(outputs), { threads, carried: {} });
  return {
    widths: hidden.map(({ shape }) => shape[1] as number),
    at: async (parameters) => {
      const results = await program.run({ parameters });
      return hidden.map((_, i) => results[`hidden${i}`] as HostArray);
    },
    dispose: () => program.dispose(),
  };
}
