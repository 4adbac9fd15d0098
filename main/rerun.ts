/**
 * Runs of a bundle computed again on this machine and compared, row by row, with the curves that it holds. On the same
 * CPU engine every bit has to agree; elsewhere sums are rounded in another order, and a tolerance is stated.
 */
import { EarlyEnd } from '../shared/early-end.ts';
import { LatebloomError } from '../shared/errors.ts';
import type { BackendRecord, EnvironmentRecord, MetricColumn, RunCurve, RunRecord } from '../shared/run.ts';
import { DEFAULT_SNAPSHOTS_PER_DECADE } from '../shared/snapshot.ts';
import { interleaveArms } from './scheduler/plan.ts';
import { RecordSchedule } from './scheduler/record-schedule.ts';
import type { CreateLearner, Learner } from './training/learner.ts';

/** Largest |a − b| / max(1, |a|, |b|) between two curves that count as alike where bits cannot agree. */
export const RERUN_TOLERANCE = 1e-3;

/** The first value of a curve that is not the one computed again. */
export interface Difference {
  effort: number;
  column: string;
  there: number;
  here: number;
}

export interface RerunResult {
  runId: string;
  /** Rows compared. */
  rows: number;
  /** 0: bit for bit. */
  tolerance: number;
  /** Why not bit for bit: "cpu: AMD EPYC there, Intel Xeon here". */
  because: string[];
  /** The first value beyond the tolerance; null when there is none. */
  difference: Difference | null;
  /** Largest |a − b| / max(1, |a|, |b|) in the rows compared. */
  largest: number;
  /** Of computing it again. */
  seconds: number;
}

export interface StoredRun {
  run: RunRecord;
  curve: RunCurve;
}

/** At most `count` runs: the first seed of every arm and sweep point, then the second, … */
export function chooseRuns<R extends Pick<StoredRun, 'run'>>(runs: readonly R[], count: number): R[] {
  const byId = new Map(runs.map((one) => [one.run.id, one]));
  return interleaveArms(runs.map(({ run }) => run))
    .slice(0, count)
    .map(({ id }) => byId.get(id) as R);
}

/** What keeps a run from having the same bits here: the engine, its version, threads, the program, the processor. */
export function exactnessFaults(
  there: { backend: BackendRecord | null; environment: EnvironmentRecord },
  here: { backend: BackendRecord; environment: EnvironmentRecord },
): string[] {
  const pairs: [string, unknown, unknown][] = [
    ['engine', there.backend?.engine, here.backend.engine],
    ['engine version', there.backend?.engineVersion, here.backend.engineVersion],
    ['threads', there.backend?.threads, here.backend.threads],
    ['app version', there.environment.appVersion, here.environment.appVersion],
    ['cpu', there.environment.cpu, here.environment.cpu],
    ['arch', there.environment.arch, here.environment.arch],
  ];
  const faults = pairs
    .filter(([, a, b]) => (a ?? null) !== (b ?? null))
    .map(([name, a, b]) => `${name}: ${words(a)} there, ${words(b)} here`);
  const onCpu = /cpu|javascript|wasm|tfjs-node$/.test(here.backend.engine);
  return onCpu ? faults : [...faults, `engine: ${here.backend.engine} does not repeat bits`];
}

function words(value: unknown): string {
  return value === null || value === undefined ? 'unknown' : String(value);
}

/** |a − b| / max(1, |a|, |b|); 0 for two values that are not defined, infinite where one is. */
export function relativeDifference(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Infinity;
  return Math.abs(a - b) / Math.max(1, Math.abs(a), Math.abs(b));
}

/**
 * @param createLearner makes what trains; the run's own device is asked for
 * @throws what training throws, where the run did not fail itself
 */
export async function rerun(
  { run, curve }: StoredRun,
  environment: EnvironmentRecord,
  createLearner: CreateLearner,
): Promise<RerunResult> {
  const startedAt = performance.now();
  const learner = await learnerOf(run, createLearner);
  try {
    const because = exactnessFaults(run, { backend: learner.backend, environment });
    const tolerance = because.length === 0 ? 0 : RERUN_TOLERANCE;
    const compared = await compare(run, curve, learner, tolerance);
    return {
      runId: run.id,
      tolerance,
      because,
      ...compared,
      seconds: (performance.now() - startedAt) / 1000,
    };
  } finally {
    await learner.dispose();
  }
}

/** On the engine of the run; on the best one where this machine does not have that. */
async function learnerOf(run: RunRecord, createLearner: CreateLearner): Promise<Learner> {
  const threads = run.backend?.threads ?? 1;
  const { devices } = await import('./engine/devices.ts');
  const device = devices.find(({ id }) => id === run.backend?.engine)?.id ?? null;
  try {
    return await createLearner(run.arm, run.seed, { threads, device });
  } catch (error) {
    if (device === null || !(error instanceof LatebloomError) || error.code !== 'device-unavailable')
      throw error;
    return createLearner(run.arm, run.seed, { threads, device: null });
  }
}

type Compared = Pick<RerunResult, 'rows' | 'difference' | 'largest'>;

/** Stops at the first difference: what comes after it follows from it. */
async function compare(
  run: RunRecord,
  curve: RunCurve,
  learner: Learner,
  tolerance: number,
): Promise<Compared> {
  const { record, budget } = run.arm;
  const perDecade = record.snapshotsPerDecade ?? DEFAULT_SNAPSHOTS_PER_DECADE;
  const schedule = new RecordSchedule(record, budget);
  const earlyEnd = new EarlyEnd(run.arm, learner.columns);
  const efforts = curve.columns['effort'] ?? new Float64Array();
  let largest = 0;
  let previous = -1;
  for (let row = 0; row < efforts.length; row++) {
    const there = efforts[row] as number;
    const effort = schedule.next(previous);
    if (effort !== there)
      return {
        rows: row,
        largest,
        difference: { effort: there, column: 'effort', there, here: effort ?? NaN },
      };
    while (learner.effort < effort) await learner.advance(effort, Infinity);
    const withSparse = schedule.isSnapshotDue(previous, effort, perDecade, earlyEnd.mayEndAt(effort));
    const values = await learner.evaluate(withSparse);
    // Of the stored row: in values that agree within a tolerance only, the last row may be another one.
    earlyEnd.see(
      effort,
      learner.columns.map(({ name }) => curve.columns[name]?.[row] ?? NaN),
    );
    const worst = rowDifference(run.columns, learner.columns, curve, row, values);
    largest = Math.max(largest, worst.size);
    if (worst.size > tolerance) return { rows: row + 1, largest, difference: { effort, ...worst.value } };
    previous = effort;
  }
  return { rows: efforts.length, largest, difference: null };
}

/** The column of one row that is furthest from the stored one. A column that only one side has is infinitely far. */
function rowDifference(
  stored: readonly MetricColumn[],
  computed: readonly MetricColumn[],
  curve: RunCurve,
  row: number,
  values: Float64Array,
): { size: number; value: Omit<Difference, 'effort'> } {
  const names = new Set([...stored, ...computed].map(({ name }) => name));
  let worst = { size: 0, value: { column: '', there: NaN, here: NaN } };
  for (const column of names) {
    const there = curve.columns[column]?.[row];
    const here = values[computed.findIndex(({ name }) => name === column)];
    const size = there === undefined || here === undefined ? Infinity : relativeDifference(there, here);
    if (size > worst.size) worst = { size, value: { column, there: there ?? NaN, here: here ?? NaN } };
  }
  return worst;
}
