/**
 * `ro-crate-metadata.json`: RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) with the profile Process Run Crate 0.5
 * (https://w3id.org/ro/wfrun/process/0.5): who ran what on what, and which file came of it. 1.1 and not 1.2, because
 * the profile and its validator build on 1.1. Checksums stay in the bag's manifest.
 */
import type { EnvironmentRecord } from '../../shared/run.ts';
import type { Study } from '../../shared/study.ts';
import { armWords } from '../../shared/sweep.ts';
import {
  ANALYSIS_FILE,
  byName,
  ENVIRONMENT_FILE,
  FIGURES_FOLDER,
  FINDINGS_FILE,
  LICENCE_FILE,
  METADATA_FILE,
  metricsFile,
  snapshotsFile,
  PREVIEW_FILE,
  README_FILE,
  RECORD_FILE,
  REPORT_FILE,
  runFile,
  SCHEMA_FOLDER,
  STUDY_FILE,
  VIEWS_FILE,
} from './layout.ts';
import type { Licence } from './licence.ts';
import type { BundleRunRecord } from './schemas.ts';

export const CRATE_CONTEXT = 'https://w3id.org/ro/crate/1.1/context';
export const CRATE_PROFILE = 'https://w3id.org/ro/crate/1.1';
export const PROCESS_PROFILE = 'https://w3id.org/ro/wfrun/process/0.5';
export const COMPLETED = 'http://schema.org/CompletedActionStatus';
export const FAILED = 'http://schema.org/FailedActionStatus';

export interface CrateEntity {
  '@id': string;
  '@type': string;
  [property: string]: unknown;
}

export interface CrateInput {
  study: Study;
  runs: readonly BundleRunRecord[];
  /** Payload path (`data/…`) → size in bytes. */
  sizes: ReadonlyMap<string, number>;
  licence: Licence;
  author: string;
  environment: EnvironmentRecord;
  /** ISO 8601. */
  published: string;
}

interface Reference {
  '@id': string;
}

const ref = (id: string): Reference => ({ '@id': id });
const authorRef = ref('#author');

/** A payload path as an id in the crate: relative to `data/`. */
export function crateId(path: string): string {
  return path.slice('data/'.length);
}

/** Id of the action that made a run. */
export function runActionId(runId: string): string {
  return `#run-${runId}`;
}

export function buildCrate(input: CrateInput): { '@context': string; '@graph': CrateEntity[] } {
  const { study, runs, licence, environment } = input;
  const application = applicationId(environment);
  const files = [...input.sizes]
    .filter(([path]) => path !== METADATA_FILE && path !== PREVIEW_FILE)
    .sort(([a], [b]) => byName(a, b));
  const actions = [
    ...runs.map((run) => runAction(run, application, input.sizes)),
    analysisAction(study, runs, application),
    reportAction(study, application, input.sizes),
  ];
  return {
    '@context': CRATE_CONTEXT,
    '@graph': [
      {
        '@id': 'ro-crate-metadata.json',
        '@type': 'CreativeWork',
        about: ref('./'),
        conformsTo: ref(CRATE_PROFILE),
      },
      {
        '@id': './',
        '@type': 'Dataset',
        name: study.title,
        description: study.question,
        datePublished: input.published,
        license: ref(licence.url),
        author: authorRef,
        conformsTo: [ref(PROCESS_PROFILE)],
        ...(study.paper === null ? {} : { citation: ref(paperId(study.paper.arxiv)) }),
        hasPart: files.map(([path]) => ref(crateId(path))),
        mentions: actions.map((action) => ref(action['@id'])),
      },
      { '@id': PROCESS_PROFILE, '@type': 'CreativeWork', name: 'Process Run Crate', version: '0.5' },
      {
        '@id': 'ro-crate-preview.html',
        '@type': 'CreativeWork',
        name: 'Summary for people',
        about: ref('./'),
      },
      { '@id': licence.url, '@type': 'CreativeWork', name: licence.name, identifier: licence.id },
      { '@id': '#author', '@type': 'Person', name: input.author },
      {
        '@id': application,
        '@type': 'SoftwareApplication',
        name: 'Latebloom',
        description: 'A desktop workbench for reproducible studies of delayed generalization.',
        softwareVersion: environment.appVersion,
      },
      ...(study.paper === null
        ? []
        : [
            {
              '@id': paperId(study.paper.arxiv),
              '@type': 'ScholarlyArticle',
              name: study.paper.citation,
              datePublished: String(study.paper.year),
            },
          ]),
      ...actions,
      ...files.map(([path, size]) => fileEntity(path, size)),
    ],
  };
}

/** A package URL: an absolute URI that claims no web address. */
function applicationId(environment: EnvironmentRecord): string {
  return `pkg:generic/latebloom@${encodeURIComponent(environment.appVersion)}`;
}

function paperId(arxiv: string): string {
  return `https://arxiv.org/abs/${arxiv}`;
}

