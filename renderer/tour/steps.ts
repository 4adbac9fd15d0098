/** What the tour says, and the study that it ends in. */
import type { StartRequest } from '../../shared/api.ts';
import { scalesOf, type Preset } from '../../shared/preset.ts';

export interface TourStep {
  /** The `data-tour` of the element that it points at. */
  anchor: string;
  title: string;
  text: string;
}

export const tourSteps: readonly TourStep[] = [
  {
    anchor: 'presets',
    title: 'Papers, ready to run',
    text: 'Each preset is the study of a paper about delayed generalization: its arms, its settings, and its claims, which are checked against your own runs.',
  },
  {
    anchor: 'views',
    title: 'Where your work is',
    text: 'Compose a study of your own, compare runs of any studies, and find every run. A study’s own page has its live curves, comparison, replay, verdicts and notes.',
  },
  {
    anchor: 'search',
    title: 'Everything by name',
    text: 'Search finds every command, preset, study and run. Press ? for the shortcuts, and drop a .study.zip anywhere on the window to import it.',
  },
  {
    anchor: 'quick-start',
    title: 'Now watch it happen',
    text: 'Three runs of this preset: a neural network, a Gaussian process and a linear regression. Each fits its training data first and generalizes later; on two cores all three take well under a minute.',
  },
];

/**
 * One arm of each family of Miller et al. 2023: the only preset whose three families all generalize in seconds. With their
 * first seeds they took 16 s together on two cores that others used too (26 November 2026), generalization steps 3,392,
 * 108 and 595 of budgets of 9,600, 1,500 and 5,000.
 */
const QUICK_PRESET = 'miller-2023';
const QUICK_ARMS = ['nn-parity', 'gp-zero-one', 'linear-decoys'];

/** What the last step starts; null where the preset is not there. */
export function tourStudy(presets: readonly Preset[] | null): StartRequest | null {
  const preset = presets?.find(({ study }) => study.id === QUICK_PRESET);
  if (preset === undefined) return null;
  const [{ study }] = scalesOf(preset);
  const arms = QUICK_ARMS.filter((id) => study.arms.some((arm) => arm.id === id));
  return arms.length === 0 ? null : { study, arms, seeds: 1 };
}

/** Whether a card of the gallery is the one that the last step points at. */
export function isQuickPreset(id: string): boolean {
  return id === QUICK_PRESET;
}
