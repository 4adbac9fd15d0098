/** Verification and import: nothing in a bundle is believed before it is checked, and nothing in it is ever run. */
import { canonicalJson } from '../../shared/canonical.ts';
import { BundleError } from '../../shared/errors.ts';
import type { EnvironmentRecord, RunCurve, RunRecord, StudyRecord } from '../../shared/run.ts';
import { buildAnalysis } from './analysis.ts';
import { BagReader, type Documents } from './bag-reader.ts';
import { checksumFaults, manifestHashOf, structureFaults } from './bag.ts';
import { crateFaults } from './check-crate.ts';
import { runFaults } from './check-runs.ts';
import {
  ANALYSIS_FILE,
  defaultLimits,
  MANIFEST_FILE,
  METADATA_FILE,
  type BundleFault,
  type BundleLimits,
} from './layout.ts';
import { analysisSchema } from './schemas.ts';
import { readZip, type Archive } from './zip.ts';

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
}

/** Detail of a check that was not reached. */
export const NOT_RUN = 'not run, because an earlier check failed';

const checkNames = ['archive', 'structure', 'checksums', 'schemas', 'metadata', 'runs', 'analysis'] as const;
type CheckName = (typeof checkNames)[number];

/** Checks everything that can be checked without running anything. A damaged bundle is a report, not an exception. */
export async function verifyBundle(
  bytes: Uint8Array,
  limits: BundleLimits = defaultLimits,
): Promise<VerifyReport> {
  return (await inspect(bytes, limits)).report;
}

/**
 * The study in a bundle, verified first. `batches` of every run is 0 and `imported` is null: what happens to the
 * content in this data folder is the importer's to say. A status is as it was when exported.
 * @throws BundleError naming the first damaged file and its fault
 */
export async function readBundle(
  bytes: Uint8Array,
  limits: BundleLimits = defaultLimits,
): Promise<BundleContent> {
  const { report, content } = await inspect(bytes, limits);
  const [first] = report.faults;
  if (first !== undefined || content === null) {
    const more = report.faults.length > 1 ? `and ${report.faults.length - 1} more` : '';
    throw new BundleError(first?.file ?? 'the archive', first?.fault ?? 'is damaged', more);
  }
  return content;
}

/** Each check needs the ones before it: after a failed one the rest is not run. */
async function inspect(
  bytes: Uint8Array,
  limits: BundleLimits,
): Promise<{ report: VerifyReport; content: BundleContent | null }> {
  const checks: VerifyCheck[] = [];
  let faults: BundleFault[] = [];
  const check = (name: CheckName, detail: string, found: BundleFault[]): boolean => {
    faults = [...faults, ...found];
    const failed = found.length === 1 ? '1 fault' : `${found.length} faults`;
    checks.push({ name, ok: found.length === 0, detail: found.length === 0 ? detail : failed });
    return found.length === 0;
  };
  const finish = (content: BundleContent | null): { report: VerifyReport; content: BundleContent | null } => {
    for (const name of checkNames.slice(checks.length)) {
      checks.push({ name, ok: false, detail: NOT_RUN });
    }
    return {
      report: { ok: faults.length === 0, checks, faults },
      content: faults.length === 0 ? content : null,
    };
  };

  const archive = await openArchive(bytes, limits);
  if ('fault' in archive) {
    check('archive', '', [archive]);
    return finish(null);
  }
  const { files } = archive;
  check('archive', `${files.size} files in ${archive.top}/`, []);
  if (!check('structure', 'BagIt 1.0', structureFaults(files))) return finish(null);
  if (!check('checksums', `SHA-512 of all ${files.size - 1} files`, checksumFaults(files)))
    return finish(null);

  const reader = new BagReader(files);
  const documents = await reader.documents();
  if (!check('schemas', 'study, record, environment, runs, metrics', reader.faults) || documents === null) {
    return finish(null);
  }
  const metadata = crateFaults(reader.json(METADATA_FILE), payloadOf(files), documents.record.runIds);
  const crate = [...reader.faults, ...metadata.map((fault) => ({ file: METADATA_FILE, fault }))];
  const crateOk = check('metadata', 'RO-Crate 1.1, Process Run Crate 0.5', crate);
  const runsOk = check(
    'runs',
    `${documents.runs.length} runs belong to the study, content ids match`,
    runFaults(documents),
  );
  if (!crateOk || !runsOk) return finish(null);
  check('analysis', 'follows from the curves', analysisFaults(reader, documents));
  return finish(contentOf(documents, manifestHashOf(files.get(MANIFEST_FILE) as Uint8Array)));
}

async function openArchive(bytes: Uint8Array, limits: BundleLimits): Promise<Archive | BundleFault> {
  try {
    return await readZip(bytes, limits);
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    // The message says the detail, too; the report keeps the file apart.
    return { file: error.file, fault: error.message.slice(error.file.length + 2).replace(/\.$/, '') };
  }
}

function payloadOf(files: ReadonlyMap<string, Uint8Array>): string[] {
  return [...files.keys()].filter((name) => name.startsWith('data/'));
}

/** Numbers, ids and verdicts: sentences may be worded otherwise by the version that wrote the bundle. */
function withoutProse(value: unknown): unknown {
  if (typeof value === 'string') return /\s/.test(value) ? '' : value;
  if (Array.isArray(value)) return value.map(withoutProse);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withoutProse(entry)]));
}

function analysisFaults(reader: BagReader, { study, runs }: Documents): BundleFault[] {
  const before = reader.faults.length;
  const stated = reader.parse(ANALYSIS_FILE, analysisSchema);
  if (stated === null) return reader.faults.slice(before);
  const computed = buildAnalysis(
    study,
    runs.map((run) => withCurve(run)),
  );
  return canonicalJson(withoutProse(stated)) === canonicalJson(withoutProse(computed))
    ? []
    : [{ file: ANALYSIS_FILE, fault: 'does not follow from the curves in this bundle' }];
}

function withCurve({ record, curve }: Documents['runs'][number]): { run: RunRecord; curve: RunCurve } {
  const last = curve.length - 1;
  const latest =
    last < 0
      ? []
      : Object.entries(curve.columns).map(([name, values]) => [name, values[last] as number] as const);
  const run: RunRecord = {
    ...record,
    effort: curve.columns['effort']?.at(-1) ?? -1,
    batches: 0,
    checkpointEffort: null,
    effortsPerSecond: null,
    latest: Object.fromEntries(latest),
  };
  return { run, curve };
}

function contentOf({ study, record, environment, runs }: Documents, manifestHash: string): BundleContent {
  return {
    study: { ...record, study, imported: null },
    runs: runs.map(withCurve),
    environment,
    manifestHash,
  };
}
