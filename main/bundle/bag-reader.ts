/** Reads the JSON and CSV files of a bag whose checksums are right, and collects what is wrong with them. */
import type { z } from 'zod';
import { LatebloomError } from '../../shared/errors.ts';
import { MAX_NOTES, type SavedView } from '../../shared/findings/findings.ts';
import type { EnvironmentRecord, RunCurve } from '../../shared/run.ts';
import { issueFaults, parseStudy, type Study } from '../../shared/study.ts';
import type { BagFiles } from './files.ts';
import { CsvError, csvColumns, csvToCurve } from './csv.ts';
import {
  BUNDLE_SCHEMA_VERSION,
  ENVIRONMENT_FILE,
  FIGURES_FOLDER,
  FINDINGS_FILE,
  metricsFile,
  RECORD_FILE,
  REPORT_FILE,
  runFile,
  RUNS_FOLDER,
  snapshotsFile,
  STUDY_FILE,
  VIEWS_FILE,
  type BundleFault,
} from './layout.ts';
import { npzToSnapshots, NpzError } from './npz.ts';
import {
  bundleRunSchema,
  environmentSchema,
  studyRecordSchema,
  viewsSchema,
  type BundleRunRecord,
  type StudyRecordFile,
} from './schemas.ts';

export interface Documents {
  study: Study;
  record: StudyRecordFile;
  environment: EnvironmentRecord;
  findings: BundledFindings;
}

/** What was written about the study; nothing in bundles of versions that had no findings. */
export interface BundledFindings {
  notes: string;
  views: SavedView[];
}

/** A run of a bundle, with its whole curve. */
export interface ReadRun {
  record: BundleRunRecord;
  curve: RunCurve;
}

export class BagReader {
  readonly #files: BagFiles;
  readonly faults: BundleFault[] = [];

  constructor(files: BagFiles) {
    this.#files = files;
  }

  /** Everything but the runs. */
  async documents(): Promise<Documents | null> {
    const study = await this.#study();
    const record = await this.parse(RECORD_FILE, studyRecordSchema);
    const environment = await this.parse(ENVIRONMENT_FILE, environmentSchema);
    const findings = await this.#findings();
    this.#strayRuns(record?.runIds ?? []);
    await this.#figures();
    if (study === null || record === null || environment === null) return null;
    return { study, record, environment, findings };
  }

  async #findings(): Promise<BundledFindings> {
    const notes = this.#has(FINDINGS_FILE) ? await this.#text(FINDINGS_FILE) : '';
    if (notes !== null && notes.length > MAX_NOTES)
      this.#fault(FINDINGS_FILE, `has ${notes.length} characters; notes have at most ${MAX_NOTES}`);
    const views = this.#has(VIEWS_FILE) ? await this.parse(VIEWS_FILE, viewsSchema) : null;
    return { notes: notes ?? '', views: views?.views ?? [] };
  }

  /** A figure comes with its points, and neither it nor the report holds anything that a reader would run or load. */
  async #figures(): Promise<void> {
    for (const file of this.#files.index.keys()) {
      if (file.startsWith(FIGURES_FOLDER)) {
        const [stem, ending] = [file.replace(/\.[^.]*$/, ''), /\.[^.]*$/.exec(file)?.[0] ?? ''];
        if (ending !== '.svg' && ending !== '.csv')
          this.#fault(file, 'is neither an SVG figure nor its points');
        else if (ending === '.svg' && !this.#has(`${stem}.csv`))
          this.#fault(file, 'comes without its points (CSV)');
      }
      if (file !== REPORT_FILE && !(file.startsWith(FIGURES_FOLDER) && file.endsWith('.svg'))) continue;
      const text = await this.#text(file);
      const active = text === null ? null : activeContent(text);
      if (active !== null) this.#fault(file, `holds ${active}, which a report or figure never does`);
    }
  }

  #has(file: string): boolean {
    return this.#files.index.has(file);
  }

  async json(file: string): Promise<unknown> {
    const text = await this.#text(file);
    if (text === null) return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#fault(file, 'is not JSON');
      return undefined;
    }
  }

  async parse<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
    const json = await this.json(file);
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

  async #study(): Promise<Study | null> {
    const json = await this.json(STUDY_FILE);
    if (json === undefined || !this.#versionIsOurs(STUDY_FILE, json)) return null;
    try {
      return parseStudy(json);
    } catch (error) {
      if (!(error instanceof LatebloomError)) throw error;
      this.#fault(STUDY_FILE, error.message.replaceAll(/\s*\n\s*/g, ' '));
      return null;
    }
  }

  /** One run; null, and faults, where it is not what it should be. */
  async run(runId: string): Promise<ReadRun | null> {
    const record = await this.parse(runFile(runId), bundleRunSchema);
    const file = metricsFile(runId);
    const text = await this.#text(file);
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
    if (!this.#has(file)) return {};
    try {
      const snapshots = await npzToSnapshots(await this.#files.read(file));
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
    for (const file of this.#files.index.keys()) {
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

  async #text(file: string): Promise<string | null> {
    if (!this.#has(file)) {
      this.#fault(file, 'missing');
      return null;
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(await this.#files.read(file));
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

/** What of a page or picture a browser would run or fetch; null for a still one. */
function activeContent(text: string): string | null {
  const found = [
    {
      pattern:
        /<\s*(script|iframe|object|embed|foreignObject|link|base|form|meta\s+http-equiv\s*=\s*["']?refresh)\b/i,
    },
    { pattern: /<[^>]*\s(on[a-z]+)\s*=/i },
    { pattern: /<[^>]*\s((?:src|srcset|xlink:href|action|data)\s*=\s*["']?(?:https?:|\/\/|javascript:))/i },
    { pattern: /<[^>]*\s(href\s*=\s*["']?(?:javascript|data):)/i },
    { pattern: /(@import|url\(\s*["']?(?:https?:|\/\/))/i },
  ]
    .map(({ pattern }) => pattern.exec(text)?.[1])
    .find((one) => one !== undefined);
  return found === undefined ? null : `"${found}"`;
}
