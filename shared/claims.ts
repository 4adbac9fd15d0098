/**
 * Evaluates a study's claims against its runs. Every run gives a quantity as an interval (`claim-readings.ts`). A claim
 * is decided when every value the intervals allow decides it the same way; otherwise there is not enough data, and the
 * verdict says why: never "fails" for what a longer run might show.
 */
import { plannedEffort, readRun, runsOf } from './claim-readings.ts';
import { claimColumns, operandArms, operandQuantities, operandsOf } from './claim-operands.ts';
import { claimSide } from './claim-sides.ts';
import type { Claim, ClaimOperand, ClaimTerm } from './claim-spec.ts';
import { exactly, nothingKnown, type ClaimSide, type Summary } from './claim-summary.ts';
import { intervalWords } from './claim-words.ts';
import type { RunWithCurve } from './delay-table.ts';
import { formatEffort } from './format.ts';
import type { ConfidenceInterval } from './intervals.ts';
import { endedEarly, endedStatuses } from './run.ts';
import type { Study } from './study.ts';
import { pointKey, pointWords } from './sweep.ts';

export type { ClaimSide } from './claim-summary.ts';
export { sampleWords } from './claim-words.ts';

export type Verdict = 'holds' | 'fails' | 'not-enough-data';

/** What every shell calls a verdict. */
export const verdictWords: Record<Verdict, string> = {
  holds: 'holds',
  fails: 'fails',
  'not-enough-data': 'not decidable with these runs',
};

export function countVerdicts(claims: readonly { verdict: Verdict }[]): Record<Verdict, number> {
  const count = (verdict: Verdict): number => claims.filter((one) => one.verdict === verdict).length;
  return { holds: count('holds'), fails: count('fails'), 'not-enough-data': count('not-enough-data') };
}

