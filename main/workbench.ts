/** The host: implements `WorkbenchApi` over the parts. Knows no shell. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type {
  ExportRequest,
  HostEvent,
  HostInfo,
  HostSettings,
  ImportPreview,
  ImportResponse,
  MethodName,
  Preset,
  RequestOf,
  ResponseOf,
  SettingChanges,
  StartRequest,
  StartResponse,
  WorkbenchApi,
} from '../shared/api.ts';
import { LatebloomError } from '../shared/errors.ts';
import type { Findings, SaveFindings } from '../shared/findings/findings.ts';
import type { EnvironmentRecord, RunCurve } from '../shared/run.ts';
import type { ReportedCounts } from '../shared/fidelity-part.ts';
import { parseArm, parseStudy } from '../shared/study.ts';
import { Calibration, otherWork } from './calibration.ts';
import { Devices } from './devices.ts';
import { describeDataset } from './datasets/describe.ts';
import { environmentRecord } from './environment.ts';
import {
  ConflictError,
  exportStudy,
  exportStudyTo,
  importBundle,
  previewImport,
  reportStudy,
  type WrittenBundle,
} from './exchange.ts';
import { reportedCounts, reportOf } from './fidelity/kept-parts.ts';
import { saveFindings } from './findings.ts';
import { HomeLock } from './home.ts';
import { systemCode } from './journal/files.ts';
import { diskIo, type JournalIo } from './journal/journal.ts';
import { Store } from './journal/store.ts';
import { modelSize } from './model-size.ts';
import { readPresets } from './presets.ts';
import { dropCheckpoints, keptCheckpoints } from './scheduler/checkpoints-kept.ts';
import { nodeForkTrainer } from './scheduler/fork-trainer.ts';
import type { ForkTrainer } from './scheduler/protocol.ts';
import { interruptedNotice, recoverRuns } from './scheduler/recovery.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { TrainerPool } from './scheduler/trainer-pool.ts';
import { Settings } from './settings.ts';
import { applyOverrides, newStudyRecords } from './start-study.ts';

export interface WorkbenchOptions {
  /** The data folder (`resolveHome()`); created when it is not there. */
  home: string;
  /** Cores for training, for this host only; what was saved in the data folder when absent. */
  cores?: number;
  /** How this shell starts a trainer; a child process of Node when absent. */
  forkTrainer?: ForkTrainer;
  /** Seconds between two checkpoints of a run: 5 when absent. */
  checkpointEvery?: number;
  /** How journals reach the disk; tests put a full disk in its place. */
  journalIo?: JournalIo;
}

type Handlers = { [M in MethodName]: (request: RequestOf<M>) => Promise<ResponseOf<M>> | ResponseOf<M> };

/** What `open` puts together. */
interface Parts {
  home: string;
  lock: HomeLock;
  settings: Settings;
  store: Store;
  pool: TrainerPool;
  scheduler: Scheduler;
  calibration: Calibration;
  devices: Devices;
  environment: EnvironmentRecord;
  bus: EventBus;
}

/** Delivers events to every listener; one that fails does not keep them from the others. */
class EventBus {
  readonly #listeners = new Set<(event: HostEvent) => void>();
  /** Told to everyone who comes: what was found wrong on start, and what is interrupted now. */
  readonly #greetings: () => HostEvent[];

  constructor(greetings: () => HostEvent[]) {
    this.#greetings = greetings;
  }

