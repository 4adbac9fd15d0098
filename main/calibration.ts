/**
 * How long runs will take, from what this machine did: finished runs of the same size and recording where there are
 * some, else a second of real training in a trainer process. Kept in calibration.json.
 */
import { createHash } from 'node:crypto';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { ArmEstimate, Estimate, HostEvent } from '../shared/api.ts';
import { canonicalJson } from '../shared/canonical.ts';
import { fromErrorReport, LatebloomError } from '../shared/errors.ts';
import type { EnvironmentRecord, RunRecord } from '../shared/run.ts';
import type { Arm, Study } from '../shared/study.ts';
import { armAtPoint, pointsOf } from '../shared/sweep.ts';
import {
  basisWords,
  secondsOf,
  tightShare,
  earlyEndWords,
  togetherWords,
  withFinished,
  type Entry,
  type Measured,
} from './calibration-entries.ts';
import { readJson, systemCode, writeJson } from './journal/files.ts';
import {
  groupSize,
  interleaveArms,
  nextStarts,
  simulateDuration,
  threadsFor,
  wideRuns,
  type Together,
} from './scheduler/plan.ts';
import { togetherFor } from './scheduler/together.ts';
import type { Speed } from './scheduler/measure-speed.ts';
import type { TrainerPool } from './scheduler/trainer-pool.ts';
import { shapeOf, sweepCost } from './sweep-cost.ts';

/** Seconds of training that one calibration takes; less while runs are going, to stay out of their way. */
const CALIBRATION_SECONDS = 1;
const BUSY_SECONDS = 0.5;
/** A run is taken to train for at least this many seconds: a closed form may be quicker than the clock can tell. */
const SHORTEST = 1e-6;
/** Changes with what calibration.json holds: entries of another version are measured again. */
const FORMAT = 2;

