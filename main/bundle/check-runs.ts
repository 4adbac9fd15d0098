/**
 * The claims of a bundle's runs against its study and their curves. A run's arm is that of the study at its sweep point, but
 * for one thing: its budget may have been extended after it had ended (`extendedBudget`), and then says so itself.
 */
import { canonicalJson } from '../../shared/canonical.ts';
import { EarlyEnd } from '../../shared/early-end.ts';
import { effortUnitOf, familyOf } from '../../shared/model-spec.ts';
import { isExtensionOf } from '../../shared/extend.ts';
import { endedStatuses, type RunCurve } from '../../shared/run.ts';
import type { Arm, Study } from '../../shared/study.ts';
import { armAtPoint, armWords, pointKey, pointsOf } from '../../shared/sweep.ts';
import { contentIdOf } from '../content-id.ts';
import { studyHashOf } from '../start-study.ts';
import { csvColumns } from './csv.ts';
import { metricsFile, RECORD_FILE, runFile, STUDY_FILE, type BundleFault } from './layout.ts';
import type { BundleRunRecord, StudyRecordFile } from './schemas.ts';

/** What the runs say against what the study says, one run after the other. */
export class RunChecks {
  readonly faults: BundleFault[] = [];
  readonly #study: Study;
  readonly #record: StudyRecordFile;
  readonly #computations = new Map<string, string>();
  readonly #points: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(study: Study, record: StudyRecordFile) {
    this.#study = study;
    this.#record = record;
    this.#points = new Map(study.arms.map((arm) => [arm.id, new Set(pointsOf(arm).map(pointKey))]));
    if (record.studyHash !== studyHashOf(study)) {
      this.faults.push({ file: RECORD_FILE, fault: `studyHash is not the hash of ${STUDY_FILE}` });
    }
    if (new Set(record.runIds).size !== record.runIds.length)
      this.faults.push({ file: RECORD_FILE, fault: 'lists a run twice' });
  }

  /** @param runId whose folder the run was found in */
  add(runId: string, run: BundleRunRecord, curve: RunCurve): void {
    const fault = (text: string): void => {
      this.faults.push({ file: runFile(runId), fault: text });
    };
    const [study, record] = [this.#study, this.#record];
    if (run.id !== runId) fault(`its id is ${run.id}`);
    if (run.studyId !== record.id) fault(`belongs to another study, ${run.studyId}`);
    if (run.studyHash !== record.studyHash) fault('was run from another study: studyHash differs');
    const planned = study.arms.find((arm) => arm.id === run.armId);
    if (planned === undefined) fault(`its arm ${run.armId} is not in the study`);
    else if (this.#points.get(run.armId)?.has(pointKey(run.point)) !== true)
      fault(`its sweep point ${pointKey(run.point)} is not in the study`);
    else if (!isArmOf(run.arm, armAtPoint(planned, run.point)))
      fault(`its arm is not ${run.armId} of the study`);
    else if (!planned.seeds.includes(run.seed)) fault(`its seed ${run.seed} is not in the study`);
    const family = familyOf[run.arm.model.kind];
    if (run.family !== family || run.effortUnit !== effortUnitOf(run.arm.model.kind))
      fault('its family does not fit its model');
    const computation = `${armWords(run.armId, run.point)}, seed ${run.seed}`;
    const twin = this.#computations.get(computation);
    if (twin !== undefined) fault(`is the same computation as ${twin}: ${computation}`);
    this.#computations.set(computation, run.id);
    const ended = endedStatuses.includes(run.status);
    if (ended && run.contentId === null) fault(`is ${run.status} but has no content id`);
    if (run.contentId !== null && run.contentId !== contentIdOf(run, curve))
      fault('its content id does not match its curve');
    if (run.status === 'failed' && run.error === null) fault('failed, but says no error');
    const end = run.status === 'finished' ? endFault(run, curve) : null;
    if (end !== null) fault(end);
    this.faults.push(...curveFaults(run, curve));
  }
}

/** Whether a run's arm is the planned one, with its budget or an extension of it. */
function isArmOf(own: Arm, planned: Arm): boolean {
  return (
    canonicalJson({ ...own, budget: null }) === canonicalJson({ ...planned, budget: null }) &&
    isExtensionOf(own.budget, planned.budget)
  );
}

/**
 * A run is finished at the last row of its budget, or at the first one by which it had generalized where its budget asks for
 * that (`stopAfterGeneralization`). A curve that was cut short would otherwise pass for one.
 */
function endFault({ arm, columns }: BundleRunRecord, { length, columns: table }: RunCurve): string | null {
  const effort = table['effort'] as Float64Array;
  const { maxEffort } = arm.budget;
  const rule = new EarlyEnd(arm, columns);
  const values = columns.map(({ name }) => table[name] as Float64Array);
  for (let row = 0; rule.isAsked && row < length; row++) {
    rule.see(
      effort[row] as number,
      values.map((column) => column[row] as number),
    );
    if (!rule.state.isOver) continue;
    return row === length - 1
      ? null
      : `goes on after effort ${String(effort[row])}, where its budget ends it once it has generalized`;
  }
  const last = effort[length - 1];
  if (last === undefined) return 'is finished, but its curve has no row';
  return last === maxEffort ? null : `is finished, but its curve ends at ${last} of a budget of ${maxEffort}`;
}

function curveFaults(run: BundleRunRecord, curve: RunCurve): BundleFault[] {
  const file = metricsFile(run.id);
  const names = csvColumns(run.columns);
  if (new Set(names).size !== names.length) return [{ file: runFile(run.id), fault: 'names a column twice' }];
  const effort = curve.columns['effort'] as Float64Array;
  for (let row = 0; row < effort.length; row++) {
    const value = effort[row] as number;
    if (!Number.isSafeInteger(value) || value < 0)
      return [{ file, fault: `line ${row + 2}: effort is ${value}` }];
    if (row > 0 && value <= (effort[row - 1] as number))
      return [{ file, fault: `line ${row + 2}: effort does not increase` }];
  }
  const last = effort.at(-1) ?? -1;
  return last > run.arm.budget.maxEffort
    ? [{ file, fault: `goes beyond the budget of ${run.arm.budget.maxEffort}` }]
    : [];
}
