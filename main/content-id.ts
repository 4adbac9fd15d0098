/** The identity of a run's content: the same arm, seed and curve are the same run wherever they are stored. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../shared/canonical.ts';
import type { RunCurve, RunRecord } from '../shared/run.ts';

/** The part of a run's record that its content id reads. */
export type ContentIdInput = Pick<RunRecord, 'id' | 'arm' | 'seed' | 'studyHash' | 'columns'>;

/**
 * SHA-256 (hex) over the canonical JSON of `{arm, seed, studyHash}`, then every column but `seconds` as
 * little-endian float64: `effort` first, then the columns of the record in their order. Wall-clock seconds are left
 * out because they differ between two runs of one computation. All NaNs hash alike: a NaN's sign and payload depend
 * on the processor and carry no result.
 * @throws Error when the curve lacks a column of the record.
 */
export function contentIdOf(run: ContentIdInput, curve: RunCurve): string {
  const hash = createHash('sha256');
  hash.update(canonicalJson({ arm: run.arm, seed: run.seed, studyHash: run.studyHash }));
  for (const name of ['effort', ...run.columns.map((column) => column.name)]) {
    const values = curve.columns[name];
    if (values === undefined) {
      if (curve.length === 0) continue;
      throw new Error(`Run ${run.id}: the curve lacks the column "${name}".`);
    }
    hash.update(littleEndianBytes(values));
  }
  return hash.digest('hex');
}

function littleEndianBytes(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    if (Number.isNaN(value)) view.setBigUint64(i * 8, 0x7ff8000000000000n, true);
    else view.setFloat64(i * 8, value, true);
  });
  return bytes;
}