export class Calibration {
  readonly #file: string;
  readonly #pool: TrainerPool;
  readonly #environment: EnvironmentRecord;
  readonly #cores: () => number;
  readonly #disturbance: () => string | null;
  readonly #emit: (event: HostEvent) => void;
  readonly #deviceFault: CalibrationParts['deviceFault'];
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
    this.#deviceFault = parts.deviceFault;
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
    const wide = wideRuns(study);
    const placeOf = ({ model }: Arm): Place => ({
      device,
      threads: threadsFor(model.kind, this.#cores(), wide),
    });
    const planned = study.arms.flatMap((arm) => this.#planned(arm, placeOf(arm)));
    const lanes = this.#lanesOf(planned);
    const timed: (PlannedRun & { seconds: number })[] = [];
    for (const arm of study.arms) {
      const { estimate, seconds } = await this.#estimateArm(arm, placeOf(arm), lanes);
      arms.push(estimate);
      const own = planned.filter(({ armId }) => armId === arm.id);
      timed.push(...own.map((run) => ({ ...run, seconds: seconds[run.pointIndex] as number })));
    }
    const runs = interleaveArms(timed);
    const slots = nextStarts(runs, 0, this.#cores()).flat().length;
    return { runs: runs.length, seconds: simulateDuration(runs, this.#cores()), slots, arms };
  }

  #planned(arm: Arm, place: Place): PlannedRun[] {
    return pointsOf(arm).flatMap((point, pointIndex) => {
      const together = togetherAt(armAtPoint(arm, point), place);
      return arm.seeds.map((seed) => {
        const id = `${arm.id}.${pointIndex}.${seed}`;
        return { id, runId: id, armId: arm.id, point, pointIndex, threads: place.threads, together };
      });
    });
  }

  /** How many runs of each kind the scheduler trains together, when nothing else is going. */
  #lanesOf(planned: readonly PlannedRun[]): ReadonlyMap<string, number> {
    const kinds = new Set(planned.map(({ runId, together }) => together?.key ?? runId)).size;
    const lanes = new Map<string, number>();
    for (const { together, threads } of planned) {
      if (together === null || lanes.has(together.key)) continue;
      const runs = planned.filter((run) => run.together?.key === together.key).length;
      const slots = together.overCores ? Math.floor(Math.floor(this.#cores() / threads) / kinds) : 1;
      lanes.set(together.key, groupSize(runs, together.limit, slots));
    }
    return lanes;
  }

  /** `seconds` holds those of one run at every sweep point, or of those that it is trained with. */
  async #estimateArm(
    arm: Arm,
    place: Place,
    lanesOf: ReadonlyMap<string, number>,
  ): Promise<{ estimate: ArmEstimate; seconds: readonly number[] }> {
    const entries: Entry[] = [];
    const sizes = new Set<number>();
    const { seconds, words } = await sweepCost(arm, async (one) => {
      const lanes = lanesOf.get(togetherAt(one, place)?.key ?? '') ?? 1;
      sizes.add(lanes);
      const how = { ...place, lanes };
      const entry =
        this.#entries.get(this.#key('finished', one, how)) ??
        (await this.#inTurn(() => this.#measured(one, how)));
      entries.push(entry);
      return secondsOf(entry, one);
    });
    const setUps = entries.map((entry) => entry.secondsSetUp ?? 0);
    const secondsSetUp = Math.max(...setUps);
    const secondsPerRun = seconds.reduce((sum, one) => sum + one, 0) / seconds.length;
    const estimate: ArmEstimate = {
      armId: arm.id,
      runs: arm.seeds.length * seconds.length,
      effortsPerSecond: arm.budget.maxEffort / Math.max(secondsPerRun - secondsSetUp, SHORTEST),
      secondsPerRun,
      secondsPerRunRange: [Math.min(...seconds), Math.max(...seconds)],
      secondsSetUp,
      basis: [basisWords(entries, this.#environment.cpu), words, togetherWords(sizes), earlyEndWords(arm)]
        .filter((part) => part !== '')
        .join('; '),
    };
    return { estimate, seconds };
  }

  /** Learns from a finished run. */
  async learnFrom(run: RunRecord, device: string | null): Promise<void> {
    const { threads = 1, lanes = 1 } = run.backend ?? {};
    const key = this.#key('finished', run.arm, { device, threads, lanes });
    const entry = withFinished(this.#entries.get(key), run);
    if (entry === null) return;
    this.#entries.set(key, entry);
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
  #key(kind: Entry['kind'], arm: Arm, { device, threads, lanes }: HowTrained): string {
    const { record } = arm;
    const settings = {
      shape: shapeOf(arm),
      ...(kind === 'finished' ? { record } : {}),
      ...(lanes === 1 ? {} : { lanes }),
    };
    const { appVersion, cpu, node, electron } = this.#environment;
    const machine = { appVersion, cpu, node, electron, threads, device };
    return createHash('sha256')
      .update(canonicalJson({ format: FORMAT, kind, settings, machine }))
      .digest('hex');
  }

  /** What was measured before, if the machine had nothing else to do then, or is no quieter now. */
  async #measured(arm: Arm, how: HowTrained): Promise<Measured> {
    const key = this.#key('measured', arm, how);
    const known = this.#entries.get(key);
    const before = this.#disturbance();
    if (known?.kind === 'measured' && (known.disturbedBy === null || before !== null)) return known;
    const { threads } = how;
    const speed = await this.#train(arm, how, before === null ? CALIBRATION_SECONDS : BUSY_SECONDS);
    const { cpuShare, ...times } = speed;
    const disturbedBy = before ?? this.#disturbance() ?? tightShare(cpuShare, threads);
    const measured: Measured = { kind: 'measured', ...times, threads, disturbedBy };
    this.#entries.set(key, measured);
    await this.#save();
    return measured;
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

  async #train(arm: Arm, { device, threads, lanes }: HowTrained, seconds: number): Promise<Speed> {
    const id = this.#nextId++;
    const deviceFault = await this.#deviceFault(device);
    const seed = arm.seeds[0] ?? 0;
    return new Promise((resolve, reject) => {
      const trainer = this.#pool.acquire({
        onMessage: (message) => {
          if (message.type === 'calibrated' && message.id === id) resolve(message.speed);
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
      trainer.send({ type: 'calibrate', id, arm, seed, threads, device, deviceFault, seconds, lanes });
    });
  }
}

/** Where an arm's runs are trained. */
interface Place {
  device: string | null;
  threads: number;
}

interface HowTrained extends Place {
  /** Runs to a program. */
  lanes: number;
}

function togetherAt(arm: Arm, { device, threads }: Place): Together | null {
  return togetherFor({ studyId: '', armId: arm.id, arm, checkpointEffort: null }, threads, device);
}

type PlannedRun = Pick<RunRecord, 'id' | 'armId' | 'point'> & {
  runId: string;
  threads: number;
  /** Which of the arm's sweep points. */
  pointIndex: number;
  together: Together | null;
};

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
  /** Cores that runs may use now. */
  cores: () => number;
  disturbance: () => string | null;
  emit: (event: HostEvent) => void;
  /** Why a device does not work; null when it does. */
  deviceFault: (device: string | null) => Promise<string | null>;
}
