/** Reads the JSON and CSV files of a bag whose checksums are right, and collects what is wrong with them. */
import type { z } from 'zod';
import { LatebloomError } from '../../shared/errors.ts';
import type { EnvironmentRecord, RunCurve } from '../../shared/run.ts';
import { issueFaults, parseStudy, type Study } from '../../shared/study.ts';
import { CsvError, csvColumns, csvToCurve } from './csv.ts';
import {
  BUNDLE_SCHEMA_VERSION,
  ENVIRONMENT_FILE,
  metricsFile,
  RECORD_FILE,
  runFile,
  RUNS_FOLDER,
  snapshotsFile,
  STUDY_FILE,
  type BundleFault,
} from './layout.ts';
import { npzToSnapshots, NpzError } from './npz.ts';
import { bundleRunSchema, environmentSchema, studyRecordSchema, type BundleRunRecord } from './schemas.ts';

export interface Documents {
  study: Study;
  record: z.infer<typeof studyRecordSchema>;
  environment: EnvironmentRecord;
  runs: { record: BundleRunRecord; curve: RunCurve }[];
}

export class BagReader {
  readonly #files: ReadonlyMap<string, Uint8Array>;
  readonly faults: BundleFault[] = [];

  constructor(files: ReadonlyMap<string, Uint8Array>) {
    this.#files = files;
  }

  async documents(): Promise<Documents | null> {
    const study = this.#study();
    const record = this.parse(RECORD_FILE, studyRecordSchema);
    const environment = this.parse(ENVIRONMENT_FILE, environmentSchema);
    const runs: Documents['runs'] = [];
    for (const runId of record?.runIds ?? []) {
      const run = await this.#run(runId);
      if (run !== null) runs.push(run);
    }
    this.#strayRuns(record?.runIds ?? []);
    if (study === null || record === null || environment === null) return null;
    return { study, record, environment, runs };
  }

  json(file: string): unknown {
    const text = this.#text(file);
    if (text === null) return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#fault(file, 'is not JSON');
      return undefined;
    }
  }

  parse<T>(file: string, schema: z.ZodType<T>): T | null {
    const json = this.json(file);
    if (json === undefined || !this.#versionIsOurs(file, json)) return null;
    const result = schema.safeParse(json);
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      for (const fault of issueFaults(issue, json)) {
        this.#fault(file, `${fault.path} is ${fault.value}, expected ${fault.expected}`);
      }
    }
    return null;
  }

  #study(): Study | null {
    const json = this.json(STUDY_FILE);
    if (json === undefined || !this.#versionIsOurs(STUDY_FILE, json)) return null;
    try {
      return parseStudy(json);
    } catch (error) {
      if (!(error instanceof LatebloomError)) throw error;
      this.#fault(STUDY_FILE, error.message.replaceAll(/\s*\n\s*/g, ' '));
      return null;
    }
  }

  async #run(runId: string): Promise<Documents['runs'][number] | null> {
    const record = this.parse(runFile(runId), bundleRunSchema);
    const file = metricsFile(runId);
    const text = this.#text(file);
    if (record === null || text === null) return null;
    try {
      const curve = csvToCurve(runId, text, csvColumns(record.columns));
      const snapshots = await this.#snapshots(runId, curve);
      return { record, curve: { ...curve, ...snapshots } };
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      this.#fault(file, error.message);
      return null;
    }
  }

  async #snapshots(runId: string, curve: RunCurve): Promise<Pick<RunCurve, 'snapshots'>> {
    const file = snapshotsFile(runId);
    const content = this.#files.get(file);
    if (content === undefined) return {};
    try {
      const snapshots = await npzToSnapshots(content);
      const efforts = new Set(curve.columns['effort']);
      const stray = snapshots.find(({ effort }) => !efforts.has(effort));
      if (stray !== undefined)
        this.#fault(file, `has a snapshot at effort ${stray.effort}, where the curve has no row`);
      return { snapshots };
    } catch (error) {
      if (!(error instanceof NpzError)) throw error;
      this.#fault(file, error.message);
      return {};
    }
  }

  /** Folders of runs that the study does not list. */
  #strayRuns(runIds: readonly string[]): void {
    const expected = new Set(
      runIds.flatMap((runId) => [runFile(runId), metricsFile(runId), snapshotsFile(runId)]),
    );
    for (const file of this.#files.keys()) {
      if (file.startsWith(RUNS_FOLDER) && !expected.has(file))
        this.#fault(file, `belongs to no run of ${RECORD_FILE}`);
    }
  }

  #versionIsOurs(file: string, json: unknown): boolean {
    // environment.json has no version of its own: it follows record.json.
    if (file === ENVIRONMENT_FILE) return true;
    const version =
      typeof json === 'object' && json !== null && 'schemaVersion' in json ? json.schemaVersion : undefined;
    if (version === BUNDLE_SCHEMA_VERSION) return true;
    const newer =
      typeof version === 'number' && version > BUNDLE_SCHEMA_VERSION ? '; it needs a newer Latebloom' : '';
    this.#fault(
      file,
      `unsupported schemaVersion ${JSON.stringify(version) ?? '(none)'}, this reads ${BUNDLE_SCHEMA_VERSION}${newer}`,
    );
    return false;
  }

  #text(file: string): string | null {
    const content = this.#files.get(file);
    if (content === undefined) {
      this.#fault(file, 'missing');
      return null;
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(content);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#fault(file, 'is not UTF-8 text');
      return null;
    }
  }

  #fault(file: string, fault: string): void {
    this.faults.push({ file, fault });
  }
}
