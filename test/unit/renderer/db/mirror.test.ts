import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { Dexie } from 'dexie';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHUNK_ROWS } from '../../../../renderer/db/chunks.ts';
import { Mirror } from '../../../../renderer/db/mirror.ts';
import { RunDatabase } from '../../../../renderer/db/schema.ts';
import type { LatebloomError } from '../../../../shared/errors.ts';
import { joinBatches, type MetricBatch, type RunRecord } from '../../../../shared/run.ts';
import type { Snapshot } from '../../../../shared/snapshot.ts';
import { FakeHost } from './fake-host.ts';

let homes = 0;
const opened: Mirror[] = [];

/** A window: a mirror with what its listener heard. `home` shares a database between windows. */
async function openWindow(host: FakeHost, home: string) {
  const heard = {
    batches: [] as MetricBatch[],
    resets: [] as string[],
    problems: [] as (LatebloomError | null)[],
  };
  const db = new RunDatabase(home);
  const mirror = new Mirror(host, db, {
    changed: () => undefined,
    batch: (one) => heard.batches.push(one),
    reset: (runId) => {
      heard.resets.push(runId);
      heard.batches = heard.batches.filter((one) => one.runId !== runId);
    },
    problem: (problem) => heard.problems.push(problem),
  });
  host.onEvent((event) => mirror.handle(event));
  opened.push(mirror);
  await mirror.load();
  return { mirror, heard, db };
}

async function storedEfforts(mirror: Mirror, runId: string): Promise<number[]> {
  const { parts } = await mirror.readCurve(runId);
  return parts.flatMap((part) => [...(part['effort'] as Float64Array)]);
}

function journalEfforts(host: FakeHost, runId: string): number[] {
  return [...(joinBatches(runId, host.journals.get(runId) ?? []).columns['effort'] ?? [])];
}

const seqs = (batches: readonly MetricBatch[]): number[] => batches.map((one) => one.seq);

/** Lets fetches that events have started come to their end. */
async function settle(mirror: Mirror): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setTimeout(resolve, 0));
  await mirror.flush();
}

let host: FakeHost;
let home: string;

beforeEach(() => {
  host = new FakeHost();
  host.addStudy('s1', ['a', 'b']);
  home = `/home/${homes++}`;
});

afterEach(async () => {
  for (const mirror of opened.splice(0)) await mirror.close();
});

describe('findings', () => {
  const notes = (revision: number, text: string) => ({
    schemaVersion: 1 as const,
    studyId: 's1',
    notes: text,
    views: [],
    revision,
    savedAt: '2026-11-25T10:00:00.000Z',
  });

  it('are there without a host, follow the host, and go with their study', async () => {
    host.findings.set('s1', notes(1, 'first'));
    const first = await openWindow(host, home);
    await first.mirror.sync();
    host.emit({ type: 'findings', findings: notes(2, 'second') });
    await first.mirror.close();

    const offline = await openWindow(new FakeHost(), home);
    expect(offline.mirror.findings.get('s1')).toEqual(notes(2, 'second'));
    await offline.mirror.close();

    host.findings.clear();
    const later = await openWindow(host, home);
    await later.mirror.sync();
    expect(later.mirror.findings.size).toBe(0);
    host.emit({ type: 'findings', findings: notes(1, 'again') });
    host.emit({ type: 'study-deleted', studyId: 's1' });
    await settle(later.mirror);
    expect(await later.db.findings.count()).toBe(0);
  });
});

