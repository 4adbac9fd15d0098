/**
 * Spectral energy of the early training loss (Notsawo et al. 2023, arXiv 2306.13253): the Hjorth activity of the loss over the
 * first 400 updates, which they find to tell runs that will generalize late from runs that will not, long before they do.
 * The series is the loss of every update from the first on, as the trainer computes it (of the batch, in mini-batch
 * training; the paper trains on all examples at once), whatever rows are recorded. Before update 400 it is that of the
 * updates so far; after it, a constant. NaN in a run that went on from a checkpoint without the beginning of the series.
 */
import { hjorthActivity } from '../../shared/hjorth.ts';
import { lossUnit } from '../training/losses.ts';
import { EARLY } from '../training/neural-lane.ts';
import { measureColumn, objectiveOf, type CreateMeasure } from './measure.ts';

export const createSpectralEnergy: CreateMeasure = (context) => {
  const unit = lossUnit[objectiveOf(context).loss];
  return Promise.resolve({
    columns: [
      measureColumn(
        'earlyLossEnergy',
        `spectral energy of the first ${EARLY} training losses`,
        'spectral energy',
        unit === '' ? '' : `${unit}²`,
      ),
    ],
    panels: [],
    evaluate: (_, { effort, earlyLosses }) => {
      const complete = earlyLosses.length === Math.min(effort, EARLY);
      const energy = complete ? hjorthActivity(earlyLosses) : Number.NaN;
      return Promise.resolve({ columns: [energy], arrays: {} });
    },
    dispose: () => Promise.resolve(),
  });
};
