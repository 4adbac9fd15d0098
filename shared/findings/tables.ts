/** Tables that stand in notes and reports: the delays of arms, and what the claims came to. */
import { medianMethod, type MedianResult } from '../aggregate.ts';
import type { FigureTable } from '../charts/table.ts';
import { seedsInWords, type ArmGroup } from '../charts/groups.ts';
import { familyTitles } from '../charts/palette.ts';
import { sourceWords } from '../claim-source.ts';
import { confidenceLines, verdictWords, type ClaimSide, type ClaimVerdict } from '../claims.ts';
import { formatEffort, formatInterval, formatMedian, formatRatio } from '../format.ts';

/** A table in words, with the numbers behind it at full precision. */
export interface WordTable {
  title: string;
  columns: string[];
  rows: string[][];
  notes: string[];
  data: FigureTable;
}

const medians = ['fitStep', 'generalizationStep', 'delay', 'delayRatio', 'sharpness'] as const;

export function delaysTable(groups: readonly ArmGroup[]): WordTable {
  return {
    title: 'Delays',
    columns: [
      'Arm',
      'Seeds',
      'Fit step',
      'Generalization step',
      'Delay',
      'Delay ratio',
      'Sharpness',
      'Generalized',
    ],
    rows: groups.map((group) => [
      `${group.short} (${familyTitles[group.family]}, ${group.effortUnit}s)`,
      seedsInWords(group),
      ...medians.map((name) =>
        medianWords(group.row[name], name === 'delayRatio' ? formatRatio : formatEffort),
      ),
      `${group.row.generalized} of ${group.row.n}`,
    ]),
    notes: [
      `In each arm's own unit of effort. ${medianMethod}. A run that did not get there within its recorded effort is censored and counts as such.`,
    ],
    data: {
      columns: [
        'arm',
        'unit',
        'n',
        'generalized',
        ...medians.flatMap((name) => [
          name,
          `${name} bound only`,
          `${name} low`,
          `${name} high`,
          `${name} censored`,
        ]),
      ],
      rows: groups.map(({ label, effortUnit, row }) => [
        label,
        effortUnit,
        row.n,
        row.generalized,
        ...medians.flatMap((name) => medianCells(row[name])),
      ]),
    },
  };
}

function medianWords(median: MedianResult, print: (value: number) => string): string {
  const interval = formatInterval(median, print);
  const counted = [
    ...(median.censored === 0 ? [] : [`${median.censored} of ${median.n} censored`]),
    ...(median.undefined === 0 ? [] : [`${median.undefined} undefined`]),
  ].join(', ');
  return [
    formatMedian(median, print),
    ...[interval, counted].filter((one) => one !== '').map((one) => `(${one})`),
  ].join(' ');
}

function medianCells(median: MedianResult): (string | number | null)[] {
  switch (median.kind) {
    case 'observed':
      return [median.value, 'no', median.low, median.high, median.censored];
    case 'not-reached':
      return [median.atLeast, 'yes', null, null, median.censored];
    case 'no-data':
      return [null, null, null, null, 0];
  }
}

export function claimsTable(verdicts: readonly ClaimVerdict[]): WordTable {
  return {
    title: 'Claims',
    columns: ['Claim', 'Source', 'Verdict', 'Why', 'n', 'Interval'],
    rows: verdicts.map((one) => [
      one.claim.text,
      sourceWords(one.claim),
      verdictWords[one.verdict],
      one.why,
      countWords(one),
      confidenceLines(one).join(' ') || 'none',
    ]),
    notes: [
      'A claim is decided when every value that the runs allow decides it the same way; otherwise these runs are not enough.',
    ],
    data: {
      columns: ['claim', 'verdict', ...sideColumns('left'), ...sideColumns('right')],
      rows: verdicts.map(({ claim, verdict, left, right }) => [
        claim.id,
        verdict,
        ...sideCells(left),
        ...sideCells(right),
      ]),
    },
  };
}

/** "5 runs, 1 censored": of both sides, where they differ. */
function countWords({ left, right }: ClaimVerdict): string {
  const words = [left, right]
    .filter(({ n }) => n > 0)
    .map(({ n, censored }) => `${n}${censored === 0 ? '' : ` (${censored} censored)`}`);
  return [...new Set(words)].join(' and ') || '0';
}

function sideColumns(side: string): string[] {
  return ['value', 'low', 'high', 'n', 'censored'].map((name) => `${side} ${name}`);
}

function sideCells({ value, low, high, n, censored }: ClaimSide): (string | number | null)[] {
  return [value, low, high, n, censored];
}
