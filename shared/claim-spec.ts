/** What a claim may say: two quantities of runs, or one and a number, compared. `claims.ts` evaluates it. */
import { z } from 'zod';
import { slug } from './slug.ts';
import { sweepPath, sweepPoint } from './sweep-spec.ts';

/**
 * How a quantity changes along a numeric axis of its arm's sweep. The data points are (axis value, quantity): one per
 * axis value, the `statistic` of its runs, or with the statistic "each" one per run.
 */
export const trendSpec = z.discriminatedUnion('trend', [
  /** Spearman's rank correlation of the quantity with the axis. */
  z.strictObject({ trend: z.literal('spearman'), axis: sweepPath }),
  /**
   * Least squares for quantity = exp(slope · axis + intercept), and Pearson's correlation of its logarithm with the
   * axis (Miller et al. 2023, Table 2). A quantity of 0 or less has no logarithm: the authors' code puts 0 in its place
   * (`log-zero`); `left-out` leaves the point out.
   */
  z.strictObject({
    trend: z.literal('log-linear'),
    axis: sweepPath,
    report: z.enum(['correlation', 'slope', 'intercept']),
    nonPositive: z.enum(['log-zero', 'left-out']),
    /** Arms whose points are pooled with those of the operand's own arm. */
    alsoArms: z.array(slug).min(1).max(100).exactOptional(),
  }),
]);

/** A quantity over the runs of one arm, reduced by a statistic; with `over`, the trend of that along an axis. */
export const claimOperand = z.strictObject({
  arm: slug,
  quantity: z.enum([
    'fitStep',
    'generalizationStep',
    'delay',
    'delayRatio',
    'finalTrainAccuracy',
    'finalTestAccuracy',
    'finalTrainLoss',
    'finalTestLoss',
  ]),
  /**
   * Median uses Kaplan-Meier where runs are censored; `share` is the share of runs in which the event was seen; `each`
   * takes every run for itself, for a trend.
   */
  statistic: z.enum(['median', 'min', 'max', 'mean', 'share', 'each']),
  /** Only the runs at sweep points with these values; all points of the arm when absent. */
  at: sweepPoint.exactOptional(),
  over: trendSpec.exactOptional(),
});

export const claimSpec = z.strictObject({
  id: slug,
  /** The sentence, in the paper's words or close to them. */
  text: z.string().min(1),
  /** Where the paper says so: paper, section or figure. */
  source: z.string().min(1),
  /** At most one sentence of the paper, in its own words. */
  quote: z.string().min(1).max(300).exactOptional(),
  /** How the value is known; what is only recalled or said by others is never shown as published. */
  provenance: z
    .enum(['paper', 'code', 'third-party', 'computed', 'recalled', 'ours'])
    .describe('where the claim was read: the paper, its code, others, a calculation, memory, or our own')
    .exactOptional(),
  check: z.strictObject({
    left: claimOperand,
    op: z.enum(['<', '<=', '>', '>=']),
    right: z.union([z.number(), claimOperand]),
  }),
});

export type Trend = z.infer<typeof trendSpec>;
export type ClaimOperand = z.infer<typeof claimOperand>;
export type Claim = z.infer<typeof claimSpec>;
