/** What the window knows: the host, its presets, studies and runs, and the curves on screen. */
import type {
  ControlAction,
  DeviceReport,
  HostEvent,
  HostInfo,
  HostSettings,
  Preset,
} from '../../shared/api.ts';
import { LatebloomError } from '../../shared/errors.ts';
import type { Findings } from '../../shared/findings/findings.ts';
import { endedStatuses, type RunRecord, type StudyRecord } from '../../shared/run.ts';
import { MAX_BUNDLE_BYTES } from '../../shared/wire.ts';
import { Mirror, type MirrorListener } from '../db/mirror.ts';
import { requestPersistence, type StorageReport } from '../db/persistence.ts';
import { RunDatabase } from '../db/schema.ts';
import { StoreError, StoreFullError } from '../db/writer.ts';
import type { Connection, ConnectionState } from './connection.ts';
import { CurveStore } from './curves.svelte.ts';
import { SnapshotStore } from './snapshots.svelte.ts';
import { EstimateStore } from './estimates.svelte.ts';
import { OverviewStore } from './overviews.ts';
import { asLatebloomError } from './task.svelte.ts';

/** The data folder whose copies are opened before the host has answered, or when it does not. */
const LAST_HOME = 'latebloom.home';
const PUBLISH_EVERY = 200;

export interface Notice {
  id: number;
  level: 'info' | 'warning' | 'error';
  message: string;
  nextStep: string;
}

export class WorkbenchStore {
  readonly connection: Connection;
  readonly curves: CurveStore;
  readonly snapshots: SnapshotStore;
  readonly overviews: OverviewStore;
  readonly estimates: EstimateStore;
  state = $state.raw<ConnectionState>('connecting');
  refusal = $state.raw<string | null>(null);
  host = $state.raw<HostInfo | null>(null);
  settings = $state.raw<HostSettings | null>(null);
  presets = $state.raw<Preset[] | null>(null);
  devices = $state.raw<DeviceReport[] | null>(null);
  /** Newest first. */
  studies = $state.raw<StudyRecord[]>([]);
  runs = $state.raw<RunRecord[]>([]);
  /** What was written about studies, by study. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- replaced, never changed
  findings = $state.raw<ReadonlyMap<string, Findings>>(new Map());
  /** Runs that wait, and as which they go: 1 for the next. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- replaced, never changed
  queue = $state.raw<ReadonlyMap<string, number>>(new Map());
  /** Whether `studies` and `runs` have been read from the store or the host. */
  loaded = $state(false);
  /** Whether the host has said which studies there are: what is not listed then does not exist. */
  listed = $state(false);
  storage = $state.raw<StorageReport | null>(null);
  notices = $state.raw<Notice[]>([]);
  /** What the store for offline replay last complained about; null while it works. */
  storeProblem = $state.raw<LatebloomError | null>(null);
  readonly runsByStudy: ReadonlyMap<string, RunRecord[]> = $derived(groupByStudy(this.studies, this.runs));
  #mirror: Mirror | null = null;
  #home: string | null = null;
  /** The mirror that takes the host's events: null until this connection's `hello` was answered. */
  #live: Mirror | null = null;
  /** The mirror whose overviews are being made. */
  #filling: Mirror | null = null;
  #opening = 0;
  #opened: Promise<void> = Promise.resolve();
  #publishedAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #nextNotice = 0;

