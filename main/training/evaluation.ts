/** Metrics of given parameters on given examples, on any engine. */
import type { LossKind } from '../../shared/trainer-spec.ts';
import { chooseEngine, type Engine } from '../engine/devices.ts';
import type { HostArray } from '../engine/program.ts';
import type { FloatType } from '../engine/trace.ts';
import type { Network } from '../models/network.ts';
import { evaluationGraph, logitsGraph, metricsGraph, type ScoredExamples } from './training-graph.ts';

/** Per example: its loss, and 1 where the prediction is right; null where nothing says which one is. */
export interface ExampleMetrics {
  losses: HostArray;
  hits: HostArray | null;
}

export interface Evaluation {
  run(parameters: HostArray): Promise<ExampleMetrics>;
  dispose(): Promise<void>;
}

/**
 * Losses are computed in float64 from the logits. An engine without float64 computes the logits only, and another one
 * the rest.
 * @throws LatebloomError 'device-unavailable' when no engine here has float64
 */
export async function compileEvaluation(
  { compile, float64, backend: { threads } }: Engine,
  network: Network,
  examples: ScoredExamples,
  dtype: FloatType,
  loss: LossKind,
): Promise<Evaluation> {
  const options = { threads, carried: {} };
  if (float64) {
    const program = await compile(evaluationGraph(network, examples, dtype, loss), options);
    return {
      run: async (parameters) => exampleMetrics(await program.run({ parameters })),
      dispose: () => program.dispose(),
    };
  }
  const forward = await compile(logitsGraph(network, examples.inputs, dtype), options);
  const wide = await chooseEngine({ device: null, precision: 'float64', threads });
  const metrics = await wide.compile(metricsGraph(network, examples, dtype, loss), options);
  return {
    run: async (parameters) => exampleMetrics(await metrics.run(await forward.run({ parameters }))),
    dispose: async () => {
      await forward.dispose();
      await metrics.dispose();
    },
  };
}

function exampleMetrics({ losses, hits }: Readonly<Record<string, HostArray>>): ExampleMetrics {
  if (losses === undefined) throw new Error('The evaluation gave no losses.');
  return { losses, hits: hits ?? null };
}
