/**
 * The bytes of a run's journal. Little-endian:
 *
 *   file     "LBJRNL1\n", then records
 *   record   u32 magic, u32 payload length, u32 CRC-32 of length and payload, payload
 *   payload  u32 seq, u32 rows, u32 columns, per column u16 length and UTF-8 name, then per column `rows` float64
 */
import { crc32 } from 'node:zlib';
import { LatebloomError } from '../../shared/errors.ts';
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

export function encodeRecord(seq: number, columns: Columns): Uint8Array {
  const names = Object.keys(columns).map((name) => new TextEncoder().encode(name));
  const rows = rowsOf(columns);
  const namesLength = names.reduce((sum, name) => sum + 2 + name.length, 0);
  const payload = 12 + namesLength + 8 * rows * names.length;
  const bytes = new Uint8Array(RECORD_HEAD + payload);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, RECORD_MAGIC, true);
  view.setUint32(4, payload, true);
  view.setUint32(12, seq, true);
  view.setUint32(16, rows, true);
  view.setUint32(20, names.length, true);
  let at = 24;
  for (const name of names) {
    view.setUint16(at, name.length, true);
    bytes.set(name, at + 2);
    at += 2 + name.length;
  }
  for (const [name, values] of Object.entries(columns)) {
    if (values.length !== rows) throw new Error(`Column "${name}" has ${values.length} rows, not ${rows}.`);
    for (let row = 0; row < rows; row++, at += 8) view.setFloat64(at, values[row] as number, true);
  }
  view.setUint32(8, checksum(bytes, 0, payload), true);
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
}

/** The record at `offset`, or null when no intact one is there. */
export function decodeRecord(bytes: Uint8Array, offset: number): JournalRecord | null {
  const length = recordLength(bytes, offset);
  if (length === null) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
  const seq = view.getUint32(12, true);
  const rows = view.getUint32(16, true);
  const count = view.getUint32(20, true);
  const names: string[] = [];
  let at = 24;
  for (let i = 0; i < count; i++) {
    const nameLength = view.getUint16(at, true);
    names.push(decoder.decode(bytes.subarray(offset + at + 2, offset + at + 2 + nameLength)));
    at += 2 + nameLength;
  }
  const columns: Columns = {};
  for (const name of names) {
    const values = new Float64Array(rows);
    for (let row = 0; row < rows; row++, at += 8) values[row] = view.getFloat64(at, true);
    columns[name] = values;
  }
  return { length, seq, columns };
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
    scan.latest = Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, values[last] as number]),
    );
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
