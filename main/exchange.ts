/** Studies leave and enter the data folder as bundles. */
import type { ExportRequest, ExportResponse, ImportResponse } from '../shared/api.ts';
import { BundleError, LatebloomError } from '../shared/errors.ts';
import { endedStatuses, type EnvironmentRecord, type RunRecord, type StudyRecord } from '../shared/run.ts';
import { contentIdOf } from './content-id.ts';
import { environmentDifferences } from './environment.ts';
import { importedBatches, type RunWithCurve, type Store } from './journal/store.ts';

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
  const study = store.study(request.studyId);
  const records = study.runIds.map((id) => store.run(id));
  const open = records.filter((run) => !endedStatuses.includes(run.status));
  if (open.length > 0) {
    throw new ConflictError(
      `The study cannot be exported yet: ${open.length} of its ${records.length} runs ${open.length === 1 ? 'has' : 'have'} not ended (${namesOf(open)}).`,
      'Wait for them, or stop them: stopped runs are exported with the curve they have.',
    );
  }
  const runs: RunWithCurve[] = [];
  for (const run of records) {
    const curve = await store.readCurve(run.id);
    if (run.contentId !== contentIdOf(run, curve)) {
      throw new LatebloomError(
        'damaged-journal',
        `The curve of ${run.id} is not what the run computed: it does not match its content id.`,
        'Restore its journal from a backup, or run the study again.',
      );
    }
    runs.push({ run, curve });
  }
  const { exportBundle } = await import('./bundle/index.ts');
  const { licence, author } = request;
  return exportBundle({ study, runs, licence, author, environment });
}

export interface Imported {
  response: ImportResponse;
  study: StudyRecord;
  runs: RunRecord[];
}

/**
 * Adds what is new. Importing again changes nothing.
 * @throws BundleError when the bundle is damaged; nothing is imported
 * @throws ConflictError when something here has the same id and another content; nothing is imported
 */
export async function importBundle(
  store: Store,
  bytes: Uint8Array,
  environment: EnvironmentRecord,
): Promise<Imported> {
  const { readBundle } = await import('./bundle/index.ts');
  const bundle = await readBundle(bytes);
  const present = store.findStudy(bundle.study.id);
  if (present !== undefined && present.studyHash !== bundle.study.studyHash) {
    throw new ConflictError(
      `A study "${present.id}" with other settings is here already.`,
      'Nothing was imported. Delete the one that is here first, if you do not need it.',
    );
  }
  const added: RunWithCurve[] = [];
  const alreadyHere: string[] = [];
  for (const { run, curve } of bundle.runs) {
    checkContent(run, contentIdOf(run, curve));
    const local = store.findRun(run.id);
    if (local === undefined) {
      added.push({ run: { ...run, ...importedFields(curve) }, curve });
    } else if (local.contentId === run.contentId) {
      alreadyHere.push(run.id);
    } else {
      throw new ConflictError(
        `The run "${run.id}" is here already with another content.`,
        'Nothing was imported. Delete the study that is here first, if you do not need it.',
      );
    }
  }
  const importedAt = new Date().toISOString();
  const study: StudyRecord = {
    ...bundle.study,
    runIds: bundle.runs.map(({ run }) => run.id),
    imported: { manifestHash: bundle.manifestHash, importedAt },
  };
  if (present === undefined || added.length > 0) await store.addImported(study, added);
  const response: ImportResponse = {
    studyId: study.id,
    manifestHash: bundle.manifestHash,
    added: added.map(({ run }) => run.id),
    alreadyHere,
    environmentDifferences: environmentDifferences(bundle.environment, environment),
  };
  return { response, study: store.study(study.id), runs: added.map(({ run }) => store.run(run.id)) };
}

function checkContent(run: RunRecord, contentId: string): void {
  if (!endedStatuses.includes(run.status))
    throw new BundleError(run.id, `the run has not ended, it is ${run.status}`);
  if (run.contentId !== contentId) throw new BundleError(run.id, 'the curve does not match its content id');
}

/** A run's place in this folder's journal, and none of the other machine's checkpoints. */
function importedFields(curve: RunWithCurve['curve']): Partial<RunRecord> {
  return { batches: importedBatches(curve).length, checkpointEffort: null, effortsPerSecond: null };
}

function namesOf(runs: readonly RunRecord[]): string {
  const shown = runs.slice(0, 3).map((run) => run.id);
  return runs.length > 3 ? `${shown.join(', ')}, …` : shown.join(', ');
}
