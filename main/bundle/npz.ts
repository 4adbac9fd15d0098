/**
 * Snapshots as NumPy's own archive (NEP 1: `.npy` arrays in a zip file), so that `numpy.load` opens them: float64,
 * little-endian, one dimension; keys `snapshots/<effort>/<array>`.
 */
import { BundleError } from '../../shared/errors.ts';
import type { Snapshot } from '../../shared/snapshot.ts';
import { readZip, writeZip } from './zip.ts';

/** An archive that is not one of ours. `message` is a short noun phrase. */
export class NpzError extends Error {}

const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1');
/** The format asks that the data begin at a multiple of this many bytes. */
const ALIGNMENT = 64;
const FOLDER = 'snapshots';

/** The same snapshots give the same bytes. */
export async function snapshotsToNpz(snapshots: readonly Snapshot[]): Promise<Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const { effort, arrays } of snapshots) {
    for (const [name, values] of Object.entries(arrays))
      files.set(`${FOLDER}/${effort}/${name}.npy`, toNpy(values));
  }
  return writeZip(files);
}

/** In order of effort. @throws NpzError */
export async function npzToSnapshots(bytes: Uint8Array): Promise<Snapshot[]> {
  const found = new Map<number, Snapshot['arrays']>();
  for (const [path, content] of await openArchive(bytes)) {
    const [, effort, name] = /^(0|[1-9]\d{0,15})\/([^/]+)\.npy$/.exec(path) ?? [];
    if (effort === undefined || name === undefined)
      throw new NpzError(`holds "${path}", which is no snapshot`);
    const arrays = found.get(Number(effort)) ?? {};
    arrays[name] = fromNpy(content, path);
    found.set(Number(effort), arrays);
  }
  return [...found].sort(([a], [b]) => a - b).map(([effort, arrays]) => ({ effort, arrays }));
}

async function openArchive(bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  try {
    const { top, files } = await readZip(bytes);
    if (top !== FOLDER) throw new NpzError(`has the folder "${top}" instead of "${FOLDER}"`);
    return files;
  } catch (error) {
    if (error instanceof BundleError) throw new NpzError(`is not readable: ${error.message}`);
    throw error;
  }
}

function header(length: number): Buffer {
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${length},), }`;
  const unpadded = MAGIC.length + 2 + text.length + 1;
  const padded = `${text}${' '.repeat((ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT)}\n`;
  const size = Buffer.alloc(2);
  size.writeUInt16LE(padded.length);
  return Buffer.concat([MAGIC, size, Buffer.from(padded)]);
}

function toNpy(values: Float64Array): Uint8Array {
  const data = Buffer.alloc(8 * values.length);
  values.forEach((value, i) => data.writeDoubleLE(value, 8 * i));
  return Buffer.concat([header(values.length), data]);
}

function fromNpy(content: Uint8Array, path: string): Float64Array {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const start = bytes.length < MAGIC.length + 2 ? 0 : MAGIC.length + 2 + bytes.readUInt16LE(MAGIC.length);
  const length = (bytes.length - start) / 8;
  if (!Number.isInteger(length) || length < 0 || !bytes.subarray(0, start).equals(header(length)))
    throw new NpzError(`"${path}" is not a float64 array of one dimension`);
  return Float64Array.from({ length }, (_, i) => bytes.readDoubleLE(start + 8 * i));
}
