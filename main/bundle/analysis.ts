/** `analysis.json`: delays per run and per arm, what the claims came to, and what the numbers mean. */
import { evaluateClaims, type ClaimSide } from '../../shared/claims.ts';
import { delayTable, type RunWithCurve } from '../../shared/delay-table.ts';
import type { Study } from '../../shared/study.ts';
import { BUNDLE_SCHEMA_VERSION } from './layout.ts';

const estimators = {
  fitStep:
    'First recorded effort at which the training metric is past its threshold (study.json) and stays past it up to sustain times that effort; raw values, never smoothed.',
  generalizationStep: 'The same for the test metric.',
  delay: 'generalizationStep − fitStep, in effort.',
  delayRatio: 'generalizationStep / fitStep.',
  sharpness: 'Effort between 10 % and 90 % of the rise of the test metric.',
  censored: 'Not seen up to the last recorded effort: "AtLeast" is the bound. Such runs are never dropped.',
  claims: 'low and high bound the values that the data leave possible; null is an open side.',
};

/** Intervals are drawn anew by whoever reads the bundle: they are no part of what follows exactly from the curves. */
function withoutInterval(side: ClaimSide): Omit<ClaimSide, 'confidence'> {
  const exact: Partial<ClaimSide> = { ...side };
  delete exact.confidence;
  return exact as Omit<ClaimSide, 'confidence'>;
}

/** A JSON value, the same for the same study and runs. */
export function buildAnalysis(study: Study, runs: readonly RunWithCurve[]): unknown {
  const table = delayTable(runs);
  const document = {
    schemaVersion: BUNDLE_SCHEMA_VERSION,
    estimators: { ...estimators, median: table.method },
    runs: table.runs,
    arms: table.arms,
    claims: evaluateClaims(study, runs).map(({ left, right, ...verdict }) => ({
      ...verdict,
      left: withoutInterval(left),
      right: withoutInterval(right),
    })),
  };
  return JSON.parse(JSON.stringify(document)) as unknown;
}