describe('sync', () => {
  it('fetches what the journal holds and keeps it for a window without a host', async () => {
    host.append('a', 70);
    const first = await openWindow(host, home);
    await first.mirror.sync();
    expect(seqs(first.heard.batches)).toEqual(Array.from({ length: 70 }, (_, seq) => seq));
    await first.mirror.close();

    const offline = await openWindow(new FakeHost(), home);
    expect(offline.mirror.studies.get('s1')?.study.title).toBe('A small study');
    expect(offline.mirror.runs.get('a')?.batches).toBe(70);
    expect(await storedEfforts(offline.mirror, 'a')).toEqual(journalEfforts(host, 'a'));
  });

  it('drops what it fetches of a run that is retried meanwhile', async () => {
    host.append('a', 5);
    host.change('a', { startedAt: '2026-03-01T10:00:00.000Z' });
    const { mirror, heard } = await openWindow(host, home);
    await mirror.sync();
    expect(seqs(heard.batches)).toEqual([0, 1, 2, 3, 4]);
    host.append('b', 5, 3, 0.25);
    host.change('b', { startedAt: '2026-03-01T10:00:00.000Z' });
    let open = (): void => undefined;
    host.gate = new Promise((resolve) => (open = resolve));
    const syncing = mirror.sync();
    while (!host.reads.some(({ runId }) => runId === 'b'))
      await new Promise((resolve) => setTimeout(resolve, 0));
    // A first batch of the old try arrives live, then the retry.
    mirror.handle({ type: 'batch', batch: (host.journals.get('b') as MetricBatch[])[0] as MetricBatch });
    host.cut('b', 0);
    mirror.handle({ type: 'run', run: host.change('b', { status: 'queued', startedAt: null, batches: 0 }) });
    open();
    host.gate = null;
    await syncing;
    await settle(mirror);
    expect(await storedEfforts(mirror, 'b')).toEqual([]);
    expect(heard.resets).toEqual(['b']);
  });

  it('goes on with a store of an older version by fetching everything anew', async () => {
    const old = new Dexie(new RunDatabase(home).name);
    old.version(3).stores({
      studies: 'id, createdAt',
      runs: 'id, studyId, family, status, createdAt',
      chunks: '[runId+seq]',
      snapshots: '[runId+effort]',
      overviews: '[runId+quantity]',
      findings: 'studyId',
    });
    const [record] = host.runs.values();
    await old.table('runs').put({ ...record, record, batches: 3 });
    await old.table('snapshots').put({ runId: 'a', effort: 0, arrays: {} });
    old.close();

    const shown: Snapshot = { effort: 1, arrays: { 'weights.values': Float64Array.of(2) } };
    const [first] = host.append('a', 3);
    (first as MetricBatch).snapshots = [shown];
    const { mirror, db } = await openWindow(host, home);
    expect(mirror.runs.size).toBe(0);
    await mirror.sync();
    expect(await storedEfforts(mirror, 'a')).toEqual(journalEfforts(host, 'a'));
    expect(await mirror.readSnapshots('a')).toEqual([shown]);
    expect(db.tables.map(({ name }) => name)).not.toContain('snapshots');
  });

  it('asks nothing about a run whose content it has', async () => {
    host.append('a', 5);
    host.change('a', { status: 'finished', contentId: 'c1' });
    const first = await openWindow(host, home);
    await first.mirror.sync();
    await first.mirror.close();
    host.reads.length = 0;

    const second = await openWindow(host, home);
    await second.mirror.sync();
    expect(host.reads).toEqual([]);
  });

  it('goes on with a run that was extended after it had ended', async () => {
    host.append('a', 5);
    host.change('a', { status: 'finished', contentId: 'c1', startedAt: '2026-03-01T10:00:00.000Z' });
    const first = await openWindow(host, home);
    await first.mirror.sync();
    host.emit({ type: 'run', run: host.change('a', { status: 'queued', contentId: null }) });
    for (const added of host.append('a', 2)) host.emit({ type: 'batch', batch: added });
    await first.mirror.close();

    host.append('a', 3);
    host.change('a', { status: 'finished', contentId: 'c2' });
    const second = await openWindow(host, home);
    await second.mirror.sync();
    expect([...first.heard.resets, ...second.heard.resets]).toEqual([]);
    expect(await storedEfforts(second.mirror, 'a')).toEqual(journalEfforts(host, 'a'));
    expect(second.mirror.runs.get('a')?.contentId).toBe('c2');
  });

  it('goes on where a lost connection had left it', async () => {
    host.append('a', 100);
    host.readsLeft = 2;
    const first = await openWindow(host, home);
    await first.mirror.sync();
    expect(seqs(first.heard.batches)).toEqual(Array.from({ length: 24 }, (_, seq) => seq));
    await first.mirror.close();

    host.readsLeft = null;
    host.reads.length = 0;
    const second = await openWindow(host, home);
    await second.mirror.sync();
    expect(host.reads[0]).toEqual({ runId: 'a', fromSeq: 23, limit: 8 });
    expect(await storedEfforts(second.mirror, 'a')).toEqual(journalEfforts(host, 'a'));
    expect(second.heard.resets).toEqual([]);
  });

  it('fetches a curve anew when a restarted host has cut its journal and continued it otherwise', async () => {
    host.append('a', 10);
    const { mirror, heard } = await openWindow(host, home);
    await mirror.sync();
    host.cut('a', 6);
    host.append('a', 8, 3, 0.5);
    await mirror.sync();
    expect(heard.resets).toEqual(['a']);
    expect(await storedEfforts(mirror, 'a')).toEqual(journalEfforts(host, 'a'));
    expect(seqs(heard.batches)).toEqual(Array.from({ length: 14 }, (_, seq) => seq));
  });

  it('fetches a curve anew when the journal is shorter than what is here', async () => {
    host.append('a', 10);
    const { mirror, heard } = await openWindow(host, home);
    await mirror.sync();
    host.cut('a', 0);
    await mirror.sync();
    expect(heard.resets).toEqual(['a']);
    expect(await storedEfforts(mirror, 'a')).toEqual([]);
  });

  it('forgets the curve of a run that is retried while it watches, and follows the new one', async () => {
    host.append('a', 10);
    const { mirror, heard } = await openWindow(host, home);
    host.change('a', { startedAt: '2026-03-01T10:00:00.000Z' });
    await mirror.sync();
    host.cut('a', 0);
    host.change('a', { status: 'queued', startedAt: null, batches: 0 });
    mirror.handle({ type: 'run', run: host.runs.get('a') as RunRecord });
    expect(heard.resets).toEqual(['a']);
    host.append('a', 4, 3, 0.5);
    mirror.handle({ type: 'run', run: host.runs.get('a') as RunRecord });
    await settle(mirror);
    expect(seqs(heard.batches)).toEqual([0, 1, 2, 3]);
    expect(await storedEfforts(mirror, 'a')).toEqual(journalEfforts(host, 'a'));
  });

  it('forgets studies that the host no longer has, with their curves', async () => {
    host.addStudy('s2', ['x']);
    host.append('x', 3);
    const { mirror, db } = await openWindow(host, home);
    await mirror.sync();
    host.studies.delete('s2');
    host.runs.delete('x');
    await mirror.sync();
    expect([...mirror.studies.keys()]).toEqual(['s1']);
    expect(await db.runs.toCollection().primaryKeys()).toEqual(['a', 'b']);
    expect(await db.chunks.where('[runId+seq]').between(['x', 0], ['x', 9]).count()).toBe(0);
  });

  it('says so when the host delivers fewer batches than it lists', async () => {
    host.append('a', 3);
    host.change('a', { batches: 5 });
    const { mirror, heard } = await openWindow(host, home);
    await mirror.sync();
    expect(heard.problems.map((problem) => problem?.message)).toEqual([
      'The curve of a could not be read from the host: The host lists 5 batches and delivered 3.',
    ]);
    expect(seqs(heard.batches)).toEqual([0, 1, 2]);
  });
});

