/**
 * The study bundle: one file that a stranger can verify and run again. `NAME.study.zip` is a BagIt 1.0 bag
 * (RFC 8493) whose `data/` is an RO-Crate 1.1 that conforms to Process Run Crate 0.5.
 */
export { exportBundle, type BundleInput, type BundleRun } from './write.ts';
export {
  NOT_RUN,
  readBundle,
  verifyBundle,
  type BundleContent,
  type VerifyCheck,
  type VerifyReport,
} from './verify.ts';
