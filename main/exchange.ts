/** Studies leave and enter the data folder as bundles. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type {
  ExportRequest,
  ExportResponse,
  ImportedRun,
  ImportPreview,
  ImportResponse,
  ReportResponse,
} from '../shared/api.ts';
import { BundleError, LatebloomError } from '../shared/errors.ts';
import { isEmpty, type Findings } from '../shared/findings/findings.ts';
import {
  endedStatuses,
  type EnvironmentRecord,
  type RunCurve,
  type RunRecord,
  type StudyRecord,
} from '../shared/run.ts';
import { runWords } from '../shared/sweep.ts';
import type { BundleSource, OpenBundle } from './bundle/index.ts';
import { contentIdOf } from './content-id.ts';
import { environmentDifferences } from './environment.ts';
import { systemCode } from './journal/files.ts';
import { importedBatchCount, type Store } from './journal/store.ts';

/** What is here already differs from what should come in. */
export class ConflictError extends LatebloomError {
  constructor(message: string, nextStep: string) {
    super('conflict', message, nextStep);
  }
}

/**
 * @throws ConflictError while runs of the study are under way
 * @throws LatebloomError 'damaged-journal' when a curve is no longer what its run computed
 */
export async function exportStudy(
  store: Store,
  request: ExportRequest,
  environment: EnvironmentRecord,
): Promise<ExportResponse> {
  const { exportBytes, prepareBundle } = await import('./bundle/index.ts');
  return exportBytes(await prepareBundle(bundleSource(store, request, environment)));
}

export interface WrittenBundle {
  file: string;
  bytes: number;
  manifestHash: string;
}

/**
 * The same into a file, which appears whole or not at all; the memory that it takes does not grow with the study.
 * @param place where the file of this name is to be
 */
export async function exportStudyTo(
  store: Store,
  request: ExportRequest,
  environment: EnvironmentRecord,
  place: (fileName: string) => string,
): Promise<WrittenBundle> {
  const { prepareBundle, refuseDamaged, verifyBundle } = await import('./bundle/index.ts');
  const prepared = await prepareBundle(bundleSource(store, request, environment));
  const file = place(prepared.fileName);
  const temporary = `${file}.${process.pid}.part`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await prepared.writeTo(createWriteStream(temporary, { flags: 'wx', flush: true }));
    refuseDamaged(await verifyBundle(temporary));
    const { size } = await stat(temporary);
    await rename(temporary, file);
    return { file, bytes: size, manifestHash: prepared.manifestHash };
  } catch (error) {
    await rm(temporary, { force: true });
    const code = systemCode(error);
    if (error instanceof LatebloomError || code === null) throw error;
    throw new LatebloomError(
      code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'not-allowed',
      `${file} cannot be written: ${(error as Error).message}.`,
      'Free some space, or choose another place with -o.',
      { cause: error },
    );
  }
}

function bundleSource(store: Store, request: ExportRequest, environment: EnvironmentRecord): BundleSource {
  const study = store.study(request.studyId);
  const records = study.runIds.map((id) => store.run(id));
  const open = records.filter((run) => !endedStatuses.includes(run.status));
  if (open.length > 0) {
    throw new ConflictError(
      `The study cannot be exported yet: ${open.length} of its ${records.length} runs ${open.length === 1 ? 'has' : 'have'} not ended (${namesOf(open)}).`,
      'Wait for them, or stop them: stopped runs are exported with the curve they have.',
    );
  }
  const { licence, author } = request;
  const { notes, views } = store.findings(study.id);
  const runs = records.map((run) => ({ run, read: () => readWhole(store, run) }));
  return { study, runs, licence, author, environment, findings: { notes, views } };
}

/** @throws LatebloomError 'damaged-journal' */
async function readWhole(store: Store, run: RunRecord): Promise<RunCurve> {
  const curve = await store.readCurve(run.id);
  if (run.contentId === contentIdOf(run, curve)) return curve;
  throw new LatebloomError(
    'damaged-journal',
    `The curve of ${run.id} is not what the run computed: it does not match its content id.`,
    'Restore its journal from a backup, or run the study again.',
  );
}

/** A study as a page for people, also while its runs go on. @throws InputError naming `licence` or `author` */
export async function reportStudy(
  store: Store,
  request: ExportRequest,
  environment: EnvironmentRecord,
): Promise<ReportResponse> {
  const study = store.study(request.studyId);
  const runs = study.runIds.map((id) => {
    const run = store.run(id);
    return { run, read: () => store.readCurve(run.id) };
  });
  const { writeReport } = await import('./report/write.ts');
  return writeReport({ study, runs, findings: store.findings(study.id), ...request, environment });
}

export interface Imported {
  response: ImportResponse;
  study: StudyRecord;
  runs: RunRecord[];
  /** Null where they stay as they are. */
  findings: Findings | null;
}

/**
 * Adds what is new. Importing again changes nothing.
 * @param source the bytes of a bundle, or the path of one: then one curve of it is held at a time
 * @throws BundleError when the bundle is damaged; nothing is imported
 * @throws ConflictError when something here has the same id and another content; nothing is imported
 */
