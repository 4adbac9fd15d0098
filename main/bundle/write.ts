/** Export: a study and its runs as one file. */
import type { ExportResponse } from '../../shared/api.ts';
import type { RunWithCurve } from '../../shared/delay-table.ts';
import { LatebloomError } from '../../shared/errors.ts';
import type { EnvironmentRecord, RunRecord, StudyRecord } from '../../shared/run.ts';
import { buildAnalysis } from './analysis.ts';
import { makeBag } from './bag.ts';
import { buildCrate } from './crate.ts';
import { csvColumns, curveToCsv } from './csv.ts';
import { licenceText, previewPage, readmeText, type DocumentInput } from './documents.ts';
import {
  ANALYSIS_FILE,
  BUNDLE_SCHEMA_VERSION,
  ENVIRONMENT_FILE,
  jsonBytes,
  LICENCE_FILE,
  METADATA_FILE,
  metricsFile,
  PREVIEW_FILE,
  README_FILE,
  RECORD_FILE,
  runFile,
  SCHEMA_FOLDER,
  snapshotsFile,
  STUDY_FILE,
  textBytes,
} from './layout.ts';
import { parseAuthor, parseLicence } from './licence.ts';
import { jsonSchemas, type BundleRunRecord } from './schemas.ts';
import { snapshotsToNpz } from './npz.ts';
import { verifyBundle } from './verify.ts';
import { writeZip } from './zip.ts';

export type BundleRun = RunWithCurve;

export interface BundleInput {
  study: StudyRecord;
  /** Every run of the study, with its whole curve; ended or not. */
  runs: BundleRun[];
  /** SPDX id or address, chosen by the user. */
  licence: string;
  author: string;
  /** The machine that writes the bundle. */
  environment: EnvironmentRecord;
}

/**
 * The same input gives the same bytes, in any time zone. No clock is read: dates are those of the content.
 * @throws InputError naming `licence` or `author` when it is missing or not valid
 * @throws LatebloomError when the records contradict each other, so that the bundle would not verify
 */
export async function exportBundle(input: BundleInput): Promise<ExportResponse> {
  const licence = parseLicence(input.licence);
  const author = parseAuthor(input.author);
  const { study } = input.study;
  const runs = orderedRuns(input);
  const published = lastChange(input.study, runs);
  const documents: DocumentInput = {
    study,
    runs,
    licence,
    author,
    environment: input.environment,
    published,
  };
  const records = runs.map(({ run }) => bundleRecord(run));

  const payload = new Map<string, Uint8Array>([
    [STUDY_FILE, jsonBytes(study)],
    [RECORD_FILE, jsonBytes(studyRecord(input.study))],
    [ENVIRONMENT_FILE, jsonBytes(input.environment)],
    [ANALYSIS_FILE, jsonBytes(buildAnalysis(study, runs))],
    [README_FILE, textBytes(readmeText(documents))],
    [LICENCE_FILE, textBytes(licenceText(documents))],
    [PREVIEW_FILE, textBytes(previewPage(documents))],
  ]);
  for (const [name, schema] of Object.entries(jsonSchemas()))
    payload.set(`${SCHEMA_FOLDER}${name}`, jsonBytes(schema));
  for (const [i, record] of records.entries()) {
    const { curve } = runs[i] as BundleRun;
    payload.set(runFile(record.id), jsonBytes(record));
    payload.set(metricsFile(record.id), textBytes(curveToCsv(curve, csvColumns(record.columns))));
    // Measures without pictures leave snapshots without arrays, which would be an archive without files.
    if (curve.snapshots?.some(({ arrays }) => Object.keys(arrays).length > 0) === true)
      payload.set(snapshotsFile(record.id), await snapshotsToNpz(curve.snapshots));
  }
  const sizes = new Map([...payload].map(([path, content]) => [path, content.length]));
  const crate = buildCrate({ ...documents, runs: records, sizes });
  payload.set(METADATA_FILE, jsonBytes(crate));

  const { files, manifestHash } = makeBag(payload, {
    baggingDate: published.slice(0, 10),
    software: `Latebloom ${input.environment.appVersion}`,
  });
  const name = `${study.id}-${manifestHash.slice(0, 8)}`;
  const bytes = await writeZip(new Map([...files].map(([path, content]) => [`${name}/${path}`, content])));
  await refuseDamaged(bytes);
  return { fileName: `${name}.study.zip`, bytes, manifestHash };
}

/** A bundle that would not verify never leaves the house: its fault is in our records, and is said here. */
async function refuseDamaged(bytes: Uint8Array): Promise<void> {
  const { faults } = await verifyBundle(bytes);
  if (faults.length === 0) return;
  const lines = faults.slice(0, 10).map(({ file, fault }) => `  ${file}: ${fault}`);
  throw new LatebloomError(
    'internal',
    `The study was not exported, because its records contradict each other:\n${lines.join('\n')}`,
    'Please report this as a fault of Latebloom, with these lines.',
  );
}

function orderedRuns({ study, runs }: BundleInput): BundleRun[] {
  const byId = new Map(runs.map((one) => [one.run.id, one]));
  return study.runIds.map((id) => {
    const found = byId.get(id);
    if (found === undefined) throw new Error(`Run ${id} of study ${study.id} was not given to the export.`);
    return found;
  });
}

/** The newest time in the records, ISO 8601 UTC. */
function lastChange(study: StudyRecord, runs: readonly BundleRun[]): string {
  const times = runs.flatMap(({ run }) => [run.createdAt, run.startedAt, run.endedAt]);
  return times.reduce<string>(
    (newest, time) => (time !== null && time > newest ? time : newest),
    study.createdAt,
  );
}

function studyRecord({
  id,
  studyHash,
  createdAt,
  runIds,
}: StudyRecord): Omit<StudyRecord, 'study' | 'imported'> {
  return { schemaVersion: BUNDLE_SCHEMA_VERSION, id, studyHash, createdAt, runIds };
}

/** What only a run's own machine can use, and what its curve says exactly. */
const localFields = ['effort', 'batches', 'checkpointEffort', 'effortsPerSecond', 'latest'];

function bundleRecord(run: RunRecord): BundleRunRecord {
  const entries = Object.entries(run).filter(([name]) => !localFields.includes(name));
  return Object.fromEntries(entries) as unknown as BundleRunRecord;
}
