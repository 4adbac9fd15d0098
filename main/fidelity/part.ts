/** A part of the fidelity report from a preset's runs. */
import { confidenceLines, sampleWords, type ClaimVerdict } from '../../shared/claims.ts';
import { quoteWords, sourceWords } from '../../shared/claim-source.ts';
import { valueWords } from '../../shared/claim-words.ts';
import type { RunWithCurve } from '../../shared/delay-table.ts';
import type { FidelityPart, PartClaim } from '../../shared/fidelity-part.ts';
import { changesOf, type ScaleName } from '../../shared/preset.ts';
import { endedStatuses, type RunRecord } from '../../shared/run.ts';
import type { Study } from '../../shared/study.ts';

export interface PartInput {
  preset: string;
  scale: ScaleName;
  study: Study;
  studyHash: string;
  seedsAsked: number | null;
  runs: readonly RunWithCurve[];
  claims: readonly ClaimVerdict[];
  figure: string;
  caption: string;
}

export function fidelityPart({ study, runs, claims, ...input }: PartInput): FidelityPart {
  const records = runs.map(({ run }) => run);
  const times = (of: (run: RunRecord) => string | null): number[] =>
    records.flatMap((run) => {
      const time = of(run);
      return time === null ? [] : [Date.parse(time)];
    });
  const [starts, ends] = [times((run) => run.startedAt), times((run) => run.endedAt)];
  const [start, end] = [Math.min(...starts), Math.max(...ends)];
  return {
    ...input,
    schemaVersion: 1,
    studyId: study.id,
    title: study.title,
    arxiv: study.paper?.arxiv ?? null,
    changes: [...changesOf(study)],
    seeds: seedWords(study),
    runs: {
      total: records.length,
      finished: records.filter(({ status }) => status === 'finished').length,
      failed: records.filter(({ status }) => status === 'failed').length,
      open: records.filter(({ status }) => !endedStatuses.includes(status)).length,
    },
    claims: claims.map(partClaim),
    computingSeconds: runs.reduce((sum, { curve }) => sum + (curve.columns['seconds']?.at(-1) ?? 0), 0),
    wallSeconds: Number.isFinite(end - start) ? (end - start) / 1000 : null,
    endedAt: Number.isFinite(end) ? new Date(end).toISOString() : null,
    machine: machineWords(records),
    appVersion: records[0]?.environment.appVersion ?? 'unknown',
  };
}

function partClaim(one: ClaimVerdict): PartClaim {
  const { claim, left, right, why } = one;
  return {
    id: claim.id,
    text: claim.text,
    source: sourceWords(claim),
    quote: quoteWords(claim),
    verdict: one.verdict,
    found: valueWords(left),
    claimed: `${claim.check.op} ${valueWords(right)}`,
    value: left.value,
    confidence: confidenceLines(one),
    sample: [left, right]
      .map(sampleWords)
      .filter((words) => words !== '')
      .join('; '),
    why,
  };
}

/** "5 seeds", "3 to 10 seeds": per arm and sweep point. */
function seedWords({ arms }: Study): string {
  const counts = arms.map(({ seeds }) => seeds.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? `${most} ${most === 1 ? 'seed' : 'seeds'}` : `${least} to ${most} seeds`;
}

/** What the runs were computed on, as their records have it: they may have come from elsewhere. */
function machineWords(runs: readonly RunRecord[]): string {
  // A run that never started says nothing of what computes it.
  const started = runs.filter(({ backend }) => backend !== null);
  const words = (started.length > 0 ? started : runs).map(({ environment, backend }) => {
    const { cpu, cores, memoryBytes, os, arch, gpu } = environment;
    const processor = `${cpu ?? 'unknown processor'}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 30)} GiB, ${os} ${arch}`;
    const computed = backend === null ? '' : `; ${backend.engine} on ${backend.device}, ${backend.precision}`;
    const graphics = gpu === null || backend?.device === 'cpu' ? '' : `; ${gpu}`;
    return `${processor}${graphics}${computed}`;
  });
  return [...new Set(words)].join(' and ');
}
