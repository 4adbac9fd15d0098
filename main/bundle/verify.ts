/** Verification and import: nothing in a bundle is believed before it is checked, and nothing in it is ever run. */
import { canonicalJson } from '../../shared/canonical.ts';
import { BundleError } from '../../shared/errors.ts';
import type { EnvironmentRecord, RunCurve, RunRecord, StudyRecord } from '../../shared/run.ts';
import type { Study } from '../../shared/study.ts';
import { StudyDigest, type RunSource } from '../study-digest.ts';
import { buildAnalysis } from './analysis.ts';
import { BagReader, type BundledFindings, type Documents, type ReadRun } from './bag-reader.ts';
import { checksumFaults, manifestHashOf, readTags, structureFaults } from './bag.ts';
import { crateCredits, crateFaults } from './check-crate.ts';
import { RunChecks } from './check-runs.ts';
import type { BagFiles } from './files.ts';
import {
  ANALYSIS_FILE,
  MANIFEST_FILE,
  METADATA_FILE,
  type BundleFault,
  type BundleLimits,
} from './layout.ts';
import { analysisSchema } from './schemas.ts';
import { openZip, type OpenArchive } from './zip.ts';

export interface VerifyCheck {
  name: string;
  ok: boolean;
  detail: string;
}

export interface VerifyReport {
  ok: boolean;
  checks: VerifyCheck[];
  faults: BundleFault[];
}

export interface BundleContent {
  study: StudyRecord;
  runs: { run: RunRecord; curve: RunCurve }[];
  environment: EnvironmentRecord;
  /** SHA-256 (hex) of `manifest-sha512.txt`: the study's identity. */
  manifestHash: string;
  findings: BundledFindings;
}

/** A verified bundle whose curves are read when they are asked for. */
export interface OpenBundle extends Omit<BundleContent, 'runs'> {
  runs: BundledRun[];
  /** Of the crate: the licence's address or id, and who is to be cited. */
  licence: string;
  author: string;
  close: () => void;
}

export interface BundledRun extends RunSource {
  rows: number;
}

/** Detail of a check that was not reached. */
export const NOT_RUN = 'not run, because an earlier check failed';

const checkNames = ['archive', 'structure', 'checksums', 'schemas', 'metadata', 'runs', 'analysis'] as const;
type CheckName = (typeof checkNames)[number];

/** Checks everything that can be checked without running anything. A damaged bundle is a report, not an exception. */
export async function verifyBundle(
  source: Uint8Array | string,
  limits?: BundleLimits,
): Promise<VerifyReport> {
  const { report, content } = await inspect(source, limits);
  content?.close();
  return report;
}

/**
 * The study in a bundle, verified first. `batches` of every run is 0 and `imported` is null: what happens to the
 * content in this data folder is the importer's to say. A status is as it was when exported.
 * @throws BundleError naming the first damaged file and its fault
 */
export async function readBundle(source: Uint8Array | string, limits?: BundleLimits): Promise<BundleContent> {
  const bundle = await openBundle(source, limits);
  try {
    const runs: BundleContent['runs'] = [];
    for (const { run, read } of bundle.runs) runs.push({ run, curve: await read() });
    const { study, environment, manifestHash, findings } = bundle;
    return { study, runs, environment, manifestHash, findings };
  } finally {
    bundle.close();
  }
}

/** As `readBundle`, without holding more than one curve. The caller closes it. @throws BundleError */
export async function openBundle(source: Uint8Array | string, limits?: BundleLimits): Promise<OpenBundle> {
  const { report, content } = await inspect(source, limits);
  const [first] = report.faults;
  if (first !== undefined || content === null) {
    const more = report.faults.length > 1 ? `and ${report.faults.length - 1} more` : '';
    throw new BundleError(first?.file ?? 'the archive', first?.fault ?? 'is damaged', more);
  }
  return content;
}

interface Inspected {
  report: VerifyReport;
  content: OpenBundle | null;
}

async function inspect(source: Uint8Array | string, limits: BundleLimits | undefined): Promise<Inspected> {
  const archive = await openArchive(source, limits);
  const log = new CheckLog();
  if ('fault' in archive) {
    log.check('archive', '', [archive]);
    return { report: log.report(), content: null };
  }
  let content: OpenBundle | null = null;
  try {
    content = await inspectFiles(archive, log);
    return { report: log.report(), content };
  } finally {
    if (content === null) archive.close();
  }
}

/** What was checked so far. */
class CheckLog {
  readonly #checks: VerifyCheck[] = [];
  readonly #faults: BundleFault[] = [];

  /** Whether nothing is wrong. */
  check(name: CheckName, detail: string, found: readonly BundleFault[]): boolean {
    this.#faults.push(...found);
    const failed = found.length === 1 ? '1 fault' : `${found.length} faults`;
    this.#checks.push({ name, ok: found.length === 0, detail: found.length === 0 ? detail : failed });
    return found.length === 0;
  }

