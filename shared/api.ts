/**
 * The one contract between a window (or a browser tab, or the command line) and the host. Methods are
 * request/response; everything that happens by itself is a `HostEvent`. All values are structured-cloneable, and
 * survive MessagePack (`wire.ts`): plain objects, arrays, strings, numbers, booleans, null, Uint8Array, Float64Array.
 */
import type { DatasetPreview } from './dataset-preview.ts';
import type { DatasetSpec } from './dataset-spec.ts';
import type { ErrorReport } from './errors.ts';
import type { ReportedCounts, ReportedScale } from './fidelity-part.ts';
import type { Findings, SavedView, SaveFindings } from './findings/findings.ts';
import type { BackendRecord, EnvironmentRecord, MetricBatch, RunRecord, StudyRecord } from './run.ts';
import type { Preset } from './preset.ts';
import type { Arm, Study } from './study.ts';

export interface HostInfo {
  appVersion: string;
  home: string;
  /** Changes whenever the host starts: a mirror that sees a new one fetches what it missed. */
  sessionId: string;
  environment: EnvironmentRecord;
}

export type { Preset } from './preset.ts';

export interface ArmEstimate {
  armId: string;
  runs: number;
  /** Steady-state efforts per second of one run, recording included, measured on this machine. */
  effortsPerSecond: number;
  /** Seconds for one run of this arm at its full budget, set-up included; the mean over its sweep points. */
  secondsPerRun: number;
  /** Of the quickest and of the slowest sweep point; equal where all cost the same. */
  secondsPerRunRange: [number, number];
  /** Of these, what a run takes before its first update: dataset, initial parameters, compilation. */
  secondsSetUp: number;
  /** How this was measured: "measured for 1.0 s on …", or "from 3 finished runs". */
  basis: string;
}

export interface Estimate {
  runs: number;
  /** Seconds for all runs with this machine's parallel slots. */
  seconds: number;
  slots: number;
  arms: ArmEstimate[];
}

/** What a model takes on an arm's data. */
export interface ModelSize {
  /** Numbers that training finds: for a Bayesian network two per weight, for a kernel one coefficient per example. */
  parameters: number;
  /** Arrays of a run whose sizes are known before it starts, in bytes; it takes at least their sum. */
  memory: { what: string; bytes: number }[];
}

export interface DeviceReport {
  /**
   * `onnxruntime-cpu`, `onnxruntime-webgpu`, `onnxruntime-cuda`, `onnxruntime-directml`, `onnxruntime-coreml`,
   * `tfjs-node-gpu`, `tfjs-node`, `tfjs-wasm`, `tfjs-cpu`.
   */
  id: string;
  title: string;
  available: boolean;
  /** Why not, or what was checked. */
  reason: string;
}

/** What a user sets for the host: kept in its data folder. */
export interface HostSettings {
  /** Cores that all runs use together: so many runs of one thread go at once. Null for all of the machine's. */
  cores: number | null;
  /** Of the machine. */
  coresHere: number;
  /** Whether runs that finish keep their last checkpoint, from which more budget goes on. */
  keepCheckpoints: boolean;
}

/** What is not named stays as it is. */
export type SettingChanges = Partial<Pick<HostSettings, 'cores' | 'keepCheckpoints'>>;

/** Last checkpoints of ended runs. Runs that go, wait or are paused need theirs, and are not counted. */
export interface KeptCheckpoints {
  /** Of finished runs: more budget goes on from there. */
  finished: number;
  /** Of stopped runs: resumed or extended, they go on from there. */
  stopped: number;
  bytes: number;
}

export interface StartRequest {
  study: Study;
  /** Only these arms (ids); all when absent. */
  arms?: string[];
  /** Only the first N seeds of each arm; when N exceeds them, consecutive further seeds are added. */
  seeds?: number;
  /** Caps every arm's budget. */
  maxEffort?: number;
  /** A device id of `devices()`; the best available when absent. */
  device?: string;
}

export interface StartResponse {
  studyId: string;
  runIds: string[];
}

/**
 * `retry` trains a failed or stopped run again from its start; what it had computed is discarded. `first` and `last` move
 * runs that wait before or behind all others that do.
 */
export const controlActions = ['pause', 'resume', 'stop', 'retry', 'first', 'last'] as const;
export type ControlAction = (typeof controlActions)[number];

export interface ControlRequest {
  action: ControlAction;
  /** Run ids; a study's runs are all named. Runs that the action does not fit are left alone. */
  runIds: string[];
}

/** More budget for finished and stopped runs, which go on from their last checkpoints: all of them, or none. */
export interface ExtendRequest {
  runIds: string[];
  /** The new budget, above each run's present one. */
  maxEffort: number;
  /** Also runs whose last checkpoint was not kept: they are computed again from their beginning, to the same curve. */
  recompute?: boolean;
}

export interface ReadBatchesRequest {
  runId: string;
  /** First `seq` wanted. */
  fromSeq: number;
  /** At most this many batches in the answer. */
  limit: number;
}

export interface ExportRequest {
  studyId: string;
  /** SPDX id or URL of the licence of the data, chosen by the user; never defaulted. */
  licence: string;
  /** Author of the study, as to be cited. */
  author: string;
}

export interface ExportResponse {
  /** `NAME.study.zip` */
  fileName: string;
  bytes: Uint8Array;
  manifestHash: string;
}

export interface ReportResponse {
  /** `NAME.report.html` */
  fileName: string;
  html: string;
}

