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