  report(): VerifyReport {
    const missing = checkNames.slice(this.#checks.length);
    const checks = [...this.#checks, ...missing.map((name) => ({ name, ok: false, detail: NOT_RUN }))];
    return { ok: this.#faults.length === 0, checks, faults: this.#faults };
  }
}

/** Each check needs the ones before it: after a failed one the rest is not run. */
async function inspectFiles(archive: OpenArchive, log: CheckLog): Promise<OpenBundle | null> {
  const files = archive.index.size;
  log.check('archive', `${files} files in ${archive.top}/`, []);
  const tags = await readTags(archive);
  if (!log.check('structure', 'BagIt 1.0', structureFaults(archive, tags))) return null;
  if (!log.check('checksums', `SHA-512 of all ${files - 1} files`, checksumFaults(archive, tags)))
    return null;

  const reader = new BagReader(archive);
  const documents = await reader.documents();
  const runs = await inspectRuns(reader, archive, documents);
  if (
    !log.check('schemas', 'study, record, environment, runs, metrics, findings', reader.faults) ||
    documents === null
  ) {
    return null;
  }
  const crate = await reader.json(METADATA_FILE);
  const metadata = crateFaults(crate, payloadOf(archive), documents.record.runIds);
  const crateOk = log.check('metadata', 'RO-Crate 1.1, Process Run Crate 0.5', [
    ...reader.faults,
    ...metadata.map((fault) => ({ file: METADATA_FILE, fault })),
  ]);
  const runsOk = log.check(
    'runs',
    `${runs.read.length} runs belong to the study, content ids match`,
    runs.faults,
  );
  if (!crateOk || !runsOk) return null;
  const analysis = await analysisFaults(reader, documents.study, runs.digest);
  if (!log.check('analysis', 'follows from the curves', analysis)) return null;
  return {
    study: { ...documents.record, study: documents.study, imported: null },
    runs: runs.read,
    environment: documents.environment,
    manifestHash: manifestHashOf(tags.get(MANIFEST_FILE) as Uint8Array),
    findings: documents.findings,
    ...crateCredits(crate),
    close: archive.close,
  };
}

interface InspectedRuns {
  read: BundledRun[];
  digest: StudyDigest;
  faults: readonly BundleFault[];
}

/** Reads and checks one run after the other, and keeps no curve. */
async function inspectRuns(
  reader: BagReader,
  archive: OpenArchive,
  documents: Documents | null,
): Promise<InspectedRuns> {
  const read: BundledRun[] = [];
  if (documents === null) return { read, digest: new StudyDigest(noStudy), faults: [] };
  const checks = new RunChecks(documents.study, documents.record);
  const digest = new StudyDigest(documents.study);
  for (const runId of documents.record.runIds) {
    const found = await reader.run(runId);
    if (found === null) continue;
    checks.add(runId, found.record, found.curve);
    const run = runRecord(found);
    digest.add(run, found.curve);
    read.push({ run, rows: found.curve.length, read: () => readAgain(archive, runId) });
  }
  return { read, digest, faults: checks.faults };
}

const noStudy: Pick<Study, 'claims'> = { claims: [] };

/** The file behind an open bundle is not expected to change; when it does, that is said. @throws BundleError */
async function readAgain(archive: OpenArchive, runId: string): Promise<RunCurve> {
  const reader = new BagReader(archive);
  const found = await reader.run(runId);
  const [fault] = reader.faults;
  if (found === null || fault !== undefined)
    throw new BundleError(fault?.file ?? runId, fault?.fault ?? 'changed while it was read');
  return found.curve;
}

async function openArchive(
  source: Uint8Array | string,
  limits: BundleLimits | undefined,
): Promise<OpenArchive | BundleFault> {
  try {
    return await openZip(source, limits);
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    // The message says the detail, too; the report keeps the file apart.
    return { file: error.file, fault: error.message.slice(error.file.length + 2).replace(/\.$/, '') };
  }
}

function payloadOf({ index }: BagFiles): string[] {
  return [...index.keys()].filter((name) => name.startsWith('data/'));
}

/** Numbers, ids and verdicts: sentences may be worded otherwise by the version that wrote the bundle. */
function withoutProse(value: unknown): unknown {
  if (typeof value === 'string') return /\s/.test(value) ? '' : value;
  if (Array.isArray(value)) return value.map(withoutProse);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withoutProse(entry)]));
}

async function analysisFaults(reader: BagReader, study: Study, digest: StudyDigest): Promise<BundleFault[]> {
  const before = reader.faults.length;
  const stated = await reader.parse(ANALYSIS_FILE, analysisSchema);
  if (stated === null) return reader.faults.slice(before);
  const computed = buildAnalysis(study, digest.runs);
  return canonicalJson(withoutProse(stated)) === canonicalJson(withoutProse(computed))
    ? []
    : [{ file: ANALYSIS_FILE, fault: 'does not follow from the curves in this bundle' }];
}

function runRecord({ record, curve }: ReadRun): RunRecord {
  const last = curve.length - 1;
  const latest =
    last < 0
      ? []
      : Object.entries(curve.columns).map(([name, values]) => [name, values[last] as number] as const);
  return {
    ...record,
    effort: curve.columns['effort']?.at(-1) ?? -1,
    batches: 0,
    checkpointEffort: null,
    effortsPerSecond: null,
    latest: Object.fromEntries(latest),
  };
}
