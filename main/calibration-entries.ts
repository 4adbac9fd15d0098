/** What is remembered of a machine's speed, and what follows from it. */
import { median } from '../shared/aggregate.ts';
import type { RunRecord } from '../shared/run.ts';
import { DEFAULT_SNAPSHOTS_PER_DECADE } from '../shared/snapshot.ts';
import type { Arm } from '../shared/study.ts';
import { FULL_SHARE, type Speed } from './scheduler/measure-speed.ts';
import { RecordSchedule } from './scheduler/record-schedule.ts';

/** Finished runs that are remembered. */
const MAX_RATES = 9;
/** A run that took this much longer than it computed was paused, or waited for its machine to wake up. */
const MAX_OVERHEAD = 30;
export interface Measured extends Omit<Speed, 'cpuShare'> {
  kind: 'measured';
  threads: number;
  /** What else kept the machine busy, which makes this too slow; null when nothing did. */
  disturbedBy: string | null;
}

/** Finished runs. */
export interface Finished {
  kind: 'finished';
  runs: number;
  /** Seconds of computing per effort, recording included, of the latest ones. */
  rates: number[];
  /** Smallest time that a run took beside its computing (set-up, last writes); null where none is known. */
  secondsSetUp: number | null;
}

export type Entry = Measured | Finished;

/** Where an estimate comes from. @param cpu the processor's name */
export function basisWords(entries: readonly Entry[], cpu: string | null): string {
  const parts: string[] = [];
  const finished = entries.filter((entry) => entry.kind === 'finished');
  const measured = entries.filter((entry) => entry.kind === 'measured');
  if (finished.length > 0) {
    const runs = finished.reduce((sum, entry) => sum + entry.runs, 0);
    const spread = Math.max(...finished.map(({ rates }) => Math.max(...rates) / Math.min(...rates)));
    const slower =
      spread < 1.5 ? '' : ` (the slowest took ${spread.toFixed(1)} times as long as the fastest)`;
    parts.push(`from ${runs} finished ${runs === 1 ? 'run' : 'runs'} on this machine${slower}`);
  }
  const [first] = measured;
  if (first !== undefined) {
    const seconds = measured.reduce((sum, entry) => sum + entry.seconds, 0);
    const on = `${cpu ?? 'this processor'}, ${first.threads} ${first.threads === 1 ? 'thread' : 'threads'}`;
    const disturbed = measured.find((entry) => entry.disturbedBy !== null);
    // One thread's speed is told by processor time, which others do not change.
    const effect =
      first.threads === 1 ? 'it takes longer as long as that lasts' : 'the true time is likely shorter';
    const reservation = disturbed === undefined ? '' : `, while ${disturbed.disturbedBy}: ${effect}`;
    parts.push(`measured for ${shortSeconds(seconds)} on ${on}${reservation}`);
  }
  return parts.join('; ');
}

/** Seconds of one run of an arm at its full budget. */
export function secondsOf(entry: Entry, { budget, record }: Arm): number {
  const { maxEffort } = budget;
  const setUp = entry.secondsSetUp ?? 0;
  if (entry.kind === 'finished') return setUp + median(entry.rates) * maxEffort;
  const rows = new RecordSchedule(record, budget).count();
  const perDecade = record.snapshotsPerDecade ?? DEFAULT_SNAPSHOTS_PER_DECADE;
  const snapshots = perDecade === 0 ? 0 : Math.min(rows, 2 + Math.ceil(Math.log10(maxEffort) * perDecade));
  return (
    setUp +
    entry.secondsPerUpdate * maxEffort +
    entry.secondsPerRecord * rows +
    entry.secondsPerSnapshot * snapshots
  );
}

/** What a run took beside its computing; null where that cannot be told: it was paused or had ended in between, or was not timed. */
function overheadOf(run: RunRecord, computing: number): number | null {
  const wall = wallSeconds(run);
  if (wall === null || run.arm.budget.extendedFrom !== undefined) return null;
  const overhead = wall - computing;
  return overhead > MAX_OVERHEAD + computing ? null : Math.max(0, overhead);
}

function wallSeconds({ startedAt, endedAt }: RunRecord): number | null {
  return startedAt === null || endedAt === null ? null : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
}

/** Said where a run with one thread did not get most of a core. With more threads, its own waiting looks the same. */
export function tightShare(cpuShare: number, threads: number): string | null {
  if (threads > 1 || cpuShare >= FULL_SHARE) return null;
  return `the machine left it ${Math.round(100 * cpuShare)} % of a core`;
}

function shortSeconds(seconds: number): string {
  return seconds < 0.1 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`;
}

/** Said where runs are trained together; empty where none are. */
export function togetherWords(sizes: ReadonlySet<number>): string {
  const many = [...sizes].filter((size) => size > 1);
  if (many.length === 0) return '';
  const [least, most] = [Math.min(...many), Math.max(...many)];
  return `${least === most ? most : `${least} to ${most}`} runs trained together take as long`;
}

/** Said of an arm whose runs may end before their budget. */
export function earlyEndWords({ budget }: Pick<Arm, 'budget'>): string {
  return budget.stopAfterGeneralization === undefined
    ? ''
    : 'at most that long, since a run that generalizes ends before its budget';
}

/** What is known with one more finished run; null where that run tells nothing. */
export function withFinished(before: Entry | undefined, run: RunRecord): Finished | null {
  const own = run.latest['seconds'];
  if (own === undefined || own <= 0 || run.effort <= 0) return null;
  // A run's computing time is its part of that of all that were trained with it: until some of them ended before it.
  const together = own * (run.backend?.lanes ?? 1);
  const seconds = Math.min(together, wallSeconds(run) ?? together);
  const past = before?.kind === 'finished' ? before : { runs: 0, rates: [], secondsSetUp: null };
  const overhead = seconds < together ? null : overheadOf(run, seconds);
  const known = [past.secondsSetUp, overhead].filter((one) => one !== null);
  return {
    kind: 'finished',
    runs: past.runs + 1,
    rates: [...past.rates, seconds / run.effort].slice(-MAX_RATES),
    secondsSetUp: known.length === 0 ? null : Math.min(...known),
  };
}