  readonly emit = (event: HostEvent): void => {
    for (const listener of this.#listeners) deliver(listener, event);
  };

  subscribe(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    queueMicrotask(() => {
      if (this.#listeners.has(listener)) for (const event of this.#greetings()) deliver(listener, event);
    });
    return () => this.#listeners.delete(listener);
  }
}

function deliver(listener: (event: HostEvent) => void, event: HostEvent): void {
  try {
    listener(event);
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}

export class Workbench implements WorkbenchApi {
  readonly #parts: Parts;
  readonly #sessionId = randomUUID();
  #presets: Promise<Preset[]> | null = null;
  #reportedCounts: Promise<ReportedCounts[]> | null = null;
  #closing: Promise<void> | null = null;
  /** Changes to the data folder happen one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Takes the data folder and brings its runs in order: those that were going or waiting when the last host ended
   * become 'interrupted', and wait for the user to resume them.
   * @throws HomeInUseError when another host has the folder
   * @throws LatebloomError when the folder cannot be written
   */
  static async open(options: WorkbenchOptions): Promise<Workbench> {
    const { home, forkTrainer = nodeForkTrainer(), checkpointEvery = 5, journalIo = diskIo } = options;
    const lock = await takeHome(home);
    try {
      const environment = environmentRecord();
      const pool = new TrainerPool(forkTrainer);
      const { store, problems } = await Store.open(home);
      const coresHere = availableParallelism();
      const { settings, problems: odd } = await Settings.open(home, coresHere, options.cores ?? null);
      const cores = (): number => settings.cores;
      const found = [...problems, ...odd, ...(await recoverRuns(store))].map((message): HostEvent => ({
        type: 'notice',
        level: 'warning',
        message,
      }));
      const bus = new EventBus(() => [
        ...found,
        ...interruptedNotice(store),
        ...(scheduler.waiting.length === 0
          ? []
          : [{ type: 'queue', runIds: scheduler.waiting } satisfies HostEvent]),
      ]);
      const emit = (event: HostEvent): void => {
        if (event.type === 'run' && event.run.status === 'finished') {
          void calibration.learnFrom(event.run, store.settings(event.run.studyId).device);
        }
        bus.emit(event);
      };
      const devices = new Devices(pool);
      const deviceFault = (device: string | null): Promise<string | null> => devices.fault(device);
      const scheduler = new Scheduler(
        {
          store,
          pool,
          journalIo,
          checkpointEvery,
          keepCheckpoints: () => settings.keepCheckpoints,
          environment,
          emit,
          deviceFault,
        },
        cores,
      );
      const disturbance = (): string | null => otherWork(scheduler.activeRuns, coresHere);
      const calibration = await Calibration.open(home, {
        pool,
        environment,
        cores,
        disturbance,
        emit: bus.emit,
        deviceFault,
      });
      return new Workbench({
        home,
        lock,
        settings,
        store,
        pool,
        scheduler,
        calibration,
        devices,
        environment,
        bus,
      });
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async call<M extends MethodName>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>> {
    if (this.#closing !== null) throw new ConflictError('Latebloom is closing.', 'Start it again.');
    const handler = this.#handlers[method] as Handlers[M];
    return handler(request);
  }

  subscribe(listener: (event: HostEvent) => void): () => void {
    return this.#parts.bus.subscribe(listener);
  }

  /** A run's whole curve. @throws NotFoundError, LatebloomError 'damaged-journal' */
  async readCurve(runId: string): Promise<RunCurve> {
    return this.#parts.store.readCurve(runId);
  }

  /** As `exportStudy`, into a file of any size. */
  async exportTo(request: ExportRequest, place: (fileName: string) => string): Promise<WrittenBundle> {
    const { store, environment } = this.#parts;
    return this.#inTurn(() => exportStudyTo(store, request, environment, place));
  }

  /** As `importBundle`, from a file of any size. */
  async importFrom(path: string): Promise<ImportResponse> {
    return this.#inTurn(() => this.#importBundle(path));
  }

  /** As `previewImport`, from a file of any size. */
  async previewFrom(path: string): Promise<ImportPreview> {
    const { store, environment } = this.#parts;
    return this.#inTurn(() => previewImport(store, path, environment));
  }

  /** Writes checkpoints, ends the trainers, gives the data folder back. Runs that were going become 'interrupted'. */
  async close(): Promise<void> {
    this.#closing ??= (async () => {
      const { scheduler, pool, calibration, lock } = this.#parts;
      await this.#turn;
      await scheduler.close();
      await pool.close();
      await calibration.settled();
      await lock.release();
    })();
    return this.#closing;
  }

  readonly #handlers: Handlers = {
    hello: () => this.#hello(),
    settings: () => this.#parts.settings.report,
    saveSettings: (changes) => this.#inTurn(() => this.#saveSettings(changes)),
    checkpoints: () => keptCheckpoints(this.#parts.store, this.#parts.scheduler),
    dropCheckpoints: () =>
      this.#inTurn(() => dropCheckpoints(this.#parts.store, this.#parts.scheduler, this.#parts.bus.emit)),
    presets: () => this.#shippedPresets(),
    // What is shipped does not change, and the gallery asks whenever it is opened.
    reportedCounts: () =>
      (this.#reportedCounts ??= this.#shippedPresets().then((all) => reportedCounts(all))),
    presetReport: async ({ preset }) => reportOf(await this.#shippedPresets(), preset),
    devices: () => this.#parts.devices.list(),
    checkStudy: ({ json }) => parseStudy(json),
    previewDataset: ({ dataset, seed }) => describeDataset(dataset, seed),
    modelSize: ({ arm }) => modelSize(parseArm(arm)),
    estimate: async (request) => {
      const study = applyOverrides(request);
      const device = this.#parts.devices.check(request.device);
      return this.#parts.calibration.estimate(study, device);
    },
    startStudy: (request) => this.#inTurn(() => this.#startStudy(request)),
    control: ({ action, runIds }) =>
      this.#inTurn(async () => {
        const { store, scheduler } = this.#parts;
        await scheduler.control(
          action,
          runIds.map((id) => store.run(id)),
        );
        return null;
      }),
    extend: (request) => this.#inTurn(() => this.#parts.scheduler.extend(request)),
    studies: () => this.#parts.store.studies(),
    runs: () => this.#parts.store.runs(),
    readBatches: ({ runId, fromSeq, limit }) => this.#parts.store.readBatches(runId, fromSeq, limit),
    deleteStudy: ({ studyId }) => this.#inTurn(() => this.#deleteStudy(studyId)),
    findings: () => this.#parts.store.allFindings(),
    saveFindings: (request) => this.#inTurn(() => this.#saveFindings(request)),
    reportStudy: (request) =>
      this.#inTurn(() => reportStudy(this.#parts.store, request, this.#parts.environment)),
    exportStudy: (request) =>
      this.#inTurn(() => exportStudy(this.#parts.store, request, this.#parts.environment)),
    previewImport: ({ bytes }) =>
      this.#inTurn(() => previewImport(this.#parts.store, bytes, this.#parts.environment)),
    importBundle: ({ bytes }) => this.#inTurn(() => this.#importBundle(bytes)),
  };

  #shippedPresets(): Promise<Preset[]> {
    return (this.#presets ??= readPresets());
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #hello(): HostInfo {
    const { home, environment } = this.#parts;
    return { appVersion: environment.appVersion, home, sessionId: this.#sessionId, environment };
  }

  async #saveSettings(changes: SettingChanges): Promise<HostSettings> {
    const { settings, scheduler, bus } = this.#parts;
    await settings.save(changes);
    bus.emit({ type: 'settings', settings: settings.report });
    if (changes.cores !== undefined) scheduler.coresChanged();
    return settings.report;
  }

  async #startStudy(request: StartRequest): Promise<StartResponse> {
    const { store, scheduler, environment, bus } = this.#parts;
    const study = applyOverrides(request);
    const device = this.#parts.devices.check(request.device);
    const records = newStudyRecords(study, environment);
    await store.create(records.study, records.runs, { device });
    bus.emit({ type: 'study', study: records.study });
    for (const run of records.runs) bus.emit({ type: 'run', run });
    scheduler.enqueue(records.runs);
    return { studyId: records.study.id, runIds: records.study.runIds };
  }

  async #deleteStudy(studyId: string): Promise<null> {
    const { store, scheduler, bus } = this.#parts;
    const { runIds } = store.study(studyId);
    await scheduler.settle(runIds);
    const going = runIds.filter((id) => scheduler.isActive(id));
    if (going.length > 0) {
      throw new ConflictError(
        `The study cannot be deleted: ${going.length === 1 ? '1 run of it is' : `${going.length} runs of it are`} going.`,
        'Stop its runs first.',
      );
    }
    scheduler.forget(runIds);
    await store.delete(studyId);
    bus.emit({ type: 'study-deleted', studyId });
    return null;
  }

  async #saveFindings(request: SaveFindings): Promise<Findings> {
    const findings = await saveFindings(this.#parts.store, request);
    this.#parts.bus.emit({ type: 'findings', findings });
    return findings;
  }

  async #importBundle(source: Uint8Array | string): Promise<ImportResponse> {
    const { store, environment, bus } = this.#parts;
    const { response, study, runs, findings } = await importBundle(store, source, environment);
    bus.emit({ type: 'study', study });
    for (const run of runs) bus.emit({ type: 'run', run });
    if (findings !== null) bus.emit({ type: 'findings', findings });
    return response;
  }
}

async function takeHome(home: string): Promise<HomeLock> {
  try {
    await mkdir(home, { recursive: true });
    return await HomeLock.acquire(home);
  } catch (error) {
    const code = systemCode(error);
    if (error instanceof LatebloomError || code === null) throw error;
    throw new LatebloomError(
      code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'not-allowed',
      `The data folder ${home} cannot be written: ${(error as Error).message}.`,
      'Free some space, or choose another folder with LATEBLOOM_HOME.',
      { cause: error },
    );
  }
}
