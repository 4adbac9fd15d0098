import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DamagedJournalError } from '../../../main/journal/format.ts';
import { diskIo, Journal, JournalReader } from '../../../main/journal/journal.ts';
import type { Columns } from '../../../main/scheduler/protocol.ts';

let folder = '';
let counter = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latebloom-journal-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const newPath = (): string => join(folder, `${counter++}.bin`);

/** Batches with strictly increasing efforts and arbitrary metric values. */
const batchesOf = fc
  .array(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 })
  .map((values) => {
    let effort = 0;
    return values.map((rows): Columns => ({
      effort: Float64Array.from(rows, () => effort++),
      seconds: Float64Array.from(rows, (_, i) => i / 7),
      'weight:x^2 é': Float64Array.from(rows),
    }));
  });

async function write(path: string, batches: readonly Columns[]): Promise<number[]> {
  const journal = await Journal.open(path);
  const ends = [statSync(path).size];
  for (const batch of batches) {
    await journal.append(batch);
    ends.push(statSync(path).size);
  }
  await journal.sync();
  await journal.close();
  return ends;
}

async function readAll(path: string): Promise<Columns[]> {
  const records = await new JournalReader(path).batches(0, 1000);
  return records.map((record) => record.columns);
}

describe('a journal', () => {
  it('gives back what was appended, bit for bit, over several openings', async () => {
    await fc.assert(
      fc.asyncProperty(batchesOf, fc.nat(4), async (batches, cut) => {
        const path = newPath();
        await write(path, batches.slice(0, cut));
        await write(path, batches.slice(cut));
        expect(await readAll(path)).toEqual(batches);
      }),
      { numRuns: 30 },
    );
  });

  it('gives back the snapshots of each batch, bit for bit', async () => {
    const snapshots = fc.array(
      fc.record({
        effort: fc.nat(),
        arrays: fc.dictionary(
          fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__proto__'),
          fc.float64Array({ maxLength: 6 }),
          { maxKeys: 3, noNullPrototype: true },
        ),
      }),
      { maxLength: 3 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(snapshots, { minLength: 1, maxLength: 4 }), async (batches) => {
        const path = newPath();
        const journal = await Journal.open(path);
        for (const [i, batch] of batches.entries())
          await journal.append({ effort: Float64Array.of(i) }, batch);
        await journal.close();
        const records = await new JournalReader(path).batches(0, 10);
        expect(records.map((record) => record.snapshots)).toEqual(batches);
      }),
      { numRuns: 30 },
    );
  });

  it('loses at most the last record when cut at any byte, and goes on after it', async () => {
    await fc.assert(
      fc.asyncProperty(batchesOf, fc.double({ min: 0, max: 1, noNaN: true }), async (batches, share) => {
        const path = newPath();
        const ends = await write(path, batches);
        const whole = readFileSync(path);
        const size = Math.floor(share * whole.length);
        writeFileSync(path, whole.subarray(0, size));
        const intact = Math.max(0, ends.filter((end) => end <= size).length - 1);
        expect(await readAll(path)).toEqual(batches.slice(0, intact));

        const journal = await Journal.open(path);
        expect(journal.batches).toBe(intact);
        await journal.close();
        await write(path, batches.slice(intact));
        expect(readFileSync(path)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('never gives back a flipped byte: it is damage, or a lost last record', async () => {
    await fc.assert(
      fc.asyncProperty(
        batchesOf,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        async (batches, share, flip) => {
          const path = newPath();
          const ends = await write(path, batches);
          const bytes = readFileSync(path);
          const at = Math.floor(share * bytes.length);
          bytes[at] = (bytes[at] as number) ^ flip;
          writeFileSync(path, bytes);
          const intact = ends.filter((end) => end <= at).length - 1;
          const inLast = intact === batches.length - 1;
          const reader = new JournalReader(path);
          await expect(reader.all(batches.length)).rejects.toBeInstanceOf(DamagedJournalError);
          if (inLast) {
            expect(await readAll(path)).toEqual(batches.slice(0, intact));
          } else {
            await expect(Journal.open(path)).rejects.toMatchObject({
              code: 'damaged-journal',
              offset: intact < 0 ? 0 : ends[intact],
            });
            expect(readFileSync(path)).toEqual(bytes);
            if (intact > 0) expect(await readAll(path)).toEqual(batches.slice(0, intact));
            await expect(reader.batches(Math.max(0, intact), 1)).rejects.toBeInstanceOf(DamagedJournalError);
          }
        },
      ),
      { numRuns: 120 },
    );
  });

  it('is empty where there is no file', async () => {
    expect(await readAll(newPath())).toEqual([]);
  });

  it('refuses rows that do not follow the last one, and stays readable', async () => {
    const path = newPath();
    const batch = (effort: number): Columns => ({
      effort: Float64Array.of(effort),
      seconds: Float64Array.of(0),
    });
    const journal = await Journal.open(path);
    await journal.append(batch(5));
    await expect(journal.append(batch(5))).rejects.toThrow('cannot follow');
    await journal.append(batch(6));
    await journal.close();
    expect((await new JournalReader(path).all(2)).map((record) => record.columns)).toEqual([
      batch(5),
      batch(6),
    ]);
  });

  it('appends at the same place after a write that failed halfway', async () => {
    const path = newPath();
    const batch = (effort: number): Columns => ({
      effort: Float64Array.of(effort),
      seconds: Float64Array.of(0),
    });
    let full = false;
    const journal = await Journal.open(path, {
      ...diskIo,
      write: async (file, bytes, position) => {
        await diskIo.write(file, full ? bytes.subarray(0, 9) : bytes, position);
        if (full) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      },
    });
    await journal.append(batch(0));
    full = true;
    await expect(journal.append(batch(1))).rejects.toThrow('ENOSPC');
    full = false;
    await journal.append(batch(1));
    await journal.close();
    expect(await readAll(path)).toEqual([batch(0), batch(1)]);
  });

  it('is followed by a reader while it grows', async () => {
    const path = newPath();
    const journal = await Journal.open(path);
    const reader = new JournalReader(path);
    for (let effort = 0; effort < 3; effort++) {
      expect((await reader.refresh()).entries.length).toBe(effort);
      await journal.append({ effort: Float64Array.of(effort), seconds: Float64Array.of(0) });
      const [record] = await reader.batches(effort, 10);
      expect(record?.columns['effort']).toEqual(Float64Array.of(effort));
    }
    await journal.close();
  });
});
