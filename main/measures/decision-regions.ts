/**
 * Decision regions: the class of the largest logit over the plane of two inputs, with the examples on it. A picture only; for
 * vectors of two inputs with classes.
 */
import { constant } from '../engine/trace.ts';
import { DecisionRegions, largestOf } from '../models/decision-regions.ts';
import { logitsGraph } from '../training/training-graph.ts';
import type { CreateMeasure } from './measure.ts';

export const createDecisionRegions: CreateMeasure = async ({ engine, threads, dtype, network, dataset }) => {
  const regions = DecisionRegions.of(dataset);
  if (regions === null) throw new Error('Decision regions need vectors of two inputs with classes.');
  const places = constant(regions.grid, [regions.grid.length / 2, 2], dtype);
  const program = await engine.compile(logitsGraph(network, places, dtype), { threads, carried: {} });
  const classes = regions.panel.classes.length;
  return {
    columns: [],
    panels: [regions.panel],
    evaluate: async (parameters, { effort }) => {
      const { logits } = await program.run({ parameters });
      if (logits === undefined) throw new Error('The network gave no logits.');
      // The grid and the examples do not change: every run's first snapshot, at effort 0, holds them.
      return { columns: [], arrays: regions.arrays(largestOf(logits, classes), effort === 0) };
    },
    dispose: () => program.dispose(),
  };
};
