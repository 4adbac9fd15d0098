/**
 * How long runs will take, from what this machine did: finished runs of the same settings where there are some, else a
 * second of real training in a trainer process. Kept in calibration.json.
 */
import { createHash } from 'node:crypto';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { ArmEstimate, Estimate, HostEvent } from '../shared/api.ts';
import { canonicalJson } from '../shared/canonical.ts';
import { fromErrorReport, LatebloomError } from '../shared/errors.ts';
import type { EnvironmentRecord, RunRecord } from '../shared/run.ts';
import type { Arm, Study } from '../shared/study.ts';
import { readJson, systemCode, writeJson } from './journal/files.ts';
import { interleaveArms, nextStarts, simulateDuration, threadsFor } from './scheduler/plan.ts';
import { RecordSchedule } from './scheduler/record-schedule.ts';
import type { FromTrainer } from './scheduler/protocol.ts';
import type { TrainerPool } from './scheduler/trainer-pool.ts';

/** Seconds of training that one calibration takes; less while runs are going, to stay out of their way. */
const CALIBRATION_SECONDS = 1;
const BUSY_SECONDS = 0.2;

/** One second of training: seconds per update, and per recorded row. */
interface Measured {
  kind: 'measured';
  secondsPerUpdate: number;
  secondsPerRecord: number;
  /** Seconds of training. */
  seconds: number;
  threads: number;
  /** What else kept the machine busy, which makes this too slow; null when nothing did. */
  disturbedBy: string | null;
}

/** Finished runs: efforts and seconds of computing, recording included. */
interface Finished {
  kind: 'finished';
  runs: number;
  efforts: number;
  seconds: number;
}

type Entry = Measured | Finished;

export class Calibration {
  readonly #file: string;
  readonly #pool: TrainerPool;
  readonly #environment: EnvironmentRecord;
  readonly #cores: number;
  readonly #disturbance: () => string | null;
  readonly #emit: (event: HostEvent) => void;
  readonly #entries: Map<string, Entry>;
  /** One calibration at a time: two at once would measure each other. */
  #turn: Promise<unknown> = Promise.resolve();
  #nextId = 0;

  private constructor(home: string, parts: CalibrationParts, entries: Map<string, Entry>) {
    this.#file = join(home, 'calibration.json');
    this.#pool = parts.pool;
    this.#environment = parts.environment;
    this.#cores = parts.cores;
    this.#disturbance = parts.disturbance;
    this.#emit = parts.emit;
    this.#entries = entries;
  }

