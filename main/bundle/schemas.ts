/** Schemas of the JSON files in a bundle, tied to the types they describe. Unknown keys are refused. */
import { z } from 'zod';
import type { ErrorReport } from '../../shared/errors.ts';
import { savedViewSpec } from '../../shared/findings/findings.ts';
import { families } from '../../shared/model-spec.ts';
import type { Panel } from '../../shared/snapshot.ts';
import type { EnvironmentRecord, MetricColumn, RunRecord, StudyRecord } from '../../shared/run.ts';
import { armSpec, slug, studySpec } from '../../shared/study.ts';
import { sweepPoint } from '../../shared/sweep-spec.ts';
import { BUNDLE_SCHEMA_VERSION, recordIdPattern } from './layout.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
const isoTime = z.iso.datetime();
const schemaVersion = z.literal(BUNDLE_SCHEMA_VERSION);
const recordId = z.string().regex(recordIdPattern);

const metricColumn = z.strictObject({
  name: z.string().min(1),
  label: z.string(),
  quantity: z.string(),
  unit: z.string(),
  split: z.enum(['train', 'test']).nullable(),
  direction: z.enum(['higher', 'lower']).nullable(),
  sparse: z.boolean().exactOptional(),
}) satisfies z.ZodType<MetricColumn>;

const panelBase = {
  name: z.string().regex(/^[a-z][a-zA-Z0-9-]*$/),
  title: z.string(),
  description: z.string(),
};
const axisLabels = { xLabel: z.string(), yLabel: z.string() };

const panel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('function'), ...panelBase, ...axisLabels, band: z.string().nullable() }),
  z.strictObject({
    kind: z.literal('landscape'),
    ...panelBase,
    ...axisLabels,
    zLabel: z.string(),
    logX: z.boolean(),
    logY: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('bars'),
    ...panelBase,
    items: z.array(z.string()),
    yLabel: z.string(),
    reference: z.string().nullable(),
    log: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('matrix'),
    ...panelBase,
    ...axisLabels,
    zLabel: z.string(),
    rows: count,
    columns: count,
  }),
  z.strictObject({
    kind: z.literal('scatter'),
    ...panelBase,
    ...axisLabels,
    items: z.array(z.string()),
    components: z.array(z.string()).min(1).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('regions'),
    ...panelBase,
    ...axisLabels,
    classes: z.array(z.string()).min(2),
  }),
]) satisfies z.ZodType<Panel>;

const errorReport = z.strictObject({
  name: z.string(),
  code: z.enum([
    'bad-input',
    'not-found',
    'conflict',
    'damaged-bundle',
    'damaged-journal',
    'diverged',
    'device-unavailable',
    'disk-full',
    'home-in-use',
    'trainer-died',
    'not-allowed',
    'host-unreachable',
    'internal',
  ]),
  message: z.string(),
  nextStep: z.string(),
  faults: z
    .array(z.strictObject({ path: z.string(), value: z.string(), expected: z.string() }))
    .exactOptional(),
  effort: z.number().exactOptional(),
}) satisfies z.ZodType<ErrorReport>;

/** `environment.json`: the machine that wrote the bundle; a run's own machine is in its `run.json`. */
export const environmentSchema = z.strictObject({
  app: z.string(),
  appVersion: z.string(),
  node: z.string(),
  electron: z.string().nullable(),
  os: z.string(),
  osRelease: z.string(),
  arch: z.string(),
  cpu: z.string().nullable(),
  cores: count,
  memoryBytes: z.number().min(0),
  gpu: z.string().nullable(),
  libraries: z.record(z.string(), z.string()),
}) satisfies z.ZodType<EnvironmentRecord>;

const backend = z.strictObject({
  engine: z.string(),
  engineVersion: z.string().nullable(),
  device: z.string(),
  precision: z.enum(['float32', 'float64']),
  threads: count,
  fallback: z.string().nullable(),
  lanes: z.int().min(2).exactOptional(),
}) satisfies z.ZodType<RunRecord['backend']>;

/**
 * `run.json`: the run's record without what belongs to one machine's queue (batches, checkpoint, speed) and without
 * `effort` and `latest`, which the curve says exactly.
 */
export const bundleRunSchema = z.strictObject({
  schemaVersion,
  id: recordId,
  studyId: recordId,
  armId: slug,
  family: z.enum(families),
  seed: z.int().min(0).max(4_294_967_295),
  studyHash: sha256,
  arm: armSpec,
  /** Absent in bundles written before there were sweeps. */
  point: sweepPoint.default({}),
  effortUnit: z.string(),
  effortsPerEpoch: z.number().min(0),
  trainSize: count,
  testSize: count,
  status: z.enum(['queued', 'running', 'paused', 'interrupted', 'stopped', 'failed', 'finished']),
  columns: z.array(metricColumn),
  panels: z.array(panel).exactOptional(),
  backend: backend.nullable(),
  environment: environmentSchema,
  error: errorReport.nullable(),
  note: z.string().nullable(),
  createdAt: isoTime,
  startedAt: isoTime.nullable(),
  endedAt: isoTime.nullable(),
  contentId: sha256.nullable(),
}) satisfies z.ZodType<BundleRunRecord>;

export type BundleRunRecord = Omit<
  RunRecord,
  'priority' | 'effort' | 'batches' | 'checkpointEffort' | 'effortsPerSecond' | 'latest'
>;

/** `record.json`: which study this is and which runs it has; the plan itself is `study.json`. */
export const studyRecordSchema = z.strictObject({
  schemaVersion,
  id: recordId,
  studyHash: sha256,
  createdAt: isoTime,
  runIds: z.array(recordId),
}) satisfies z.ZodType<Omit<StudyRecord, 'study' | 'imported'>>;

export type StudyRecordFile = z.infer<typeof studyRecordSchema>;

/** `views.json`: comparisons that were saved with the notes. */
export const viewsSchema = z.strictObject({ schemaVersion, views: z.array(savedViewSpec) });

/** The outline of `analysis.json`; its numbers are checked by computing them again. */
export const analysisSchema = z.strictObject({
  schemaVersion,
  estimators: z.record(z.string(), z.string()),
  runs: z.array(z.record(z.string(), z.unknown())),
  arms: z.array(z.record(z.string(), z.unknown())),
  claims: z.array(z.record(z.string(), z.unknown())),
});

const documents: Record<string, z.ZodType> = {
  'study.schema.json': studySpec,
  'record.schema.json': studyRecordSchema,
  'environment.schema.json': environmentSchema,
  'run.schema.json': bundleRunSchema,
  'analysis.schema.json': analysisSchema,
  'views.schema.json': viewsSchema,
};

/** JSON Schema (2020-12) of every JSON file in a bundle: file name → document. */
export function jsonSchemas(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(documents).map(([name, schema]) => [name, z.toJSONSchema(schema)]),
  );
}
