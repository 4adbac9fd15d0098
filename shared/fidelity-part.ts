/**
 * What one preset at one scale came to, as a report keeps it: the verdicts as computed from its runs, with what they stand
 * on, the time they took and the machine. A part is kept beside the report, so that a long one can be made in pieces;
 * it counts as long as its study is the one that is shipped.
 */
import { z } from 'zod';
import { verdictWords, type Verdict } from './claims.ts';

const verdict = z.enum(Object.keys(verdictWords) as [keyof typeof verdictWords]);

const claimSchema = z.strictObject({
  id: z.string(),
  text: z.string(),
  source: z.string(),
  quote: z.string(),
  verdict,
  /** "820", "at least 5,000" */
  found: z.string(),
  /** "> 100" */
  claimed: z.string(),
  value: z.number().nullable(),
  /** "95 % interval 640 to 710 (…)" and what follows from it. */
  confidence: z.array(z.string()),
  /** "n = 5, 1 censored" */
  sample: z.string(),
  why: z.string(),
});

export const partSchema = z.strictObject({
  schemaVersion: z.literal(1),
  preset: z.string(),
  studyId: z.string(),
  scale: z.enum(['paper', 'cpu']),
  title: z.string(),
  arxiv: z.string().nullable(),
  changes: z.array(z.string()),
  /** Of the study as run. */
  studyHash: z.string(),
  /** Seeds per arm, where the run was made with fewer or more than the study has. */
  seedsAsked: z.number().nullable(),
  seeds: z.string(),
  runs: z.strictObject({ total: z.number(), finished: z.number(), failed: z.number(), open: z.number() }),
  claims: z.array(claimSchema),
  /** Sum over the runs of the time each took, and from the first start to the last end. */
  computingSeconds: z.number(),
  wallSeconds: z.number().nullable(),
  endedAt: z.string().nullable(),
  machine: z.string(),
  appVersion: z.string(),
  figure: z.string(),
  /** What the figure shows, and what it leaves out. */
  caption: z.string(),
});

export type FidelityPart = z.infer<typeof partSchema>;
export type PartClaim = FidelityPart['claims'][number];

/** A part with its figure, as a preset's page shows it. */
export interface ReportedScale {
  part: FidelityPart;
  /** SVG. */
  figure: string;
}

/** How many of a scale's claims came to what when we ran it. */
export interface ReportedCounts {
  studyId: string;
  counts: Record<Verdict, number>;
}