function runAction(
  run: BundleRunRecord,
  application: string,
  sizes: ReadonlyMap<string, number>,
): CrateEntity {
  const results = [metricsFile(run.id), snapshotsFile(run.id)].filter((path) => sizes.has(path));
  return {
    '@id': runActionId(run.id),
    '@type': 'CreateAction',
    name: `Run of ${armWords(run.arm.title, run.point)}, seed ${run.seed}`,
    description: `Trains ${armWords(run.armId, run.point)} with seed ${run.seed}; status when exported: ${run.status}.`,
    instrument: ref(application),
    agent: authorRef,
    object: [ref(crateId(STUDY_FILE)), ref(crateId(runFile(run.id)))],
    result: results.map((path) => ref(crateId(path))),
    ...(run.startedAt === null ? {} : { startTime: isoTime(run.startedAt) }),
    ...(run.endedAt === null ? {} : { endTime: isoTime(run.endedAt) }),
    // The profile knows these two only; other runs say their status in the description and in run.json.
    ...(run.status === 'finished' ? { actionStatus: COMPLETED } : {}),
    ...(run.status === 'failed' ? { actionStatus: FAILED, error: run.error?.message ?? 'not recorded' } : {}),
  };
}

function analysisAction(study: Study, runs: readonly BundleRunRecord[], application: string): CrateEntity {
  return {
    '@id': '#analysis',
    '@type': 'CreateAction',
    name: 'Delay analysis',
    description: `Finds fit and generalization steps and evaluates the claims of "${study.title}".`,
    instrument: ref(application),
    agent: authorRef,
    object: [ref(crateId(STUDY_FILE)), ...runs.map((run) => ref(crateId(metricsFile(run.id))))],
    result: [ref(crateId(ANALYSIS_FILE))],
    actionStatus: COMPLETED,
  };
}

/** What drew the figures and wrote the report, from what. */
function reportAction(study: Study, application: string, sizes: ReadonlyMap<string, number>): CrateEntity {
  const paths = [...sizes.keys()].sort(byName);
  const written = [FINDINGS_FILE, VIEWS_FILE].filter((path) => sizes.has(path));
  return {
    '@id': '#report',
    '@type': 'CreateAction',
    name: 'Report',
    description: `Draws the figures of "${study.title}" from its curves and writes the report.`,
    instrument: ref(application),
    agent: authorRef,
    object: [STUDY_FILE, ANALYSIS_FILE, ...written].map((path) => ref(crateId(path))),
    result: paths
      .filter((path) => path === REPORT_FILE || path.startsWith(FIGURES_FOLDER))
      .map((path) => ref(crateId(path))),
    actionStatus: COMPLETED,
  };
}

/** ISO 8601 as the profile's validator spells it: an offset, no "Z". */
function isoTime(time: string): string {
  return time.replace(/Z$/, '+00:00');
}

const describedFiles: Record<string, { name: string; description: string }> = {
  [STUDY_FILE]: {
    name: 'Study',
    description: 'The plan: question, arms, thresholds, seeds, claims. Can be run again.',
  },
  [RECORD_FILE]: { name: 'Study record', description: 'Identity of the study and the list of its runs.' },
  [ENVIRONMENT_FILE]: {
    name: 'Environment',
    description: 'The machine and libraries that wrote this bundle.',
  },
  [ANALYSIS_FILE]: {
    name: 'Delay analysis',
    description: 'Delays per run and arm, the estimators, the verdicts.',
  },
  [README_FILE]: { name: 'Read me', description: 'What is in this bundle and how to check it.' },
  [FINDINGS_FILE]: {
    name: 'Findings',
    description: 'Notes of the author, in Markdown; {{figure …}} stands for a figure of the report.',
  },
  [VIEWS_FILE]: {
    name: 'Saved comparisons',
    description: 'Comparisons of the runs that belong to the notes.',
  },
  [REPORT_FILE]: {
    name: 'Report',
    description: 'The study for people: notes, figures, delays, verdicts. Needs no network and no script.',
  },
  [LICENCE_FILE]: { name: 'Licence', description: 'The licence that the author chose.' },
};

const encodings: Record<string, string> = {
  json: 'application/json',
  csv: 'text/csv',
  md: 'text/markdown',
  txt: 'text/plain',
  npz: 'application/zip',
  html: 'text/html',
  svg: 'image/svg+xml',
};

function fileEntity(path: string, size: number): CrateEntity {
  const extension = path.slice(path.lastIndexOf('.') + 1);
  return {
    '@id': crateId(path),
    '@type': 'File',
    ...(describedFiles[path] ?? describePath(path)),
    encodingFormat: encodings[extension] ?? 'application/octet-stream',
    contentSize: String(size),
  };
}

function describePath(path: string): { name: string; description: string } {
  if (path.startsWith(SCHEMA_FOLDER)) {
    return {
      name: path.slice(SCHEMA_FOLDER.length),
      description: 'JSON Schema (2020-12) of a file in this bundle.',
    };
  }
  if (path.startsWith(FIGURES_FOLDER)) {
    const name = path.slice(FIGURES_FOLDER.length);
    return path.endsWith('.svg')
      ? { name, description: 'A figure of the report.' }
      : { name, description: 'Exactly the points of the figure, or the numbers of the table, of this name.' };
  }
  if (path.endsWith('.npz')) {
    return {
      name: 'Snapshots of a run',
      description:
        'NumPy arrays of what the model looked like inside at chosen efforts; see panels in run.json.',
    };
  }
  return path.endsWith('.csv')
    ? { name: 'Metrics of a run', description: 'One row per recorded effort, every float64 exact.' }
    : {
        name: 'Record of a run',
        description: 'Resolved settings, seed, status, machine and content id of a run.',
      };
}
