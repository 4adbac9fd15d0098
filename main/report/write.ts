/** A report from runs whose curves are read one at a time. */
import type { ReportResponse } from '../../shared/api.ts';
import type { SavedView } from '../../shared/findings/findings.ts';
import type { EnvironmentRecord, StudyRecord } from '../../shared/run.ts';
import { parseAuthor, parseLicence } from '../bundle/licence.ts';
import { lastChange } from '../bundle/write.ts';
import { StudyDigest, type RunSource } from '../study-digest.ts';
import { buildReport, reportQuantities } from './report.ts';

export interface ReportSource {
  study: StudyRecord;
  runs: readonly RunSource[];
  findings: { notes: string; views: readonly SavedView[] };
  licence: string;
  author: string;
  environment: EnvironmentRecord;
}

/** @throws InputError naming `licence` or `author` when it is missing or not valid */
export async function writeReport(source: ReportSource): Promise<ReportResponse> {
  const { study, runs, findings, environment } = source;
  const licence = parseLicence(source.licence);
  const author = parseAuthor(source.author);
  const records = runs.map(({ run }) => run);
  const digest = new StudyDigest(study.study, reportQuantities(records, findings));
  for (const { run, read } of runs) digest.add(run, await read());
  const { html } = buildReport({
    study,
    digest,
    notes: findings.notes,
    views: findings.views,
    licence,
    author,
    environment,
    published: lastChange(study, records),
  });
  return { fileName: `${study.id}.report.html`, html };
}