  static async open(home: string, parts: CalibrationParts): Promise<Calibration> {
    let entries: Record<string, Entry> = {};
    try {
      entries = (await readJson(join(home, 'calibration.json'))) as Record<string, Entry>;
    } catch (error) {
      // Measured values can be measured again: a file that is missing or is not JSON starts empty.
      if (systemCode(error) !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
    }
    return new Calibration(home, parts, new Map(Object.entries(entries)));
  }

  /** Time for a study as it would run. @throws what the trainer throws for an arm it cannot run. */
  async estimate(study: Study, device: string | null): Promise<Estimate> {
    const arms: ArmEstimate[] = [];
    for (const arm of study.arms) arms.push(await this.#estimateArm(arm, device));
    const runs = interleaveArms(
      study.arms.flatMap((arm, i) =>
        arm.seeds.map((seed) => ({
          id: `${arm.id}.s${seed}`,
          runId: `${arm.id}.s${seed}`,
          armId: arm.id,
          threads: threadsFor(arm.model.kind, this.#cores),
          seconds: arms[i]?.secondsPerRun ?? 0,
        })),
      ),
    );
    const slots = nextStarts(runs, 0, this.#cores).length;
    return { runs: runs.length, seconds: simulateDuration(runs, this.#cores), slots, arms };
  }

  async #estimateArm(arm: Arm, device: string | null): Promise<ArmEstimate> {
    const { maxEffort } = arm.budget;
    const finished = this.#entries.get(this.#key('finished', arm, device));
    const entry = finished ?? (await this.#inTurn(() => this.#measured(arm, device)));
    const records = new RecordSchedule(arm.record, maxEffort).count();
    const secondsPerRun =
      entry.kind === 'finished'
        ? (entry.seconds / entry.efforts) * maxEffort
        : entry.secondsPerUpdate * maxEffort + entry.secondsPerRecord * records;
    return {
      armId: arm.id,
      runs: arm.seeds.length,
      effortsPerSecond: maxEffort / secondsPerRun,
      secondsPerRun,
      basis: this.#basis(entry),
    };
  }

  /** Learns from a finished run. */
  async learnFrom(run: RunRecord, device: string | null): Promise<void> {
    const seconds = run.latest['seconds'];
    if (seconds === undefined || seconds <= 0 || run.effort <= 0) return;
    const key = this.#key('finished', run.arm, device);
    const before = this.#entries.get(key);
    const past = before?.kind === 'finished' ? before : { runs: 0, efforts: 0, seconds: 0 };
    this.#entries.set(key, {
      kind: 'finished',
      runs: past.runs + 1,
      efforts: past.efforts + run.effort,
      seconds: past.seconds + seconds,
    });
    await this.#inTurn(() => this.#save());
  }

  /** Resolves when nothing is being measured or written. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Finished runs tell about one way of recording; a second of training about any. */
  #key(kind: Entry['kind'], arm: Arm, device: string | null): string {
    const { dataset, model, trainer, record } = arm;
    const settings = { dataset, model, trainer, ...(kind === 'finished' ? { record } : {}) };
    const { appVersion, cpu, node, electron } = this.#environment;
    const machine = { appVersion, cpu, node, electron, threads: threadsFor(model.kind, this.#cores), device };
    return createHash('sha256').update(canonicalJson({ kind, settings, machine })).digest('hex');
  }

  /** What was measured before, if the machine had nothing else to do then, or is no quieter now. */
  async #measured(arm: Arm, device: string | null): Promise<Measured> {
    const key = this.#key('measured', arm, device);
    const known = this.#entries.get(key);
    const before = this.#disturbance();
    if (known?.kind === 'measured' && (known.disturbedBy === null || before !== null)) return known;
    const threads = threadsFor(arm.model.kind, this.#cores);
    const timing = await this.#train(
      arm,
      device,
      threads,
      before === null ? CALIBRATION_SECONDS : BUSY_SECONDS,
    );
    const { secondsPerUpdate, secondsPerRecord, seconds } = timing;
    const disturbedBy = before ?? this.#disturbance();
    const measured: Measured = {
      kind: 'measured',
      secondsPerUpdate,
      secondsPerRecord,
      seconds,
      threads,
      disturbedBy,
    };
    this.#entries.set(key, measured);
    await this.#save();
    return measured;
  }

  #basis(entry: Entry): string {
    if (entry.kind === 'finished') {
      return `from ${entry.runs} finished ${entry.runs === 1 ? 'run' : 'runs'} on this machine`;
    }
    const { seconds, threads, disturbedBy } = entry;
    const time = seconds < 0.1 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`;
    const on = `${this.#environment.cpu ?? 'this processor'}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    const reservation = disturbedBy === null ? '' : `, while ${disturbedBy}: the true time is likely shorter`;
    return `measured for ${time} on ${on}${reservation}`;
  }

  async #save(): Promise<void> {
    try {
      await writeJson(this.#file, Object.fromEntries(this.#entries));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#emit({
        type: 'notice',
        level: 'warning',
        message: `Measured speeds could not be kept: ${reason}`,
      });
    }
  }

  async #train(
    arm: Arm,
    device: string | null,
    threads: number,
    seconds: number,
  ): Promise<Extract<FromTrainer, { type: 'calibrated' }>> {
    const id = this.#nextId++;
    const seed = arm.seeds[0] ?? 0;
    return new Promise((resolve, reject) => {
      const trainer = this.#pool.acquire({
        onMessage: (message) => {
          if (message.type === 'calibrated' && message.id === id) resolve(message);
          else if (message.type === 'calibration-failed' && message.id === id)
            reject(fromErrorReport(message.error));
          else return;
          this.#pool.release(trainer);
        },
        onExit: (how) => {
          reject(
            new LatebloomError(
              'trainer-died',
              `Arm ${arm.id} could not be measured: the trainer was ${how}.`,
            ),
          );
        },
      });
      trainer.send({ type: 'calibrate', id, arm, seed, threads, device, seconds });
    });
  }
}

/** What keeps this machine busy besides a calibration, as the end of "while …"; null when it is quiet. */
export function otherWork(
  activeRuns: number,
  cores: number,
  load: number = loadavg()[0] ?? 0,
): string | null {
  if (activeRuns > 0)
    return activeRuns === 1 ? 'another run was going' : `${activeRuns} other runs were going`;
  // Runs that have just ended leave a load of up to `cores`.
  if (load > cores + 0.5) return `the machine had other work (load ${load.toFixed(1)} on ${cores} cores)`;
  return null;
}

export interface CalibrationParts {
  pool: TrainerPool;
  environment: EnvironmentRecord;
  cores: number;
  disturbance: () => string | null;
  emit: (event: HostEvent) => void;
}