export async function importBundle(
  store: Store,
  source: Uint8Array | string,
  environment: EnvironmentRecord,
): Promise<Imported> {
  const { openBundle } = await import('./bundle/index.ts');
  const bundle = await openBundle(source);
  try {
    const preview = previewOf(store, bundle, environment);
    if (preview.refusal !== null) {
      throw new ConflictError(
        preview.refusal,
        'Nothing was imported. Delete the study that is here first, if you do not need it.',
      );
    }
    const fresh = new Set(preview.runs.flatMap(({ id, state }) => (state === 'new' ? [id] : [])));
    const added = bundle.runs
      .filter(({ run }) => fresh.has(run.id))
      .map((one) => ({ run: { ...one.run, ...importedFields(one.rows) }, read: one.read }));
    const importedAt = new Date().toISOString();
    const study: StudyRecord = {
      ...bundle.study,
      runIds: bundle.runs.map(({ run }) => run.id),
      imported: { manifestHash: bundle.manifestHash, importedAt },
    };
    if (preview.study === 'new' || added.length > 0) await store.addImported(study, added);
    const findings = await importFindings(store, bundle, preview, importedAt);
    const response: ImportResponse = {
      studyId: study.id,
      manifestHash: bundle.manifestHash,
      added: added.map(({ run }) => run.id),
      alreadyHere: preview.runs.flatMap(({ id, state }) => (state === 'same' ? [id] : [])),
      environmentDifferences: preview.environmentDifferences,
      views: bundle.findings.views,
    };
    return {
      response,
      study: store.study(study.id),
      runs: added.map(({ run }) => store.run(run.id)),
      findings,
    };
  } finally {
    bundle.close();
  }
}

/** Notes of a bundle never take the place of notes that are here. */
async function importFindings(
  store: Store,
  { study, findings }: OpenBundle,
  preview: ImportPreview,
  savedAt: string,
): Promise<Findings | null> {
  if (preview.notes !== 'new') return null;
  const saved: Findings = { schemaVersion: 1, studyId: study.id, ...findings, revision: 1, savedAt };
  await store.saveFindings(saved);
  return saved;
}

/** What an import would do. Nothing is written. @throws BundleError when the bundle is damaged */
export async function previewImport(
  store: Store,
  source: Uint8Array | string,
  environment: EnvironmentRecord,
): Promise<ImportPreview> {
  const { openBundle } = await import('./bundle/index.ts');
  const bundle = await openBundle(source);
  try {
    return previewOf(store, bundle, environment);
  } finally {
    bundle.close();
  }
}

function previewOf(store: Store, bundle: OpenBundle, here: EnvironmentRecord): ImportPreview {
  const present = store.findStudy(bundle.study.id);
  const differs = present !== undefined && present.studyHash !== bundle.study.studyHash;
  const runs = bundle.runs.map(({ run, rows }): ImportedRun => {
    if (!endedStatuses.includes(run.status))
      throw new BundleError(run.id, `the run has not ended, it is ${run.status}`);
    const local = store.findRun(run.id);
    const same = local?.contentId === run.contentId;
    return {
      id: run.id,
      title: runWords(run.arm.title, run.point, run.seed),
      status: run.status,
      rows,
      state: local === undefined ? 'new' : same ? 'same' : 'different',
      environment: environmentDifferences(run.environment, here),
    };
  });
  const different = runs.filter(({ state }) => state === 'different');
  const fresh = runs.filter(({ state }) => state === 'new').length;
  const { study } = bundle.study;
  return {
    studyId: bundle.study.id,
    title: study.title,
    question: study.question,
    manifestHash: bundle.manifestHash,
    licence: bundle.licence,
    author: bundle.author,
    study: present === undefined ? 'new' : differs ? 'different' : fresh > 0 ? 'extended' : 'same',
    runs,
    notes: notesState(store, bundle),
    views: bundle.findings.views.map(({ name }) => name),
    environmentDifferences: environmentDifferences(bundle.environment, here),
    refusal: differs
      ? `A study "${bundle.study.id}" with other settings is here already.`
      : different.length > 0
        ? `${different.length === 1 ? `The run "${different[0]?.id ?? ''}" is` : `${different.length} runs are`} here already with another content.`
        : null,
  };
}

function notesState(store: Store, { study, findings }: OpenBundle): ImportPreview['notes'] {
  if (isEmpty(findings)) return 'none';
  if (store.findStudy(study.id) === undefined) return 'new';
  const here = store.findings(study.id);
  if (here.savedAt === null) return 'new';
  return here.notes === findings.notes ? 'same' : 'kept';
}

/** A run's place in this folder's journal, and none of the other machine's checkpoints. */
function importedFields(rows: number): Partial<RunRecord> {
  return { batches: importedBatchCount(rows), checkpointEffort: null, effortsPerSecond: null };
}

function namesOf(runs: readonly RunRecord[]): string {
  const shown = runs.slice(0, 3).map((run) => run.id);
  return runs.length > 3 ? `${shown.join(', ')}, …` : shown.join(', ');
}
