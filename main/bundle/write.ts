/** Export: a study and its runs as one file. */
import { Buffer } from 'node:buffer';
import { Writable } from 'node:stream';
import type { ExportResponse } from '../../shared/api.ts';
import type { RunWithCurve } from '../../shared/delay-table.ts';
import { LatebloomError } from '../../shared/errors.ts';
import type { EnvironmentRecord, RunCurve, RunRecord, StudyRecord } from '../../shared/run.ts';
import { MAX_BUNDLE_BYTES } from '../../shared/wire.ts';
import { buildReport, reportQuantities, type ReportFigure } from '../report/report.ts';
import { StudyDigest, type RunSource } from '../study-digest.ts';
import { buildAnalysis } from './analysis.ts';
import type { BundledFindings } from './bag-reader.ts';
import { makeTags } from './bag.ts';
import { buildCrate } from './crate.ts';
import { csvColumns, csvParts } from './csv.ts';
import { licenceText, previewPage, readmeText, type DocumentInput } from './documents.ts';
import { infoOf, type FileInfo } from './files.ts';
import {
  ANALYSIS_FILE,
  BUNDLE_SCHEMA_VERSION,
  ENVIRONMENT_FILE,
  FIGURES_FOLDER,
  FINDINGS_FILE,
  jsonBytes,
  LICENCE_FILE,
  METADATA_FILE,
  metricsFile,
  PREVIEW_FILE,
  README_FILE,
  RECORD_FILE,
  REPORT_FILE,
  runFile,
  SCHEMA_FOLDER,
  snapshotsFile,
  STUDY_FILE,
  textBytes,
  VIEWS_FILE,
} from './layout.ts';
import { parseAuthor, parseLicence } from './licence.ts';
import { jsonSchemas, type BundleRunRecord } from './schemas.ts';
import { snapshotsToNpz } from './npz.ts';
import { verifyBundle, type VerifyReport } from './verify.ts';
import { writeZipTo, type LazyFile } from './zip.ts';

export type BundleRun = RunWithCurve;

interface BundleParts {
  study: StudyRecord;
  /** SPDX id or address, chosen by the user. */
  licence: string;
  author: string;
  /** The machine that writes the bundle. */
  environment: EnvironmentRecord;
  /** What was written about the study; nothing where absent. */
  findings?: BundledFindings;
}

export interface BundleInput extends BundleParts {
  /** Every run of the study, with its whole curve; ended or not. */
  runs: BundleRun[];
}

/** The same, with curves that are read when they are needed, each several times. */
export interface BundleSource extends BundleParts {
  runs: RunSource[];
}

/** A bundle that can be written: everything but the curves is made. */
export interface PreparedBundle {
  fileName: string;
  manifestHash: string;
  writeTo: (sink: Writable) => Promise<void>;
}

/**
 * The same input gives the same bytes, in any time zone. No clock is read: dates are those of the content.
 * @throws InputError naming `licence` or `author` when it is missing or not valid
 * @throws LatebloomError when the records contradict each other, so that the bundle would not verify
 */
export async function exportBundle(input: BundleInput): Promise<ExportResponse> {
  const runs = input.runs.map(({ run, curve }) => ({ run, read: () => Promise.resolve(curve) }));
  return exportBytes(await prepareBundle({ ...input, runs }));
}

/** @throws LatebloomError where the bundle is too large to be handed to a window, or would not verify */
export async function exportBytes({
  fileName,
  manifestHash,
  writeTo,
}: PreparedBundle): Promise<ExportResponse> {
  const parts: Buffer[] = [];
  let size = 0;
  const sink = new Writable({
    write(part: Buffer, _encoding, done) {
      size += part.length;
      if (size > MAX_BUNDLE_BYTES) {
        done(
          new LatebloomError(
            'not-allowed',
            `The study takes more than ${Math.round(MAX_BUNDLE_BYTES / 1024 ** 2)} MB, which a window cannot be handed.`,
            'Export it from a terminal, which has no such limit: latebloom export <study> -o <file>.',
          ),
        );
        return;
      }
      parts.push(part);
      done();
    },
  });
  await writeTo(sink);
  const bytes = Uint8Array.from(Buffer.concat(parts));
  refuseDamaged(await verifyBundle(bytes));
  return { fileName, bytes, manifestHash };
}

