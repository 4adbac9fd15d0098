/** The fidelity report in Markdown: what every preset came to, claim by claim, and why what fails does. */
import { countVerdicts, verdictWords } from '../../shared/claims.ts';
import type { FidelityPart } from '../../shared/fidelity-part.ts';
import { formatSeconds } from '../cli/format.ts';

export interface ReportPart {
  part: FidelityPart;
  /** Beside the report: `fidelity/liu-2022.svg`. */
  figure: string;
  /** The section of the preset's notes on what fails; null where there is none. */
  explanation: string | null;
}

export interface ReportInput {
  parts: readonly ReportPart[];
  /** Presets and scales without a part, each with why. */
  missing: readonly string[];
  createdAt: string;
}

export function reportMarkdown({ parts, missing, createdAt }: ReportInput): string {
  const all = countVerdicts(parts.flatMap(({ part }) => part.claims));
  const seconds = parts.reduce((sum, { part }) => sum + part.computingSeconds, 0);
  const machines = [...new Set(parts.map(({ part }) => part.machine))];
  return [
    '# Fidelity: what the presets came to',
    '',
    'Written by `latebloom fidelity` from real runs; nothing here is typed by hand but the explanations, which are taken from',
    "each preset's notes. A verdict is recomputed from the runs every time; `latebloom claims <study>` does the same for one study.",
    '',
    `Written ${createdAt.slice(0, 10)}. Of ${all.holds + all.fails + all['not-enough-data']} claims ${all.holds} hold, ${all.fails} fail, ${all['not-enough-data']} are not decidable with these runs. Computing time of all runs: ${formatSeconds(seconds)}.`,
    '',
    machines.length === 1
      ? `Machine: ${machines[0] ?? ''}.`
      : `Machines: ${machines.join(' — ')}. Each section names its own.`,
    '',
    table(
      ['Preset', 'Scale', 'Holds', 'Fails', 'Not decidable', 'Runs', 'Computing time', 'Run on'],
      parts.map(({ part }) => {
        const { holds, fails, 'not-enough-data': open } = countVerdicts(part.claims);
        return [
          `[${part.preset}](#${anchor(part)})`,
          part.scale,
          ...[holds, fails, open].map(String),
          runWords(part),
          formatSeconds(part.computingSeconds),
          part.endedAt?.slice(0, 10) ?? 'unknown',
        ];
      }),
    ),
    ...(missing.length === 0 ? [] : ['Not in this report:', '', ...missing.map((line) => `- ${line}`), '']),
    ...parts.map(section),
  ].join('\n');
}

function section({ part, figure, explanation }: ReportPart): string {
  const undecided = part.claims.filter(({ verdict }) => verdict !== 'holds');
  const fails = part.claims.filter(({ verdict }) => verdict === 'fails');
  const wall =
    part.wallSeconds === null
      ? ''
      : `, ${formatSeconds(part.wallSeconds)} from the first start to the last end`;
  return [
    `## ${heading(part)}`,
    '',
    `${part.title}${part.arxiv === null ? '' : `, [arXiv:${part.arxiv}](https://arxiv.org/abs/${part.arxiv})`}.`,
    ...(part.changes.length === 0
      ? []
      : ['', 'Changed from the paper for this scale:', '', ...part.changes.map((change) => `- ${change}`)]),
    '',
    `${runWords(part)}, ${part.seeds} per arm and sweep point${part.seedsAsked === null ? '' : ` (${part.seedsAsked} asked for)`}; computing time ${formatSeconds(part.computingSeconds)}${wall}. Ended ${part.endedAt ?? 'at an unknown time'}, Latebloom ${part.appVersion}, on ${part.machine}. Study ${part.studyHash.slice(0, 12)}.`,
    '',
    `![Curves of ${part.studyId}](${figure})`,
    '',
    part.caption,
    '',
    table(
      ['Verdict', 'Claim', 'Found', 'Claimed', 'Interval', 'Runs'],
      part.claims.map((claim) => [
        claim.verdict === 'fails' ? `**${verdictWords[claim.verdict]}**` : verdictWords[claim.verdict],
        `${claim.text} *${claim.source}*${claim.quote === '' ? '' : ` ${claim.quote}`}`,
        claim.found,
        claim.claimed,
        claim.confidence.length === 0 ? 'none' : claim.confidence.join(' '),
        claim.sample,
      ]),
    ),
    ...(undecided.length === 0
      ? []
      : [...undecided.map(({ id, verdict, why }) => `- \`${id}\` ${verdictWords[verdict]}: ${why}`), '']),
    ...(fails.length === 0
      ? []
      : explanation === null
        ? ['What fails here is not explained yet in the notes of the preset.', '']
        : ['### What fails, and why', '', explanation, '']),
  ].join('\n');
}

function heading({ preset, scale }: FidelityPart): string {
  return `${preset}, ${scale} scale`;
}

/** As GitHub makes it of a heading. */
function anchor(part: FidelityPart): string {
  return heading(part)
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

function runWords({ runs }: FidelityPart): string {
  const parts = [`${runs.total} ${runs.total === 1 ? 'run' : 'runs'}`];
  if (runs.failed > 0) parts.push(`${runs.failed} failed`);
  if (runs.open > 0) parts.push(`${runs.open} not ended`);
  const stopped = runs.total - runs.finished - runs.failed - runs.open;
  if (stopped > 0) parts.push(`${stopped} stopped`);
  return parts.join(', ');
}

function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |\n`;
  return [headers, headers.map(() => '---'), ...rows].map(line).join('');
}

/** The text under "What fails, and why" in a preset's notes; null where there is none. */
export function explanationIn(notes: string): string | null {
  const found = /^## What fails, and why\s*\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(notes);
  const text = found?.[1]?.trim() ?? '';
  return text === '' ? null : text;
}
