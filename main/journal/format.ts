/**
 * The bytes of a run's journal. Little-endian:
 *
 *   file     "LBJRNL1\n", then records
 *   record   u32 magic, u32 payload length, u32 CRC-32 of length and payload, payload
 *   payload  u32 seq, u32 rows, u32 columns, per column u16 length and UTF-8 name, then per column `rows` float64;
 *            where snapshots were taken: u32 snapshots, per snapshot float64 effort, u32 arrays, per array u16 length
 *            and UTF-8 name, u32 values, float64 values
 */
import { crc32 } from 'node:zlib';
import { LatebloomError } from '../../shared/errors.ts';
import type { Snapshot } from '../../shared/snapshot.ts';
import type { Columns } from '../scheduler/protocol.ts';

export const journalHeader: Uint8Array = new TextEncoder().encode('LBJRNL1\n');
const RECORD_MAGIC = 0x4e52_424c;
const RECORD_HEAD = 12;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** A journal has a fault in its middle; what stands before `offset` is intact. */
export class DamagedJournalError extends LatebloomError {
  readonly path: string;
  readonly offset: number;

  constructor(path: string, offset: number, fault: string) {
    super(
      'damaged-journal',
      `The journal ${path} is damaged at byte ${offset}: ${fault}.`,
      'The curve before that point can still be read. Restore the file from a backup, or run the study again.',
    );
    this.path = path;
    this.offset = offset;
  }
}

/** Rows of a batch. */
export function rowsOf(columns: Columns): number {
  return columns['effort']?.length ?? 0;
}

export function encodeRecord(seq: number, columns: Columns, snapshots: readonly Snapshot[] = []): Uint8Array {
  const rows = rowsOf(columns);
  const entries = Object.entries(columns);
  const parts = [u32(seq), u32(rows), u32(entries.length), ...entries.map(([name]) => nameBytes(name))];
  for (const [name, values] of entries) {
    if (values.length !== rows) throw new Error(`Column "${name}" has ${values.length} rows, not ${rows}.`);
    parts.push(float64Bytes(values));
  }
  if (snapshots.length > 0) {
    parts.push(u32(snapshots.length));
    for (const { effort, arrays } of snapshots) {
      parts.push(float64Bytes([effort]), u32(Object.keys(arrays).length));
      for (const [name, values] of Object.entries(arrays))
        parts.push(nameBytes(name), u32(values.length), float64Bytes(values));
    }
  }
  const payload = Buffer.concat(parts);
  const bytes = Buffer.concat([u32(RECORD_MAGIC), u32(payload.length), u32(0), payload]);
  bytes.writeUInt32LE(checksum(bytes, 0, payload.length), 8);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** u16 length, then UTF-8. */
function nameBytes(name: string): Buffer {
  const text = Buffer.from(name);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(text.length);
  return Buffer.concat([length, text]);
}

function float64Bytes(values: ArrayLike<number>): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (let i = 0; i < values.length; i++) bytes.writeDoubleLE(values[i] as number, 8 * i);
  return bytes;
}

function checksum(bytes: Uint8Array, offset: number, payload: number): number {
  const overLength = crc32(bytes.subarray(offset + 4, offset + 8));
  return crc32(bytes.subarray(offset + RECORD_HEAD, offset + RECORD_HEAD + payload), overLength);
}

/** Bytes of the intact record at `offset`, or null when there is none. */
function recordLength(bytes: Uint8Array, offset: number): number | null {
  if (offset + RECORD_HEAD > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(offset, true) !== RECORD_MAGIC) return null;
  const payload = view.getUint32(offset + 4, true);
  if (payload < 12 || offset + RECORD_HEAD + payload > bytes.length) return null;
  return checksum(bytes, offset, payload) === view.getUint32(offset + 8, true) ? RECORD_HEAD + payload : null;
}

/** A batch as it stands in the file; `length` is its record's, in bytes. */
export interface JournalRecord {
  length: number;
  seq: number;
  columns: Columns;
  snapshots: Snapshot[];
}

