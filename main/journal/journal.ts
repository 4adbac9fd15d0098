/** The log of one run on disk: batches are only ever appended, and each is checksummed. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Snapshot } from '../../shared/snapshot.ts';
import type { Columns } from '../scheduler/protocol.ts';
import { systemCode } from './files.ts';
import {
  continueScan,
  DamagedJournalError,
  decodeRecord,
  emptyScan,
  encodeRecord,
  journalHeader,
  type JournalRecord,
  type JournalScan,
} from './format.ts';

/** How a journal reaches the disk; tests put a full disk in its place. */
export interface JournalIo {
  /** Writes all bytes at this position. */
  write(file: FileHandle, bytes: Uint8Array, position: number): Promise<void>;
  sync(file: FileHandle): Promise<void>;
}

export const diskIo: JournalIo = {
  write: async (file, bytes, position) => {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  },
  sync: (file) => file.datasync(),
};

/** The one writer of a journal. Calls must not overlap: the run's queue sees to that. */
export class Journal {
  readonly #file: FileHandle;
  readonly #io: JournalIo;
  readonly #scan: JournalScan;

  private constructor(file: FileHandle, io: JournalIo, scan: JournalScan) {
    this.#file = file;
    this.#io = io;
    this.#scan = scan;
  }

  /**
   * Opens for appending, creating the file when there is none, and cuts off a torn last record.
   * @throws DamagedJournalError when the fault is not at the end: the file is left as it is.
   */
  static async open(path: string, io: JournalIo = diskIo): Promise<Journal> {
    const file = await open(path, 'a+').then(async (created) => {
      // Appending mode ignores positions on Linux, and positions are what overwrites a half-written record.
      await created.close();
      return open(path, 'r+');
    });
    try {
      const scan = emptyScan();
      const { size } = await file.stat();
      continueScan(scan, await readBytes(file, 0, size));
      if (scan.fault !== null) throw new DamagedJournalError(path, scan.end, scan.fault);
      if (scan.end < size) await file.truncate(scan.end);
      if (scan.end === 0) {
        await io.write(file, journalHeader, 0);
        scan.end = journalHeader.length;
      }
      return new Journal(file, io, scan);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Batches written: the next has this `seq`. */
  get batches(): number {
    return this.#scan.entries.length;
  }

  /** Effort of the last row; −1 before the first. */
  get lastEffort(): number {
    return this.#scan.lastEffort;
  }

  get latest(): Record<string, number> {
    return this.#scan.latest;
  }

  /**
   * Appends rows. When the write fails nothing is appended: the next one starts at the same place.
   * @throws Error when efforts do not increase strictly from the last row on; nothing is written
   */
  async append(columns: Columns, snapshots: readonly Snapshot[] = []): Promise<void> {
    let last = this.lastEffort;
    for (const effort of columns['effort'] ?? [Number.NaN]) {
      if (!(effort > last)) throw new Error(`A row at effort ${effort} cannot follow the one at ${last}.`);
      last = effort;
    }
    const record = encodeRecord(this.batches, columns, snapshots);
    await this.#io.write(this.#file, record, this.#scan.end);
    continueScan(this.#scan, record);
  }

  async sync(): Promise<void> {
    await this.#io.sync(this.#file);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Reads a journal, also while it is being written; knows where each batch stands after the first look. */
export class JournalReader {
  readonly #path: string;
  #scan: JournalScan = emptyScan();

  constructor(path: string) {
    this.#path = path;
  }

  /** Brings the index up to date with the file. A file that is not there is an empty journal. */
  async refresh(): Promise<JournalScan> {
    const size = await stat(this.#path).then(
      (stats) => stats.size,
      (error: unknown) => {
        if (systemCode(error) === 'ENOENT') return 0;
        throw error;
      },
    );
    if (size < this.#scan.end) this.#scan = emptyScan();
    if (size > this.#scan.end && this.#scan.fault === null) {
      const scan = this.#scan;
      continueScan(scan, await this.#read(scan.end, size));
    }
    return this.#scan;
  }

  /**
   * The batches from `fromSeq` on, at most `limit`.
   * @throws DamagedJournalError when the first of them would stand behind damage.
   */
  async batches(fromSeq: number, limit: number): Promise<JournalRecord[]> {
    const { entries, fault, end } = await this.refresh();
    if (fault !== null && fromSeq >= entries.length) throw new DamagedJournalError(this.#path, end, fault);
    const wanted = entries.slice(fromSeq, fromSeq + limit);
    const first = wanted[0];
    const last = wanted[wanted.length - 1];
    if (first === undefined || last === undefined) return [];
    const bytes = await this.#read(first.offset, last.offset + last.length);
    return wanted.map((entry) => {
      const record = decodeRecord(bytes, entry.offset - first.offset);
      if (record === null)
        throw new DamagedJournalError(this.#path, entry.offset, 'it changed since it was last read');
      return record;
    });
  }

  /** @throws DamagedJournalError when the file is damaged, or holds fewer than `expected` batches. */
  async all(expected: number): Promise<JournalRecord[]> {
    const { entries, fault, end } = await this.refresh();
    if (fault !== null) throw new DamagedJournalError(this.#path, end, fault);
    if (entries.length < expected) {
      throw new DamagedJournalError(
        this.#path,
        end,
        `it ends after ${entries.length} of ${expected} batches`,
      );
    }
    return this.batches(0, entries.length);
  }

  async #read(from: number, to: number): Promise<Uint8Array> {
    const file = await open(this.#path, 'r');
    try {
      return await readBytes(file, from, to);
    } finally {
      await file.close();
    }
  }
}

async function readBytes(file: FileHandle, from: number, to: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(to - from);
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, from + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
