import type { BackendRecord } from '../../shared/run.ts';

/** What computes the families that have one implementation: plain TypeScript in float64 on one CPU thread. */
export const float64Backend: BackendRecord = {
  engine: 'javascript-float64',
  engineVersion: null,
  device: 'cpu',
  precision: 'float64',
  threads: 1,
  fallback: null,
};

/** The backend of a run, which says so where a device was asked for that the family does not use. */
export function asAskedFor(backend: BackendRecord, device: string | null): BackendRecord {
  if (device === null || backend.engine !== float64Backend.engine) return backend;
  const reason = 'this family computes in float64 on the CPU only';
  return { ...backend, fallback: `${device} was asked for; ${backend.engine} is used: ${reason}.` };
}
