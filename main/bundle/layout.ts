/** Names and limits of the study bundle, in one place for the writer and the verifier. */

export const METADATA_FILE = 'data/ro-crate-metadata.json';
export const PREVIEW_FILE = 'data/ro-crate-preview.html';
export const STUDY_FILE = 'data/study.json';
export const RECORD_FILE = 'data/record.json';
export const ENVIRONMENT_FILE = 'data/environment.json';
export const ANALYSIS_FILE = 'data/analysis.json';
export const README_FILE = 'data/README.md';
export const LICENCE_FILE = 'data/LICENSE.txt';
/** Notes in Markdown; absent where nothing was written. */
export const FINDINGS_FILE = 'data/findings.md';
/** Saved comparisons; absent where there are none. */
export const VIEWS_FILE = 'data/views.json';
export const REPORT_FILE = 'data/report.html';
export const FIGURES_FOLDER = 'data/figures/';
export const SCHEMA_FOLDER = 'data/schema/';
export const RUNS_FOLDER = 'data/runs/';

export const BAG_FILE = 'bagit.txt';
export const BAG_INFO_FILE = 'bag-info.txt';
export const MANIFEST_FILE = 'manifest-sha512.txt';
export const TAG_MANIFEST_FILE = 'tagmanifest-sha512.txt';

/** Version of the layout of every JSON file in a bundle but `study.json`, which has its own. */
export const BUNDLE_SCHEMA_VERSION = 1;

/** What a bundle may hold at most, counted on the bytes that really come out of the archive. */
export interface BundleLimits {
  entries: number;
  bytes: number;
  /** Of one file; all of `bytes` where absent. */
  fileBytes?: number;
}

/** 20,000 entries are some 10,000 runs. */
export const defaultLimits: BundleLimits = { entries: 20_000, bytes: 1024 ** 3 };

/** For a bundle that is read from disk, one file of it at a time: the largest that is held is one of these. */
export const fileLimits: BundleLimits = { entries: 200_000, bytes: 64 * 1024 ** 3, fileBytes: 1024 ** 3 };

/** Ids of studies and runs name folders in a bundle and in a data folder: no separators, no "..", one case. */
export const recordIdPattern = /^[a-z0-9](?:[a-z0-9-]|\.(?!\.)){0,249}$/;

export function runFile(runId: string): string {
  return `${RUNS_FOLDER}${runId}/run.json`;
}

export function metricsFile(runId: string): string {
  return `${RUNS_FOLDER}${runId}/metrics.csv`;
}

/** Only there for runs that took snapshots. */
export function snapshotsFile(runId: string): string {
  return `${RUNS_FOLDER}${runId}/snapshots.npz`;
}

/**
 * UTF-8 text of a JSON document as it stands in a bundle. Keys are sorted, so that equal content gives equal bytes
 * also after a journey through another data folder.
 */
export function jsonBytes(value: unknown): Uint8Array {
  return textBytes(`${JSON.stringify(sorted(value), null, 2)}\n`);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => byName(a, b));
  return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]));
}

export function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Orders names by UTF-16 code units, the same in every locale. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** One thing wrong with a bundle: the path inside it, and the fault as a short phrase. */
export interface BundleFault {
  file: string;
  fault: string;
}
