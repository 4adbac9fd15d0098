/**
 * What each method of `api.ts` accepts, checked where a request enters the host: at Electron's IPC gate and at the
 * WebSocket. Beyond types, this bounds sizes and keeps identifiers free of path separators.
 */
import { z } from 'zod';
import { controlActions, type MethodName, type RequestOf } from './api.ts';
import { datasetSpec } from './dataset-spec.ts';
import { InputError } from './errors.ts';
import { saveFindingsSpec } from './findings/findings.ts';
import { MAX_EFFORT } from './effort.ts';
import { armSpec, issueFaults, slug, studySpec } from './study.ts';
import { MAX_BUNDLE_BYTES } from './wire.ts';

/** Ids of studies and runs name folders: no separators, no "..". */
const recordId = z
  .string()
  .max(300)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.))*$/);

const text = (limit: number) => z.string().trim().min(1).max(limit);

const startRequest = z.strictObject({
  study: studySpec,
  arms: z.array(slug).min(1).max(100).exactOptional(),
  seeds: z.int().min(1).max(1000).exactOptional(),
  maxEffort: z.int().min(1).max(MAX_EFFORT).exactOptional(),
  device: text(100).exactOptional(),
});

const bundleBytes = z
  .custom<Uint8Array>((value) => value instanceof Uint8Array, 'the bytes of a study file')
  .refine(
    (bytes) => bytes.byteLength >= 1 && bytes.byteLength <= MAX_BUNDLE_BYTES,
    `a file of at least 1 and at most ${MAX_BUNDLE_BYTES} bytes`,
  );

const exportRequest = z.strictObject({ studyId: recordId, licence: text(300), author: text(300) });

const requestSpecs: { [M in MethodName]: z.ZodType<RequestOf<M>> } = {
  hello: z.null(),
  settings: z.null(),
  saveSettings: z.strictObject({
    cores: z.int().min(1).max(100_000).nullable().exactOptional(),
    keepCheckpoints: z.boolean().exactOptional(),
  }),
  checkpoints: z.null(),
  dropCheckpoints: z.null(),
  presets: z.null(),
  reportedCounts: z.null(),
  presetReport: z.strictObject({ preset: text(200) }),
  devices: z.null(),
  checkStudy: z.strictObject({ json: z.unknown() }),
  previewDataset: z.strictObject({ dataset: datasetSpec, seed: z.int().min(0).max(4_294_967_295) }),
  modelSize: z.strictObject({ arm: armSpec }),
  estimate: startRequest,
  startStudy: startRequest,
  control: z.strictObject({
    action: z.enum(controlActions),
    runIds: z.array(recordId).min(1).max(100_000),
  }),
  extend: z.strictObject({
    runIds: z.array(recordId).min(1).max(100_000),
    maxEffort: z.int().min(2).max(MAX_EFFORT),
    recompute: z.boolean().exactOptional(),
  }),
  studies: z.null(),
  runs: z.null(),
  readBatches: z.strictObject({
    runId: recordId,
    fromSeq: z.int().min(0),
    limit: z.int().min(1).max(10_000),
  }),
  deleteStudy: z.strictObject({ studyId: recordId }),
  findings: z.null(),
  saveFindings: saveFindingsSpec,
  reportStudy: exportRequest,
  exportStudy: exportRequest,
  previewImport: z.strictObject({ bytes: bundleBytes }),
  importBundle: z.strictObject({ bytes: bundleBytes }),
};

/** The request, typed. @throws InputError naming for every fault the path, the value and what would be valid. */
export function validateRequest<M extends MethodName>(method: M, request: unknown): RequestOf<M> {
  const result = (requestSpecs[method] as z.ZodType<RequestOf<M>>).safeParse(request);
  if (result.success) return result.data;
  throw new InputError(
    `The request "${method}"`,
    result.error.issues.flatMap((issue) => issueFaults(issue, request, requestSpecs[method])),
  );
}
