/** What a claim may say: two quantities of runs, or one and a number, compared. `claims.ts` evaluates it. */
import { z } from 'zod';
import { MAX_EFFORT } from './effort.ts';
import { phases } from './phase.ts';
import { slug } from './slug.ts';
import { sweepPath, sweepPoint } from './sweep-spec.ts';

/** A moment of a run: its first row, its fit or generalization step, its end, or an effort. */
const moment = z.union([
  z.enum(['start', 'fit', 'generalization', 'end']),
  z.strictObject({ effort: z.int().min(0).max(MAX_EFFORT) }),
]);

/** A moment, or where a column is largest or smallest. */
const columnPoint = z.union([moment, z.enum(['max', 'min'])]);

/**
 * Any column of a run's curve, a measure's included, `when` something happens: restrictedLoss at the generalization step.
 * With `since` its change from there to `when`, as a difference (`when` − `since`) or a ratio (`when` / `since`).
 */
export const columnQuantity = z.strictObject({
  /** The column's name, as a run's table of values has it: `restrictedLoss`, `norm:W_E`. */
  column: z.string().min(1).max(200),
  when: columnPoint,
  since: columnPoint.exactOptional(),
  /** How a change since then is taken; a difference when absent. */
  as: z.enum(['difference', 'ratio']).exactOptional(),
  /** Where the largest and the smallest value are looked for; the whole run when absent. */
  between: z.tuple([moment, moment]).exactOptional(),
  /**
   * A measure has values at snapshots only: the last one at or before the moment (when absent), or the first one at or
   * after it.
   */
  nearest: z.enum(['before', 'after']).exactOptional(),
});

/**
 * Whether a run is in a phase of Liu et al. 2022, by its arm's thresholds and the delay from which a run that generalizes
 * groks (1,000 efforts in the paper). Only a share can be taken of it.
 */
export const phaseQuantity = z.strictObject({
  phase: z.enum(phases),
  grokkingDelay: z.int().min(1).max(MAX_EFFORT).exactOptional(),
});

export const claimQuantity = z.union([
  z.enum([
    'fitStep',
    'generalizationStep',
    'delay',
    'delayRatio',
    'finalTrainAccuracy',
    'finalTestAccuracy',
    'finalTrainLoss',
    'finalTestLoss',
  ]),
  columnQuantity,
  phaseQuantity,
]);

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
  /**
   * Least squares for quantity = exp(intercept) · axis^exponent, and Pearson's correlation of both logarithms. Points that
   * have no logarithm are left out, and counted.
   */
  z.strictObject({
    trend: z.literal('power-law'),
    axis: sweepPath,
    report: z.enum(['correlation', 'exponent', 'intercept']),
    alsoArms: z.array(slug).min(1).max(100).exactOptional(),
  }),
  /**
   * Spearman's rank correlation of the quantity with another one, over the runs of the operand's arms (the statistic
   * "each") or over their sweep points.
   */
  z.strictObject({
    trend: z.literal('spearman-with'),
    with: claimQuantity,
    alsoArms: z.array(slug).min(1).max(100).exactOptional(),
  }),
]);

/** A quantity over the runs of one arm, reduced by a statistic; with `over`, the trend of that along an axis. */
export const claimOperand = z.strictObject({
  arm: slug,
  quantity: claimQuantity,
  /**
   * Median uses Kaplan-Meier where runs are censored; `share` is the share of runs in which the event was seen; `each`
   * takes every run for itself, for a trend.
   */
  statistic: z.enum(['median', 'min', 'max', 'mean', 'share', 'each']),
  /** Only the runs at sweep points with these values; all points of the arm when absent. */
  at: sweepPoint.exactOptional(),
  over: trendSpec.exactOptional(),
});

/** One operand beside another: the first divided by the second, or less the second. */
export const ratioTerm = z.strictObject({ ratio: z.tuple([claimOperand, claimOperand]) });
export const differenceTerm = z.strictObject({ difference: z.tuple([claimOperand, claimOperand]) });

export const claimTerm = z.union([claimOperand, ratioTerm, differenceTerm]);

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
    left: claimTerm,
    op: z.enum(['<', '<=', '>', '>=']),
    right: z.union([z.number(), claimOperand, ratioTerm, differenceTerm]),
  }),
  /** With fewer seeds at any sweep point that it reads, the claim is not decidable. */
  minimumSeeds: z.int().min(2).max(1000).exactOptional(),
});

export type Moment = z.infer<typeof moment>;
export type ColumnPoint = z.infer<typeof columnPoint>;
export type ColumnQuantity = z.infer<typeof columnQuantity>;
export type PhaseQuantity = z.infer<typeof phaseQuantity>;
export type ClaimQuantity = z.infer<typeof claimQuantity>;
export type Trend = z.infer<typeof trendSpec>;
export type ClaimTerm = z.infer<typeof claimTerm>;
export type Provenance = NonNullable<Claim['provenance']>;
export type ClaimOperand = z.infer<typeof claimOperand>;
export type Claim = z.infer<typeof claimSpec>;
