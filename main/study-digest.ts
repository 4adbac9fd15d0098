/**
 * What reports, figures and analyses need of a study's runs, read one curve at a time: the delays of whole curves, the
 * columns that claims read, and overviews of what is drawn. A study of any size passes through in the memory of one run.
 */
import { claimArms, claimColumns, operandQuantities, operandsOf } from '../shared/claim-operands.ts';
import type { Entry } from '../shared/charts/groups.ts';
import { thresholdColumns } from '../shared/delay.ts';
import { analyse, type Analysed, type RunWithCurve } from '../shared/delay-table.ts';
import { ANY } from '../shared/findings/figures.ts';
import { overviewCurve, overviewOf, type Overview } from '../shared/overview.ts';
import type { RunCurve, RunRecord } from '../shared/run.ts';
import type { Study } from '../shared/study.ts';

/** A run whose curve is read when it is its turn. */
export interface RunSource {
  run: RunRecord;
  read: () => Promise<RunCurve>;
}

export class StudyDigest {
  readonly #study: Pick<Study, 'claims'>;
  readonly #quantities: readonly string[];
  readonly #overviews = new Map<string, Map<string, Overview>>();
  /** With the columns of the curve that claims read; the delays are those of the whole curve. */
  readonly runs: RunWithCurve[] = [];

  /** @param quantities what figures will draw */
  constructor(study: Pick<Study, 'claims'>, quantities: readonly string[] = []) {
    this.#study = study;
    this.#quantities = [ANY, ...quantities];
  }

  /** Takes in the next run; its curve is not kept. */
  add(run: RunRecord, curve: RunCurve): void {
    const analysed = analyse(curve, run.arm.thresholds);
    this.runs.push({ run, curve: readByClaims(this.#study, run, curve), analysed });
    const overviews = this.#quantities.map(
      (quantity) => [quantity, overviewOf(run, curve, run.batches, quantity, analysed)] as const,
    );
    this.#overviews.set(run.id, new Map(overviews));
  }

  /** The runs as figures of a quantity take them; of one that was not asked for, events and delays alone. */
  entriesOf(quantity: string): Entry[] {
    return this.runs.map(({ run, analysed }) => {
      const own = this.#overviews.get(run.id);
      const overview = (own?.get(quantity) ?? own?.get(ANY)) as Overview;
      return {
        run,
        curve: overviewCurve(overview),
        recorded: overview.recorded,
        analysed: analysed as Analysed,
      };
    });
  }
}

/** The curve with the columns that the study's claims read of this arm; without any where none does. */
function readByClaims(study: Pick<Study, 'claims'>, run: RunRecord, curve: RunCurve): RunCurve {
  const claims = study.claims.filter((claim) => claimArms(claim).includes(run.armId));
  const names = new Set<string>();
  for (const claim of claims) {
    const { train, test } = thresholdColumns(run.arm.thresholds);
    for (const name of ['effort', train, test]) names.add(name);
    for (const { arm, column } of claimColumns(claim)) if (arm === run.armId) names.add(column);
    for (const quantity of [claim.check.left, claim.check.right]
      .flatMap(operandsOf)
      .flatMap(operandQuantities)) {
      const final = typeof quantity === 'string' ? /^final(Train|Test)(Accuracy|Loss)$/.exec(quantity) : null;
      if (final !== null) names.add(`${(final[1] as string).toLowerCase()}${final[2] as string}`);
    }
  }
  const columns = Object.entries(curve.columns).filter(([name]) => names.has(name));
  return { runId: run.id, length: curve.length, columns: Object.fromEntries(columns) };
}