/** What an import would do; nothing has been written. */
export interface ImportPreview {
  studyId: string;
  title: string;
  question: string;
  manifestHash: string;
  licence: string;
  author: string;
  /** Whether the study is new to this data folder, or would be added to or stay as it is. */
  study: 'new' | 'extended' | 'same' | 'different';
  runs: ImportedRun[];
  /** Whether its notes would come in. `kept`: there are others here, which stay. */
  notes: 'none' | 'new' | 'same' | 'kept';
  /** Saved comparisons that would come in. */
  views: string[];
  environmentDifferences: string[];
  /** Why it cannot be imported; null where it can. */
  refusal: string | null;
}

export interface ImportedRun {
  id: string;
  /** "mlp, initScale = 2, seed 0" */
  title: string;
  status: string;
  rows: number;
  /** `same` is here already; `different` has the id of a run that is here, and another content. */
  state: 'new' | 'same' | 'different';
  /** Where the machine that computed it differs from this one. */
  environment: string[];
}

export interface ImportResponse {
  studyId: string;
  manifestHash: string;
  /** Runs new to this data folder, and runs that were already here with the same content. */
  added: string[];
  alreadyHere: string[];
  /** Where the bundle's environment differs from this machine's: "node: 22.1.0 there, 20.20.2 here". */
  environmentDifferences: string[];
  /** Saved comparisons that came with it. */
  views: SavedView[];
}

/** Every method a window can call. One request value, one response value. */
export interface WorkbenchMethods {
  hello: (request: null) => HostInfo;
  settings: (request: null) => HostSettings;
  /** Holds at once for what starts next; runs that are going keep their cores. @throws InputError */
  saveSettings: (request: SettingChanges) => HostSettings;
  checkpoints: (request: null) => KeptCheckpoints;
  /**
   * Deletes them, and says what they were. Runs keep their curves; one that is resumed or extended afterwards is computed
   * again from its beginning, to the same curve.
   */
  dropCheckpoints: (request: null) => KeptCheckpoints;
  presets: (request: null) => Preset[];
  /** What the shipped report says of a preset: none where it was not run as it is now. @throws InputError */
  presetReport: (request: { preset: string }) => ReportedScale[];
  /** The same of all presets, in numbers. */
  reportedCounts: (request: null) => ReportedCounts[];
  devices: (request: null) => DeviceReport[];
  /** Checks a study file's JSON. @throws InputError */
  checkStudy: (request: { json: unknown }) => Study;
  /** What a dataset looks like for one seed, built in the host. @throws InputError */
  previewDataset: (request: { dataset: DatasetSpec; seed: number }) => DatasetPreview;
  /** How large an arm's model is. @throws InputError */
  modelSize: (request: { arm: Arm }) => ModelSize;
  /** Calibrates on this machine where it has not been done (seconds). */
  estimate: (request: StartRequest) => Estimate;
  startStudy: (request: StartRequest) => StartResponse;
  control: (request: ControlRequest) => null;
  /** @throws LatebloomError 'conflict' with a sentence for every run that cannot be extended. */
  extend: (request: ExtendRequest) => null;
  studies: (request: null) => StudyRecord[];
  runs: (request: null) => RunRecord[];
  readBatches: (request: ReadBatchesRequest) => MetricBatch[];
  deleteStudy: (request: { studyId: string }) => null;
  /** Of the studies that somebody has written about. */
  findings: (request: null) => Findings[];
  /** @throws LatebloomError 'conflict' when another window saved since the text was read. */
  saveFindings: (request: SaveFindings) => Findings;
  /** A study as one page for people: no network and no script. */
  reportStudy: (request: ExportRequest) => ReportResponse;
  exportStudy: (request: ExportRequest) => ExportResponse;
  previewImport: (request: { bytes: Uint8Array }) => ImportPreview;
  importBundle: (request: { bytes: Uint8Array }) => ImportResponse;
}

export type MethodName = keyof WorkbenchMethods;
export type RequestOf<M extends MethodName> = Parameters<WorkbenchMethods[M]>[0];
export type ResponseOf<M extends MethodName> = ReturnType<WorkbenchMethods[M]>;

export const methodNames: readonly MethodName[] = [
  'hello',
  'settings',
  'saveSettings',
  'checkpoints',
  'dropCheckpoints',
  'presets',
  'presetReport',
  'reportedCounts',
  'devices',
  'checkStudy',
  'previewDataset',
  'modelSize',
  'estimate',
  'startStudy',
  'control',
  'extend',
  'studies',
  'runs',
  'readBatches',
  'deleteStudy',
  'findings',
  'saveFindings',
  'reportStudy',
  'exportStudy',
  'previewImport',
  'importBundle',
];

/** What happens by itself. `run` and `study` carry the whole (small) record; `batch` carries new rows. */
export type HostEvent =
  | { type: 'study'; study: StudyRecord }
  | { type: 'study-deleted'; studyId: string }
  | { type: 'findings'; findings: Findings }
  | { type: 'run'; run: RunRecord }
  | { type: 'batch'; batch: MetricBatch }
  | { type: 'settings'; settings: HostSettings }
  /** The runs that wait, in the order in which they go. */
  | { type: 'queue'; runIds: string[] }
  | {
      type: 'notice';
      level: 'info' | 'warning' | 'error';
      message: string;
      /** What a window sees by itself in its runs and keeps up to date. */
      about?: 'interrupted';
    };

/** The same contract for every shell: Electron's preload bridge, the WebSocket client, the command line. */
export interface WorkbenchApi {
  call<M extends MethodName>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>>;
  /** Returns a function that unsubscribes. */
  subscribe(listener: (event: HostEvent) => void): () => void;
}

/** Frames of the request/response protocol, for transports that carry messages. */
export type ClientFrame = { id: number; method: MethodName; request: unknown };
export type HostFrame =
  | { kind: 'response'; id: number; ok: true; value: unknown }
  | { kind: 'response'; id: number; ok: false; error: ErrorReport }
  | { kind: 'event'; event: HostEvent };

export type { BackendRecord };
