/**
 * A run's checkpoint: the learner's state, the computing time so far, and the rows that the host had not yet confirmed
 * as journaled (they would be lost if the host and the trainer died together). One file:
 *
 *   "LBCKPT2\n", u32 CRC-32 of what follows, u32 header length, header (JSON), the arrays one after another
 */
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { canonicalJson } from '../../shared/canonical.ts';
import { nothingSeen, type EarlyEndState } from '../../shared/early-end.ts';
import type { Arm } from '../../shared/study.ts';
import { systemCode, writeFileAtomicSync } from '../journal/files.ts';
import type { LearnerState } from '../training/learner.ts';
import type { Rows } from './protocol.ts';

export interface Checkpoint {
  learner: LearnerState;
  seconds: number;
  /** Batches recorded and not yet confirmed, oldest first. */
  unconfirmed: Rows[];
  /** As of the last row at or before the learner's effort. */
  earlyEnd: EarlyEndState;
}

type StateArray = Float32Array | Float64Array | Int32Array;

const arrayTypes = { float32: Float32Array, float64: Float64Array, int32: Int32Array };
type ArrayType = keyof typeof arrayTypes;

interface Header {
  key: string;
  effort: number;
  seconds: number;
  /** Absent in checkpoints that were written before a run could end early. */
  earlyEnd?: EarlyEndState;
  json: unknown;
  arrays: { name: string; type: ArrayType; length: number }[];
  unconfirmed: {
    names: string[];
    rows: number;
    snapshots: { effort: number; arrays: { name: string; length: number }[] }[];
  }[];
}

const MAGIC = Buffer.from('LBCKPT2\n');
const PREFIX = MAGIC.length + 8;

/** What a checkpoint belongs to: the same settings and seed, whatever the budget: that only says where it ends. */
export function checkpointKey(arm: Arm, seed: number): string {
  const settings = { ...arm, budget: null };
  return createHash('sha256')
    .update(canonicalJson({ arm: settings, seed }))
    .digest('hex');
}

/** The key of checkpoints that were written before a budget could be extended: it has the budget in it. */
export function formerCheckpointKey(arm: Arm, seed: number): string {
  return createHash('sha256').update(canonicalJson({ arm, seed })).digest('hex');
}

/** Writes to a temporary file, then renames: until the new checkpoint is safe, the old one is there. */
export function writeCheckpoint(path: string, key: string, checkpoint: Checkpoint): void {
  const { learner, seconds, unconfirmed, earlyEnd } = checkpoint;
  const arrays = Object.entries(learner.arrays);
  const header: Header = {
    key,
    effort: learner.effort,
    seconds,
    earlyEnd,
    json: learner.json,
    arrays: arrays.map(([name, values]) => ({ name, type: typeOf(values), length: values.length })),
    unconfirmed: unconfirmed.map(({ columns, snapshots }) => ({
      names: Object.keys(columns),
      rows: columns['effort']?.length ?? 0,
      snapshots: snapshots.map((snapshot) => ({
        effort: snapshot.effort,
        arrays: Object.entries(snapshot.arrays).map(([name, { length }]) => ({ name, length })),
      })),
    })),
  };
  const headerBytes = Buffer.from(JSON.stringify(header));
  const headerLength = Buffer.alloc(4);
  headerLength.writeUInt32LE(headerBytes.length);
  const values = [
    ...arrays.map(([, array]) => array),
    ...unconfirmed.flatMap(({ columns, snapshots }) => [
      ...Object.values(columns),
      ...snapshots.flatMap((snapshot) => Object.values(snapshot.arrays)),
    ]),
  ];
  // zlib's CRC-32 of no bytes is 0, whatever it is to go on from: empty arrays stay out of it.
  const body = [headerLength, headerBytes, ...values.map(bytesOf)].filter((chunk) => chunk.length > 0);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(body.reduce((crc, chunk) => crc32(chunk, crc), 0));
  writeFileAtomicSync(path, [MAGIC, checksum, ...body]);
}

/**
 * A checkpoint, null when there is none, or the reason why the one that is there cannot be used.
 * @param keys of which it has to have one
 */
export function readCheckpoint(path: string, ...keys: string[]): Checkpoint | null | string {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
  if (file.length < PREFIX || !file.subarray(0, MAGIC.length).equals(MAGIC))
    return 'it is not a checkpoint file';
  if (crc32(file.subarray(MAGIC.length + 4)) !== file.readUInt32LE(MAGIC.length)) return 'it is damaged';
  const headerLength = file.readUInt32LE(MAGIC.length + 4);
  const header = JSON.parse(file.toString('utf8', PREFIX, PREFIX + headerLength)) as Header;
  if (!keys.includes(header.key)) return 'it belongs to other settings';
  let at = PREFIX + headerLength;
  const take = <A extends StateArray>(type: new (buffer: ArrayBuffer) => A, bytes: number): A => {
    // Copied: a typed array must begin at a multiple of its element size.
    const copy = new Uint8Array(bytes);
    copy.set(file.subarray(at, at + bytes));
    at += bytes;
    return new type(copy.buffer);
  };
  const arrays: LearnerState['arrays'] = {};
  for (const { name, type, length } of header.arrays) {
    arrays[name] = take<StateArray>(arrayTypes[type], length * arrayTypes[type].BYTES_PER_ELEMENT);
  }
  const unconfirmed = header.unconfirmed.map(({ names, rows, snapshots }) => ({
    columns: Object.fromEntries(names.map((name) => [name, take(Float64Array, rows * 8)])),
    snapshots: snapshots.map((snapshot) => ({
      effort: snapshot.effort,
      arrays: Object.fromEntries(
        snapshot.arrays.map(({ name, length }) => [name, take(Float64Array, length * 8)]),
      ),
    })),
  }));
  return {
    learner: { effort: header.effort, arrays, json: header.json },
    seconds: header.seconds,
    unconfirmed,
    earlyEnd: header.earlyEnd ?? nothingSeen,
  };
}

function typeOf(values: StateArray): ArrayType {
  if (values instanceof Float32Array) return 'float32';
  return values instanceof Float64Array ? 'float64' : 'int32';
}

function bytesOf(values: StateArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
