/**
 * Size of the update that the trainer makes at these parameters, ‖Δθ‖, and relative to the weights, ‖Δθ‖ / ‖θ‖: learning
 * rate, moments, schedule, gradient filter and weight decay included. It is the next update, not the last one: that
 * needs nothing but the current state, so that a resumed run measures the same. In full-batch training it is the update
 * itself; in mini-batch training it is the one that the gradient of all training examples would make with the same
 * moments. Noise that a trainer adds, and dropout, are left out.
 */
import { sizeOf } from '../engine/graph.ts';
import type { HostArray } from '../engine/program.ts';
import { floatArray, initialParameters } from '../training/neural-parts.ts';
import { examplesOf } from '../training/neural-task.ts';
import { optimizer } from '../training/optimizers.ts';
import { updateGraph } from '../training/training-graph.ts';
import { measureColumn, objectiveOf, type CreateMeasure } from './measure.ts';

export const createUpdateSize: CreateMeasure = async (context) => {
  const { engine, threads, dtype, network, dataset, seed } = context;
  const { trainer } = context.arm;
  if (trainer.kind === 'direct') throw new Error('This arm has no update rule.');
  const parts = network.parameters.map(({ shape, role }) => ({ size: sizeOf(shape), role }));
  const rule = optimizer(trainer, { parts, initial: initialParameters(network, dtype, seed) });
  const { inputs, targets } = examplesOf(dataset, 'train', dtype);
  const graph = updateGraph(network, rule, { inputs, targets, weights: null }, dtype, {
    ...objectiveOf(context),
    noise: null,
  });
  const next = graph['next:parameters'];
  if (next === undefined) throw new Error('The update has no result.');
  const program = await engine.compile({ next }, { threads, carried: {} });
  return {
    columns: [
      measureColumn('updateNorm', 'norm of the next update', 'update size'),
      measureColumn('relativeUpdate', 'next update relative to the weights', 'relative update size'),
    ],
    panels: [],
    evaluate: async (parameters, { effort, state }) => {
      const scalars = rule.schedule(effort);
      const feeds: Record<string, HostArray> = { parameters };
      for (const name of rule.moments) feeds[name] = state[name] ?? floatArray(dtype, parameters.length);
      rule.scalars.forEach((name, i) => (feeds[name] = floatArray(dtype, [scalars[i] as number])));
      const { next: moved } = await program.run(feeds);
      const [norm, weights] = displacement(parameters, moved ?? parameters);
      return { columns: [norm, norm / weights], arrays: {} };
    },
    dispose: () => program.dispose(),
  };
};

/** Distance between two vectors, and the norm of the first, summed in float64. */
function displacement(from: HostArray, to: HostArray): [number, number] {
  let [distance, squares] = [0, 0];
  for (let i = 0; i < from.length; i++) {
    distance += ((to[i] as number) - (from[i] as number)) ** 2;
    squares += (from[i] as number) ** 2;
  }
  return [Math.sqrt(distance), Math.sqrt(squares)];
}