/** "12 hold, 1 fails": how many there are of each that there is. */
export function countWords({ holds, fails, 'not-enough-data': open }: Record<Verdict, number>): string {
  const parts = [
    holds === 0 ? '' : `${holds} ${holds === 1 ? 'holds' : 'hold'}`,
    fails === 0 ? '' : `${fails} ${fails === 1 ? 'fails' : 'fail'}`,
    open === 0 ? '' : `${open} not decidable`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

export interface ClaimVerdict {
  claim: Claim;
  verdict: Verdict;
  left: ClaimSide;
  right: ClaimSide;
  /** One plain sentence, or a few: the numbers, the comparison, what is missing. */
  why: string;
}

export function evaluateClaims(study: Study, runs: readonly RunWithCurve[]): ClaimVerdict[] {
  return study.claims.map((claim) => evaluateClaim(study, claim, runs));
}

function evaluateClaim(study: Study, claim: Claim, runs: readonly RunWithCurve[]): ClaimVerdict {
  const { op } = claim.check;
  const terms: (ClaimTerm | number)[] = [claim.check.left, claim.check.right];
  const operands = terms.flatMap(operandsOf);
  const pending = unique(operands.flatMap((operand) => pendingWords(operand, runs)));
  const [left, right] = terms.map((term) => claimSide(study, term, runs)) as [ClaimSide, ClaimSide];
  const comparison = `${capital(left.words)}; claimed: ${op} ${right.words}.`;
  const undecided = (notes: readonly string[]): ClaimVerdict => ({
    claim,
    verdict: 'not-enough-data',
    left: { ...left, confidence: pending.length > 0 ? null : left.confidence },
    right: { ...right, confidence: pending.length > 0 ? null : right.confidence },
    why: notes.join(' '),
  });
  if (pending.length > 0) return undecided([...pending, comparison]);
  const tooFew = unique(operands.flatMap((operand) => minimumWords(claim, operand, runs)));
  if (tooFew.length > 0) return undecided([...tooFew, comparison]);
  const decision = decide(left, op, right);
  if (decision === null) {
    return undecided([
      comparison,
      'The data leave both outcomes open.',
      ...columnWords(claim, runs),
      ...unique(
        operands.flatMap((one) => [
          ...seedWords(study, one),
          ...cappedWords(study, one, runs),
          ...earlyEndWords(study, one, runs),
        ]),
      ),
    ]);
  }
  const notes = otherReading(terms, [left, right], op, decision);
  return {
    claim,
    verdict: decision ? 'holds' : 'fails',
    left,
    right,
    why: [comparison, ...notes].join(' '),
  };
}

/**
 * The intervals behind a verdict, each a line, and what they say of it: "Its 95 % interval 640 to 710 (…) reaches across
 * what is claimed: other seeds could turn the verdict."
 */
export function confidenceLines({ claim, verdict, left, right }: ClaimVerdict): string[] {
  const sides = [left, right].filter(({ confidence }) => confidence !== null);
  const name = (side: ClaimSide): string => (sides.length < 2 ? '' : side === left ? 'Left: ' : 'Right: ');
  const lines = sides.map((side) => `${name(side)}${intervalWords(side.confidence as ConfidenceInterval)}`);
  if (sides.length === 0 || verdict === 'not-enough-data') return lines;
  return decide(span(left), claim.check.op, span(right)) === null
    ? [...lines, 'That interval allows both outcomes: other seeds could turn the verdict.']
    : lines;
}

/** Where other seeds would put a side's value. */
function span(side: ClaimSide): Summary {
  if (side.confidence === null) return side;
  const { low, high } = side.confidence;
  return { value: null, low: low ?? -Infinity, high: high ?? Infinity };
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}

/** True or false when all values in both intervals agree, null when they do not. */
function decide(left: Summary, op: Claim['check']['op'], right: Summary): boolean | null {
  switch (op) {
    case '<':
      return left.high < right.low ? true : left.low >= right.high ? false : null;
    case '<=':
      return left.high <= right.low ? true : left.low > right.high ? false : null;
    case '>':
      return decide(right, '<', left);
    case '>=':
      return decide(right, '<=', left);
  }
}

/** Said where a decision hangs on how values without a logarithm are read. */
function otherReading(
  terms: readonly (ClaimTerm | number)[],
  sides: readonly ClaimSide[],
  op: Claim['check']['op'],
  decision: boolean,
): string[] {
  const others = sides.map((side, i): Summary => {
    const term = terms[i];
    if (typeof term !== 'object' || !('arm' in term) || term.over?.trend !== 'log-linear') return side;
    const { nonPositive, report } = term.over;
    const fit = nonPositive === 'log-zero' ? side.fits?.leftOut : side.fits?.logZero;
    const value = fit?.[report] ?? null;
    return value === null ? nothingKnown : exactly(value);
  });
  const other = decide(others[0] as Summary, op, others[1] as Summary);
  return other === decision
    ? []
    : ['With the other reading of values of 0 or less the verdict would differ.'];
}

/** Why an operand's runs cannot be judged yet; empty when they can. */
function pendingWords(operand: ClaimOperand, runs: readonly RunWithCurve[]): string[] {
  return operandArms(operand).flatMap((arm) => {
    const name = `${arm}${operand.at === undefined || pointWords(operand.at) === '' ? '' : ` at ${pointWords(operand.at)}`}`;
    const own = runsOf([arm], operand, runs);
    if (own.length === 0) return [`No runs of ${name} yet.`];
    const open = own.filter(({ run }) => !endedStatuses.includes(run.status)).length;
    return open === 0
      ? []
      : [`${open} of the ${own.length} runs of ${name} ${open === 1 ? 'has' : 'have'} not ended.`];
  });
}

/** Says where a claim asks for more seeds than were run: at the sweep point with the fewest. */
function minimumWords(
  { minimumSeeds }: Claim,
  operand: ClaimOperand,
  runs: readonly RunWithCurve[],
): string[] {
  if (minimumSeeds === undefined) return [];
  return operandArms(operand).flatMap((arm) => {
    const seeds = new Map<string, Set<number>>();
    for (const { run } of runsOf([arm], operand, runs)) {
      const key = pointKey(run.point);
      seeds.set(key, (seeds.get(key) ?? new Set()).add(run.seed));
    }
    const fewest = Math.min(...[...seeds.values()].map(({ size }) => size));
    return fewest >= minimumSeeds ? [] : [`This claim needs ${minimumSeeds} seeds; ${arm} has ${fewest}.`];
  });
}

/** Names the columns that a claim reads and that its runs do not record. */
function columnWords(claim: Claim, runs: readonly RunWithCurve[]): string[] {
  return unique(
    claimColumns(claim).flatMap(({ arm, column }) => {
      const own = runs.filter(({ run, curve }) => run.armId === arm && curve.length > 0);
      const lacks = own.length > 0 && own.every(({ curve }) => curve.columns[column] === undefined);
      return lacks ? [`The runs of ${arm} record no column "${column}".`] : [];
    }),
  );
}

/** Says how many of the seeds that the study asks for were run, where a request left some out. */
function seedWords(study: Study, operand: ClaimOperand): string[] {
  return operandArms(operand).flatMap((id) => {
    const arm = study.arms.find((candidate) => candidate.id === id);
    return arm?.seedsFrom === undefined
      ? []
      : [
          `Of the ${arm.seedsFrom} seeds of ${id}, ${arm.seeds.length} ${arm.seeds.length === 1 ? 'was' : 'were'} run.`,
        ];
  });
}

/** Names the budgets that were capped below what the study asks for. */
function cappedWords(study: Study, operand: ClaimOperand, runs: readonly RunWithCurve[]): string[] {
  return operandArms(operand).flatMap((id) => {
    const arm = study.arms.find((candidate) => candidate.id === id);
    const own = runs.filter(({ run }) => run.armId === id);
    const first = own[0];
    if (arm === undefined || first === undefined) return [];
    const planned = plannedEffort(arm);
    const capped = Math.min(...own.map(({ run }) => run.arm.budget.maxEffort));
    if (capped >= planned) return [];
    const budget = `${formatEffort(capped)} of ${formatEffort(planned)} ${first.run.effortUnit}s`;
    return [`The budget of ${id} was capped at ${budget}.`];
  });
}

/** Counts the runs that do not tell because they ended once they had generalized. */
function earlyEndWords(study: Study, operand: ClaimOperand, runs: readonly RunWithCurve[]): string[] {
  return operandArms(operand).flatMap((id) => {
    const own = runsOf([id], operand, runs);
    const arm = study.arms.find((candidate) => candidate.id === id);
    const early = own.filter(
      (one) =>
        endedEarly(one.run) &&
        operandQuantities(operand).some(
          (quantity) => readRun(one, operand, arm, quantity).kind !== 'observed',
        ),
    ).length;
    return early === 0
      ? []
      : [`${early} of the ${own.length} runs of ${id} ended before the budget, having generalized.`];
  });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
