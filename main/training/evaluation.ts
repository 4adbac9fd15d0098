/** Metrics of given parameters on given examples, on any engine. */
import type { LossKind } from '../../shared/trainer-spec.ts';
import { chooseEngine, type Engine } from '../engine/devices.ts';
import type { Outputs } from '../engine/graph.ts';
import { inLanes } from '../engine/lanes.ts';
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

/** A network and what it is scored on. */
export interface Scored {
  network: Network;
  examples: ScoredExamples;
}

/**
 * Of one network, or of several in lanes: parameters and metrics then lie lane after lane.
 * Losses are computed in float64 from the logits. An engine without float64 computes the logits only, and another one
 * the rest.
 * @throws LanesDifferError, LatebloomError 'device-unavailable' when no engine here has float64
 */
export async function compileEvaluation(
  { compile, float64, backend: { threads } }: Engine,
  lanes: readonly Scored[],
  dtype: FloatType,
  loss: LossKind,
): Promise<Evaluation> {
  const options = { threads, carried: {} };
  const inAll = (graphOf: (lane: Scored) => Outputs): Outputs => {
    const graphs = lanes.map(graphOf);
    return graphs.length === 1 ? (graphs[0] as Outputs) : inLanes(graphs);
  };
  if (float64) {
    const graph = inAll(({ network, examples }) => evaluationGraph(network, examples, dtype, loss));
    const program = await compile(graph, options);
    return {
      run: async (parameters) => exampleMetrics(await program.run({ parameters })),
      dispose: () => program.dispose(),
    };
  }
  const forward = await compile(
    inAll(({ network, examples }) => logitsGraph(network, examples.inputs, dtype)),
    options,
  );
  const wide = await chooseEngine({ device: null, precision: 'float64', threads });
  const metrics = await wide.compile(
    inAll(({ network, examples }) => metricsGraph(network, examples, dtype, loss)),
    options,
  );
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
