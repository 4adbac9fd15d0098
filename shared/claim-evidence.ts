/** What a claim was decided from: every run that it reads, with the number that was read and where. */
import { operandArms, operandQuantities, operandsOf } from './claim-operands.ts';
import { missingRuns, readRun, runsOf, type Reading } from './claim-readings.ts';
import type { Claim, ClaimOperand } from './claim-spec.ts';
import { operandWords, quantityWords, valueWords } from './claim-words.ts';
import type { RunWithCurve } from './delay-table.ts';
import type { RunStatus } from './run.ts';
import type { Study } from './study.ts';
import { runWords } from './sweep.ts';

export interface EvidenceRow {
  runId: string;
  /** "mlp, initScale = 2, seed 0" */
  run: string;
  status: RunStatus;
  /** "1,200"; "at least 5,000"; "unknown". For a share 1 or 0. */
  value: string;
  /** "0.31 at its generalization step, 1,200, read at 1,150" */
  note: string;
}

/** The runs behind one operand of a claim. */
export interface Evidence {
  /** "the median delay of mlp" */
  title: string;
  /** What was read of each run: "delay". */
  quantity: string;
  rows: EvidenceRow[];
  /** Runs that the study asks for and that a request left out. */
  missing: number;
}

export function claimEvidence(study: Study, claim: Claim, runs: readonly RunWithCurve[]): Evidence[] {
  return [claim.check.left, claim.check.right]
    .flatMap(operandsOf)
    .map((operand) => operandEvidence(study, operand, runs));
}

function operandEvidence(study: Study, operand: ClaimOperand, runs: readonly RunWithCurve[]): Evidence {
  const arms = operandArms(operand);
  const quantities = operandQuantities(operand);
  return {
    title: operandWords(operand, arms),
    quantity: quantities.map(quantityWords).join(' with '),
    rows: runsOf(arms, operand, runs).map((one) => {
      const arm = study.arms.find(({ id }) => id === one.run.armId);
      const readings = quantities.map((quantity) => readRun(one, operand, arm, quantity));
      return {
        runId: one.run.id,
        run: runWords(one.run.armId, one.run.point, one.run.seed),
        status: one.run.status,
        value: readings.map(readingWords).join(' with '),
        note: [...new Set(readings.map(({ note }) => note))].join('; '),
      };
    }),
    missing: study.arms
      .filter(({ id }) => arms.includes(id))
      .reduce((sum, arm) => sum + missingRuns(arm, operand), 0),
  };
}

function readingWords({ low, high }: Reading): string {
  return valueWords({ value: low === high ? low : null, low, high });
}
