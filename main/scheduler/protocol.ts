/**
 * What the host and a trainer process say to each other. All messages are structured-cloneable: Node carries them over
 * the fork's channel (advanced serialization), Electron over a utility process's port.
 */
import type { DeviceReport } from '../../shared/api.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import type { BackendRecord, MetricColumn } from '../../shared/run.ts';
import type { Panel, Snapshot } from '../../shared/snapshot.ts';
import type { Arm } from '../../shared/study.ts';
import type { Speed } from './measure-speed.ts';

/** Consecutive rows of a curve: column name → values, all of one length. */
export type Columns = Record<string, Float64Array>;

/** Rows of a curve, with the snapshots taken at some of them. */
export interface Rows {
  columns: Columns;
  snapshots: Snapshot[];
}

export type ToTrainer =
  | {
      type: 'start';
      runId: string;
      arm: Arm;
      seed: number;
      checkpointPath: string;
      /** Seconds between two checkpoints. */
      checkpointEvery: number;
      /** Effort of the last row in the journal, −1 for none: rows up to it are not sent again. */
      lastJournaledEffort: number;
      threads: number;
      device: string | null;
      /** Why that device does not work, as was found out; null when it does, or when none was asked for. */
      deviceFault: string | null;
    }
  /** Runs of one kind on one device with the same threads, to be trained together. Each answers as if alone. */
  | { type: 'start-together'; runs: Extract<ToTrainer, { type: 'start' }>[] }
  /** Rows up to this effort are safe on disk; until then they travel in every checkpoint. */
  | { type: 'journaled'; runId: string; effort: number }
  /** Both write a checkpoint and end the run in this process; a paused run is started again later. */
  | { type: 'pause'; runId: string }
  | { type: 'stop'; runId: string }
  | {
      type: 'calibrate';
      id: number;
      arm: Arm;
      seed: number;
      threads: number;
      device: string | null;
      deviceFault: string | null;
      seconds: number;
      /** Of so many runs that are trained together; 1 alone. */
      lanes: number;
    }
  /** Engines are tried here, so that a native library that fails takes no host with it. */
  | { type: 'probe-device'; id: string }
  | { type: 'shutdown' };

export type TrainerEnding = 'finished' | 'failed' | 'stopped' | 'paused';

export type FromTrainer =
  | {
      type: 'started';
      runId: string;
      columns: MetricColumn[];
      panels: Panel[];
      backend: BackendRecord;
      effortsPerEpoch: number;
      /** Effort of the checkpoint it went on from; null from the beginning. */
      resumedFrom: number | null;
      /** Said when a checkpoint was there and could not be used. */
      note: string | null;
    }
  | ({ type: 'batch'; runId: string } & Rows)
  | { type: 'progress'; runId: string; effortsPerSecond: number }
  | { type: 'checkpointed'; runId: string; effort: number }
  /** `error` is set for failed runs, and for others whose last checkpoint could not be written. */
  | { type: 'ended'; runId: string; status: TrainerEnding; error: ErrorReport | null }
  | { type: 'calibrated'; id: number; speed: Speed }
  | { type: 'calibration-failed'; id: number; error: ErrorReport }
  | { type: 'device'; report: DeviceReport };

/** The trainer's end of the channel. */
export interface TrainerChannel {
  send(message: FromTrainer): void;
  onMessage(listener: (message: ToTrainer) => void): void;
  /** The host is gone. */
  onDisconnect(listener: () => void): void;
}

/** The host's end: one trainer process. */
export interface TrainerHandle {
  send(message: ToTrainer): void;
  onMessage(listener: (message: FromTrainer) => void): void;
  /** `how` completes "the trainer was …": "ended by SIGKILL", "ended with exit code 1: last words". */
  onExit(listener: (how: string) => void): void;
  /** Ends the process at once. */
  kill(): void;
}

/** Starts a trainer process; each shell has its own way. */
export type ForkTrainer = () => TrainerHandle;
