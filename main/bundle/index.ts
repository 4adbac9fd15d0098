/**
 * The study bundle: one file that a stranger can verify and run again. `NAME.study.zip` is a BagIt 1.0 bag
 * (RFC 8493) whose `data/` is an RO-Crate 1.1 that conforms to Process Run Crate 0.5.
 */
export {
  exportBundle,
  exportBytes,
  lastChange,
  prepareBundle,
  refuseDamaged,
  type BundleInput,
  type BundleRun,
  type BundleSource,
  type PreparedBundle,
} from './write.ts';
export {
  NOT_RUN,
  openBundle,
  readBundle,
  verifyBundle,
  type BundleContent,
  type BundledRun,
  type OpenBundle,
  type VerifyCheck,
  type VerifyReport,
} from './verify.ts';