/** Reads every curve once, for the checksums, the analysis and the figures. @throws InputError */
export async function prepareBundle(source: BundleSource): Promise<PreparedBundle> {
  const licence = parseLicence(source.licence);
  const author = parseAuthor(source.author);
  const findings = source.findings ?? { notes: '', views: [] };
  const { study } = source.study;
  const runs = orderedRuns(source);
  const records = runs.map(({ run }) => run);
  const published = lastChange(source.study, records);
  const digest = new StudyDigest(study, reportQuantities(records, findings));

  const curves = new CurveFiles();
  for (const { run, read } of runs) {
    const curve = await read();
    digest.add(run, curve);
    await curves.add(run, curve, read);
  }
  const credits = { licence, author, environment: source.environment, published };
  const documents: DocumentInput = { study, runs: digest.runs, ...credits };
  const report = buildReport({ study: source.study, digest, ...findings, ...credits });

  const payload = new Map<string, Uint8Array>([
    [STUDY_FILE, jsonBytes(study)],
    [RECORD_FILE, jsonBytes(studyRecord(source.study))],
    [ENVIRONMENT_FILE, jsonBytes(source.environment)],
    [ANALYSIS_FILE, jsonBytes(buildAnalysis(study, digest.runs))],
    [README_FILE, textBytes(readmeText(documents))],
    [LICENCE_FILE, textBytes(licenceText(documents))],
    [PREVIEW_FILE, textBytes(previewPage(documents))],
    [REPORT_FILE, textBytes(report.html)],
    ...records.map((run) => [runFile(run.id), jsonBytes(bundleRecord(run))] as const),
    ...findingsFiles(findings),
    ...figureFiles(report.figures),
  ]);
  for (const [name, schema] of Object.entries(jsonSchemas()))
    payload.set(`${SCHEMA_FOLDER}${name}`, jsonBytes(schema));
  const index = new Map([...curves.index, ...indexOf(payload)]);
  const sizes = new Map([...index].map(([path, { size }]) => [path, size]));
  const crate = buildCrate({ study, ...credits, runs: records.map(bundleRecord), sizes });
  payload.set(METADATA_FILE, jsonBytes(crate));
  index.set(METADATA_FILE, infoOf(payload.get(METADATA_FILE) as Uint8Array));

  const { tags, manifestHash } = makeTags(index, {
    baggingDate: published.slice(0, 10),
    software: `Latebloom ${source.environment.appVersion}`,
  });
  const name = `${study.id}-${manifestHash.slice(0, 8)}`;
  const files = [
    ...[...payload, ...tags].map(([path, content]) => ({ path, content: () => Promise.resolve(content) })),
    ...curves.files,
  ].map(({ path, content }) => ({ path: `${name}/${path}`, content }));
  return { fileName: `${name}.study.zip`, manifestHash, writeTo: (sink) => writeZipTo(sink, files) };
}

function indexOf(payload: ReadonlyMap<string, Uint8Array>): [string, FileInfo][] {
  return [...payload].map(([path, content]) => [path, infoOf(content)]);
}

function findingsFiles({ notes, views }: BundledFindings): [string, Uint8Array][] {
  return [
    ...(notes === '' ? [] : [[FINDINGS_FILE, textBytes(notes)] as [string, Uint8Array]]),
    ...(views.length === 0
      ? []
      : [[VIEWS_FILE, jsonBytes({ schemaVersion: BUNDLE_SCHEMA_VERSION, views })] as [string, Uint8Array]]),
  ];
}

function figureFiles(figures: readonly ReportFigure[]): [string, Uint8Array][] {
  return figures.flatMap(({ id, svg, csv }): [string, Uint8Array][] => [
    ...(svg === null ? [] : [[`${FIGURES_FOLDER}${id}.svg`, textBytes(svg)] as [string, Uint8Array]]),
    [`${FIGURES_FOLDER}${id}.csv`, textBytes(csv)],
  ]);
}

/** The files of runs' curves: their checksums first, their content when it is written. Of all curves the last one is held. */
class CurveFiles {
  readonly index = new Map<string, FileInfo>();
  readonly files: LazyFile[] = [];
  #held: { id: string; curve: RunCurve } | null = null;

  async add(run: RunRecord, curve: RunCurve, read: RunSource['read']): Promise<void> {
    this.#put(metricsFile(run.id), metricsBytes(run, curve), async () =>
      metricsBytes(run, await this.#curve(run, read)),
    );
    // Measures without pictures leave snapshots without arrays, which would be an archive without files.
    if (curve.snapshots?.some(({ arrays }) => Object.keys(arrays).length > 0) !== true) return;
    this.#put(snapshotsFile(run.id), await snapshotsToNpz(curve.snapshots), async () =>
      snapshotsToNpz((await this.#curve(run, read)).snapshots ?? []),
    );
  }

  #put(path: string, content: Uint8Array, again: () => Promise<Uint8Array>): void {
    const info = infoOf(content);
    this.index.set(path, info);
    this.files.push({
      path,
      content: async () => {
        const now = await again();
        if (infoOf(now).sha512 !== info.sha512)
          throw new LatebloomError(
            'conflict',
            `${path} changed while it was exported.`,
            'Export the study again.',
          );
        return now;
      },
    });
  }

  async #curve(run: RunRecord, read: RunSource['read']): Promise<RunCurve> {
    if (this.#held?.id !== run.id) {
      this.#held = null;
      this.#held = { id: run.id, curve: await read() };
    }
    return this.#held.curve;
  }
}

function metricsBytes(run: RunRecord, curve: RunCurve): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const part of csvParts(curve, csvColumns(run.columns))) parts.push(textBytes(part));
  return Buffer.concat(parts);
}

/** A bundle that would not verify never leaves the house: its fault is in our records, and is said here. */
export function refuseDamaged({ faults }: VerifyReport): void {
  if (faults.length === 0) return;
  const lines = faults.slice(0, 10).map(({ file, fault }) => `  ${file}: ${fault}`);
  throw new LatebloomError(
    'internal',
    `The study was not exported, because its records contradict each other:\n${lines.join('\n')}`,
    'Please report this as a fault of Latebloom, with these lines.',
  );
}

function orderedRuns({ study, runs }: BundleSource): RunSource[] {
  const byId = new Map(runs.map((one) => [one.run.id, one]));
  return study.runIds.map((id) => {
    const found = byId.get(id);
    if (found === undefined) throw new Error(`Run ${id} of study ${study.id} was not given to the export.`);
    return found;
  });
}

/** The newest time in the records, ISO 8601 UTC. */
export function lastChange(study: StudyRecord, runs: readonly RunRecord[]): string {
  const times = runs.flatMap((run) => [run.createdAt, run.startedAt, run.endedAt]);
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
const localFields = ['priority', 'effort', 'batches', 'checkpointEffort', 'effortsPerSecond', 'latest'];

function bundleRecord(run: RunRecord): BundleRunRecord {
  const entries = Object.entries(run).filter(([name]) => !localFields.includes(name));
  return Object.fromEntries(entries) as unknown as BundleRunRecord;
}