  constructor(connection: Connection) {
    this.connection = connection;
    this.estimates = new EstimateStore(connection);
    this.curves = new CurveStore((runId) => this.#readCurve(runId));
    this.snapshots = new SnapshotStore(async (runId) => (await this.#mirror?.readSnapshots(runId)) ?? []);
    this.overviews = new OverviewStore(async (wanted) => (await this.#mirror?.readOverviews(wanted)) ?? []);
  }

  /** Shows what is stored, connects, and stays up to date. */
  start(): void {
    const lastHome = localStorage.getItem(LAST_HOME);
    if (lastHome !== null) this.#opened = this.#openMirror(lastHome);
    this.connection.subscribe((event) => this.#handle(event));
    this.connection.onState((state) => this.#setState(state));
    this.#setState(this.connection.state);
    addEventListener('pagehide', () => void this.#mirror?.flush());
    void this.refreshStorage();
  }

  get home(): string | null {
    return this.#home;
  }

  /** Whether the host answers; without it runs can be looked at but not changed. */
  get isOnline(): boolean {
    return this.state === 'open';
  }

  /** Runs that go on at once, of one thread each. */
  get slots(): number {
    return this.settings?.cores ?? this.settings?.coresHere ?? 1;
  }

  study(id: string): StudyRecord | null {
    return this.studies.find((study) => study.id === id) ?? null;
  }

  async control(action: ControlAction, runs: readonly RunRecord[]): Promise<void> {
    if (runs.length === 0) return;
    await this.connection.call('control', { action, runIds: runs.map((run) => run.id) });
  }

  /** The bytes of a study file. @throws LatebloomError when it is too large */
  async readBundle(file: File): Promise<Uint8Array> {
    if (file.size === 0 || file.size > MAX_BUNDLE_BYTES) {
      const fault = file.size === 0 ? 'it is empty' : 'it is larger than 512 MB';
      const next =
        file.size === 0
          ? 'Choose a .study.zip that Latebloom exported.'
          : 'Import it from a terminal, which has no such limit: latebloom import <file>.';
      throw new LatebloomError('bad-input', `${file.name} cannot be imported: ${fault}.`, next);
    }
    return new Uint8Array(await file.arrayBuffer());
  }

  async loadDevices(): Promise<void> {
    this.devices ??= await this.connection.call('devices', null);
  }

  async refreshStorage(): Promise<void> {
    try {
      this.storage = await requestPersistence();
    } catch (error) {
      this.storeProblem = new StoreError(error);
    }
  }

  notify(level: Notice['level'], message: string, nextStep = ''): void {
    if (this.notices.some((notice) => notice.message === message)) return;
    this.notices = [...this.notices, { id: this.#nextNotice++, level, message, nextStep }];
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
  }

  #setState(state: ConnectionState): void {
    const before = this.state;
    this.state = state;
    this.refusal = this.connection.refusal;
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- replaced, never changed
    if (state !== 'open') this.queue = new Map();
    if (state === 'open' && before !== 'open') void this.#synchronize();
    else this.#live = null;
    if (state === 'lost') void this.#opened.then(() => this.#fillOverviews());
  }

  #handle(event: HostEvent): void {
    if (event.type === 'notice' && event.about === undefined) this.notify(event.level, event.message);
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- replaced, never changed
    if (event.type === 'queue') this.queue = new Map(event.runIds.map((id, i) => [id, i + 1]));
    if (event.type === 'settings') {
      this.settings = event.settings;
      this.estimates.clear();
    }
    this.#live?.handle(event);
    if (event.type === 'run' && endedStatuses.includes(event.run.status)) void this.#fillOverviews();
  }

  /** Makes the overviews that comparisons read, one run at a time, while the window has nothing else to do. */
  async #fillOverviews(): Promise<void> {
    const mirror = this.#mirror;
    if (mirror === null || this.#filling === mirror) return;
    this.#filling = mirror;
    try {
      for (const { id } of await mirror.runsWithoutOverview()) {
        await idle();
        if (this.#mirror !== mirror) break;
        await mirror.makeOverviews(id);
      }
    } catch (error) {
      const problem = asLatebloomError(error);
      // Without its host a curve that is not stored in full waits.
      if (problem.code !== 'host-unreachable') this.notify('warning', problem.message, problem.nextStep);
    } finally {
      if (this.#filling === mirror) this.#filling = null;
    }
  }

  async #synchronize(): Promise<void> {
    const opening = ++this.#opening;
    try {
      await this.#opened;
      const host = await this.connection.call('hello', null);
      if (host.sessionId !== this.host?.sessionId) {
        this.devices = null;
        this.estimates.clear();
      }
      if (this.#home !== host.home) {
        this.#opened = this.#openMirror(host.home);
        await this.#opened;
        localStorage.setItem(LAST_HOME, host.home);
      }
      if (opening !== this.#opening || this.state !== 'open') return;
      this.host = host;
      this.#live = this.#mirror;
      await Promise.all([this.#loadPresets(), this.#mirror === null ? null : this.#follow(this.#mirror)]);
      void this.#fillOverviews();
    } catch (error) {
      const problem = asLatebloomError(error);
      // A lost host has its own banner, and is synchronized with when it is back.
      if (problem.code !== 'host-unreachable') this.notify('error', problem.message, problem.nextStep);
    }
  }

  async #loadPresets(): Promise<void> {
    this.settings = await this.connection.call('settings', null);
    this.presets = await this.connection.call('presets', null);
  }

  async #follow(mirror: Mirror): Promise<void> {
    const open = await mirror.fetchRecords();
    this.#publish();
    this.listed = true;
    await mirror.fetchCurves(open);
  }

  async #openMirror(home: string): Promise<void> {
    const before = this.#mirror;
    this.#home = home;
    this.#mirror = new Mirror(this.connection, new RunDatabase(home), this.#listener(home));
    await before?.close();
    try {
      await this.#mirror.load();
    } catch (error) {
      this.storeProblem = new StoreError(error);
    }
    this.#publish();
    this.overviews.clear();
    this.curves.reload();
    this.snapshots.reload();
  }

  #listener(home: string): MirrorListener {
    const isCurrent = (): boolean => this.#home === home;
    return {
      changed: () => {
        if (isCurrent()) this.#publishSoon();
      },
      batch: (batch) => {
        this.curves.add(batch);
        this.snapshots.add(batch);
      },
      reset: (runId) => {
        this.curves.reset(runId);
        this.overviews.forget(runId);
        this.snapshots.reset(runId);
      },
      problem: (problem) => {
        const ofStore =
          problem === null || problem instanceof StoreError || problem instanceof StoreFullError;
        if (ofStore) this.storeProblem = problem;
        else this.notify('warning', problem.message, problem.nextStep);
      },
    };
  }

  async #readCurve(runId: string): ReturnType<Mirror['readCurve']> {
    return (await this.#mirror?.readCurve(runId)) ?? { parts: [], next: 0 };
  }

  #publishSoon(): void {
    const wait = PUBLISH_EVERY - (performance.now() - this.#publishedAt);
    if (wait <= 0) this.#publish();
    else this.#timer ??= setTimeout(() => this.#publish(), wait);
  }

  #publish(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#publishedAt = performance.now();
    if (this.#mirror === null) return;
    this.studies = [...this.#mirror.studies.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    this.runs = [...this.#mirror.runs.values()];
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- replaced, never changed
    this.findings = new Map(this.#mirror.findings);
    this.loaded = true;
  }
}

/** Resolves when the window has nothing to do, or after a second. */
function idle(): Promise<unknown> {
  return new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1000 }));
}

/** Runs in the order in which their study lists them. */
function groupByStudy(studies: readonly StudyRecord[], runs: readonly RunRecord[]): Map<string, RunRecord[]> {
  const byId = new Map(runs.map((run) => [run.id, run]));
  return new Map(studies.map((study) => [study.id, study.runIds.flatMap((id) => byId.get(id) ?? [])]));
}