/** The record at `offset`, or null when no intact one is there. */
export function decodeRecord(bytes: Uint8Array, offset: number): JournalRecord | null {
  const length = recordLength(bytes, offset);
  if (length === null) return null;
  const payload = new PayloadReader(bytes.subarray(offset + RECORD_HEAD, offset + length));
  const seq = payload.u32();
  const rows = payload.u32();
  const names = Array.from({ length: payload.u32() }, () => payload.name());
  const columns: Columns = {};
  for (const name of names) columns[name] = payload.float64(rows);
  // Records without snapshots, as version 0.1 wrote them all, end here.
  const snapshots = Array.from({ length: payload.atEnd ? 0 : payload.u32() }, () => payload.snapshot());
  return { length, seq, columns, snapshots };
}

/** Reads a payload whose checksum is right. */
class PayloadReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  name(): string {
    const length = this.#view.getUint16(this.#at, true);
    const from = this.#at + 2;
    this.#at = from + length;
    return decoder.decode(this.#bytes.subarray(from, this.#at));
  }

  float64(count: number): Float64Array {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++, this.#at += 8) values[i] = this.#view.getFloat64(this.#at, true);
    return values;
  }

  snapshot(): Snapshot {
    const effort = this.float64(1)[0] as number;
    const arrays: Snapshot['arrays'] = {};
    for (let left = this.u32(); left > 0; left--) {
      const name = this.name();
      arrays[name] = this.float64(this.u32());
    }
    return { effort, arrays };
  }
}

/** Where a batch stands in the file. */
export interface JournalEntry {
  offset: number;
  length: number;
}

/** How far a journal has been read. */
export interface JournalScan {
  entries: JournalEntry[];
  /** End of the last intact record: bytes after it are a torn record, or damage. */
  end: number;
  lastEffort: number;
  /** The newest row: column name → value. */
  latest: Record<string, number>;
  /** What is wrong at `end`, when that is not just a torn last record. */
  fault: string | null;
}

export function emptyScan(): JournalScan {
  return { entries: [], end: 0, lastEffort: -1, latest: {}, fault: null };
}

/**
 * Reads on from where `scan` stopped. `bytes` starts at file offset `scan.end`. A record that is not intact and has no
 * intact record after it is torn: the writer died in it. With an intact one after it, the file is damaged.
 */
export function continueScan(scan: JournalScan, bytes: Uint8Array): void {
  const base = scan.end;
  let at = 0;
  if (base === 0) {
    const present = bytes.subarray(0, journalHeader.length);
    if (!present.every((byte, i) => byte === journalHeader[i])) {
      scan.fault = 'this is not the beginning of a journal';
      return;
    }
    if (present.length < journalHeader.length) return;
    at = journalHeader.length;
    scan.end = at;
  }
  while (at < bytes.length) {
    const record = decodeRecord(bytes, at);
    if (record === null) {
      if (hasRecordAfter(bytes, at + 1)) scan.fault = 'a record does not match its checksum';
      return;
    }
    const { length, seq, columns } = record;
    const efforts = columns['effort'] ?? new Float64Array();
    const first = efforts[0] ?? Number.NaN;
    if (seq !== scan.entries.length || !(first > scan.lastEffort)) {
      scan.fault = `batch ${scan.entries.length} after effort ${scan.lastEffort} was expected, batch ${seq} at effort ${first} found`;
      return;
    }
    const last = efforts.length - 1;
    scan.entries.push({ offset: base + at, length });
    scan.lastEffort = efforts[last] as number;
    // A sparse column's NaN says "not measured here": its last value stays.
    for (const [name, values] of Object.entries(columns)) {
      const value = values[last] as number;
      if (!Number.isNaN(value)) scan.latest = { ...scan.latest, [name]: value };
    }
    at += length;
    scan.end = base + at;
  }
}

function hasRecordAfter(bytes: Uint8Array, from: number): boolean {
  const firstByte = RECORD_MAGIC & 0xff;
  for (let at = bytes.indexOf(firstByte, from); at !== -1; at = bytes.indexOf(firstByte, at + 1)) {
    if (recordLength(bytes, at) !== null) return true;
  }
  return false;
}
