/**
 * Evaluates a study's claims against its runs. Every run gives a quantity as an interval (`claim-readings.ts`). A claim
 * is decided when every value the intervals allow decides it the same way; otherwise there is not enough data, and the
 * verdict says why: never "fails" for what a longer run might show.
 */
import { missingReading, missingRuns, plannedEffort, readRun, runsOf } from './claim-readings.ts';
import { operandArms } from './claim-operands.ts';
import type { Claim, ClaimOperand } from './claim-spec.ts';
import { countsOf, exactly, nothingKnown, summarize, type ClaimSide, type Summary } from './claim-summary.ts';
import { trendSide } from './claim-trend.ts';
import { countWords, operandWords, printNumber, valueWords } from './claim-words.ts';
import type { RunWithCurve } from './delay-table.ts';
import { formatEffort } from './format.ts';
import { endedStatuses } from './run.ts';
import type { Study } from './study.ts';
import { pointWords } from './sweep.ts';

export type { ClaimSide } from './claim-summary.ts';

export type Verdict = 'holds' | 'fails' | 'not-enough-data';

/** What every shell calls a verdict. */
export const verdictWords: Record<Verdict, string> = {
  holds: 'holds',
  fails: 'fails',
  'not-enough-data': 'not enough data',
};

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
  const operands = [claim.check.left, claim.check.right];
  const [left, right] = operands.map((operand) => side(study, operand, runs)) as [ClaimSide, ClaimSide];
  const pending = [...new Set(operands.flatMap((operand) => pendingWords(operand, runs)))];
  const comparison = `${capital(left.words)}; claimed: ${op} ${right.words}.`;
  if (pending.length > 0) {
    return { claim, verdict: 'not-enough-data', left, right, why: `${pending.join(' ')} ${comparison}` };
  }
  const decision = decide(left, op, right);
  const verdict: Verdict = decision === null ? 'not-enough-data' : decision ? 'holds' : 'fails';
  const notes =
    decision === null
      ? [
          'The data leave both outcomes open.',
          ...new Set(operands.flatMap((one) => [...seedWords(study, one), ...cappedWords(study, one, runs)])),
        ]
      : otherReading(operands, [left, right], op, decision);
  return { claim, verdict, left, right, why: [comparison, ...notes].join(' ') };
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
  operands: readonly (ClaimOperand | number)[],
  sides: readonly ClaimSide[],
  op: Claim['check']['op'],
  decision: boolean,
): string[] {
  const others = sides.map((side, i): Summary => {
    const operand = operands[i];
    if (typeof operand !== 'object' || operand.over?.trend !== 'log-linear') return side;
    const { nonPositive, report } = operand.over;
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
function pendingWords(operand: ClaimOperand | number, runs: readonly RunWithCurve[]): string[] {
  if (typeof operand === 'number') return [];
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

/** Says how many of the seeds that the study asks for were run, where a request left some out. */
function seedWords(study: Study, operand: ClaimOperand | number): string[] {
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
function cappedWords(study: Study, operand: ClaimOperand | number, runs: readonly RunWithCurve[]): string[] {
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

function side(study: Study, operand: ClaimOperand | number, runs: readonly RunWithCurve[]): ClaimSide {
  if (typeof operand === 'number') {
    return { ...exactly(operand), n: 0, censored: 0, unknown: 0, words: printNumber(operand) };
  }
  const { statistic, over } = operand;
  if (over !== undefined) return trendSide(study, operand, over, runs);
  if (statistic === 'each') throw new RangeError('Only a trend takes each run for itself.');
  const arm = study.arms.find((candidate) => candidate.id === operand.arm);
  const own = runsOf([operand.arm], operand, runs);
  const readings = own.map((one) => readRun(one, operand, arm));
  const missing = Array.from({ length: missingRuns(arm, operand) }, () => missingReading(operand));
  const summary = summarize([...readings, ...missing], statistic);
  const counts = countsOf(readings);
  const words = `${operandWords(operand)}: ${valueWords(summary)} (${countWords(own, counts)})`;
  return { ...summary, ...counts, words };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