describe('live batches', () => {
  it('are delivered once and in order, however they arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 11 }), { maxLength: 30 }),
        fc.nat({ max: 12 }),
        async (order, known) => {
          const one = new FakeHost();
          one.addStudy('s1', ['a']);
          one.append('a', known);
          const { mirror, heard } = await openWindow(one, `/home/${homes++}`);
          await mirror.sync();
          const rest = one.append('a', 12 - known);
          const all = [...(one.journals.get('a') ?? [])];
          for (const seq of order) one.emit({ type: 'batch', batch: all[seq] as MetricBatch });
          const last = rest.at(-1);
          if (last !== undefined) one.emit({ type: 'batch', batch: last });
          await settle(mirror);
          expect(seqs(heard.batches)).toEqual(all.map((batch) => batch.seq));
          expect(await storedEfforts(mirror, 'a')).toEqual(journalEfforts(one, 'a'));
          expect(heard.problems).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('that arrive while the rest is fetched wait for it', async () => {
    host.append('a', 6);
    let open = (): void => undefined;
    host.gate = new Promise((resolve) => {
      open = resolve;
    });
    const { mirror, heard } = await openWindow(host, home);
    const syncing = mirror.sync();
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const live of host.append('a', 2)) host.emit({ type: 'batch', batch: live });
    expect(heard.batches).toEqual([]);
    open();
    await syncing;
    expect(seqs(heard.batches)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('that never arrived are fetched when the record counts them', async () => {
    const { mirror, heard } = await openWindow(host, home);
    await mirror.sync();
    host.append('a', 4);
    host.emit({ type: 'run', run: host.change('a', { status: 'finished', contentId: 'c' }) });
    await settle(mirror);
    expect(seqs(heard.batches)).toEqual([0, 1, 2, 3]);
  });

  it('are not trusted to continue a curve before it is checked against a restarted host', async () => {
    host.append('a', 4);
    const { mirror, heard } = await openWindow(host, home);
    await mirror.sync();
    host.cut('a', 2);
    host.append('a', 2, 3, 0.5);
    const syncing = mirror.sync();
    const [live] = host.append('a', 1, 3, 0.5);
    host.emit({ type: 'batch', batch: live as MetricBatch });
    await syncing;
    await settle(mirror);
    expect(heard.resets).toEqual(['a']);
    expect(await storedEfforts(mirror, 'a')).toEqual(journalEfforts(host, 'a'));
  });
});

describe('the store', () => {
  it('joins small batches into chunks and starts a new one when a chunk is full', async () => {
    host.append('a', 20, 1000);
    const { mirror, db } = await openWindow(host, home);
    await mirror.sync();
    const chunks = await db.chunks.toArray();
    const rows = chunks.map((chunk) => chunk.columns['effort']?.length ?? 0);
    expect(rows.reduce((sum, one) => sum + one, 0)).toBe(20_000);
    expect(rows.slice(0, -1).every((one) => one >= CHUNK_ROWS && one < CHUNK_ROWS + 1000)).toBe(true);
    expect(chunks.flatMap((chunk) => chunk.rows)).toEqual(Array<number>(20).fill(1000));
  });

  it('holds a curve once when two windows write it', async () => {
    const one = await openWindow(host, home);
    const two = await openWindow(host, home);
    host.onEvent((event) => {
      one.mirror.handle(event);
      two.mirror.handle(event);
    });
    await Promise.all([one.mirror.sync(), two.mirror.sync()]);
    for (let i = 0; i < 5; i += 1) {
      for (const live of host.append('a', 3)) host.emit({ type: 'batch', batch: live });
      await Promise.all([one.mirror.flush(), two.mirror.flush()]);
    }
    expect(await storedEfforts(two.mirror, 'a')).toEqual(journalEfforts(host, 'a'));
    expect((await one.db.runs.get('a'))?.batches).toBe(15);
  });

  it('drops a deleted study, also when it is imported again at once', async () => {
    host.append('a', 3);
    const { mirror, db } = await openWindow(host, home);
    await mirror.sync();
    host.emit({ type: 'study-deleted', studyId: 's1' });
    await mirror.flush();
    expect(await db.studies.count()).toBe(0);
    expect(await db.runs.count()).toBe(0);
    expect(await db.chunks.count()).toBe(0);

    host.cut('a', 0);
    host.append('a', 1, 9, 0.25);
    host.emit({ type: 'study', study: host.studies.get('s1') as never });
    host.emit({ type: 'run', run: host.runs.get('a') as never });
    await settle(mirror);
    expect(await storedEfforts(mirror, 'a')).toEqual(journalEfforts(host, 'a'));
  });

  it('reports a full store once, goes on without it, and catches up when there is room again', async () => {
    const { mirror, heard, db } = await openWindow(host, home);
    await mirror.sync();
    const full = new DOMException('full', 'QuotaExceededError');
    const refuse = (): never => {
      throw full;
    };
    db.chunks.hook('creating').subscribe(refuse);
    for (const live of host.append('a', 2)) host.emit({ type: 'batch', batch: live });
    await mirror.flush();
    for (const live of host.append('a', 2)) host.emit({ type: 'batch', batch: live });
    await mirror.flush();
    expect(heard.problems.map((problem) => problem?.code)).toEqual(['disk-full']);
    expect(seqs(heard.batches)).toEqual([0, 1, 2, 3]);
    // What the store could not take comes from the host.
    expect(await storedEfforts(mirror, 'a')).toEqual(journalEfforts(host, 'a'));

    db.chunks.hook('creating').unsubscribe(refuse);
    await mirror.close();
    const later = await openWindow(host, home);
    await later.mirror.sync();
    expect((await later.db.runs.get('a'))?.batches).toBe(4);
    expect(later.heard.problems).toEqual([]);
  });
});
