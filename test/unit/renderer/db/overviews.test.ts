import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Mirror } from '../../../../renderer/db/mirror.ts';
import { RunDatabase } from '../../../../renderer/db/schema.ts';
import { OverviewStore } from '../../../../renderer/stores/overviews.ts';
import type { MetricColumn } from '../../../../shared/run.ts';
import { FakeHost } from './fake-host.ts';

const loss: MetricColumn = {
  name: 'trainLoss',
  label: 'train loss',
  quantity: 'loss',
  unit: '',
  split: 'train',
  direction: 'lower',
};
let homes = 0;
const opened: Mirror[] = [];
let host: FakeHost;
let home: string;

async function openWindow(of: FakeHost): Promise<{ mirror: Mirror; db: RunDatabase }> {
  const db = new RunDatabase(home);
  const mirror = new Mirror(of, db, {
    changed: () => undefined,
    batch: () => undefined,
    reset: () => undefined,
    problem: () => undefined,
  });
  of.onEvent((event) => mirror.handle(event));
  opened.push(mirror);
  await mirror.load();
  return { mirror, db };
}

const wanted = (...ids: string[]): Map<string, string> => new Map(ids.map((id) => [id, 'loss']));

beforeEach(() => {
  host = new FakeHost();
  host.addStudy('s1', ['a', 'b']);
  home = `/overviews/${homes++}`;
  for (const id of ['a', 'b']) {
    host.append(id, 3);
    host.change(id, { status: 'finished', columns: [loss] });
  }
});

afterEach(async () => {
  for (const mirror of opened.splice(0)) await mirror.close();
});

describe('overviews of ended runs', () => {
  it('are made from the curve, stored, and read without a host', async () => {
    const { mirror, db } = await openWindow(host);
    await mirror.sync();
    const [made] = await mirror.readOverviews(wanted('a'));
    expect([...(made?.columns['effort'] ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(made).toMatchObject({ runId: 'a', quantity: 'loss', batches: 3, recorded: { trainLoss: 9 } });
    expect(await db.overviews.count()).toBe(1);
    await mirror.close();

    const offline = await openWindow(new FakeHost());
    // Not even its chunks are needed.
    await offline.db.chunks.clear();
    expect(await offline.mirror.readOverviews(wanted('a'))).toEqual([made]);
  });

  it('are made again when the run has gone on', async () => {
    const { mirror } = await openWindow(host);
    await mirror.sync();
    await mirror.readOverviews(wanted('a'));
    host.append('a', 1);
    await mirror.sync();
    const [again] = await mirror.readOverviews(wanted('a'));
    expect(again?.batches).toBe(4);
    expect(again?.columns['effort']).toHaveLength(12);
  });

  it('go with a curve that turns out to be another one', async () => {
    const { mirror, db } = await openWindow(host);
    await mirror.sync();
    await mirror.readOverviews(wanted('a', 'b'));
    // After a crash the journal was cut and continued to the same length.
    host.cut('a', 2);
    host.append('a', 1, 3, 0.5);
    await mirror.sync();
    expect((await db.overviews.toArray()).map(({ runId }) => runId)).toEqual(['b']);
    const [again] = await mirror.readOverviews(wanted('a'));
    expect(again?.columns['effort']?.at(-1)).toBe(8.5);
  });

  it('are fetched for when the curve is not here yet, and made of what is here when it cannot be', async () => {
    const { mirror, db } = await openWindow(host);
    await mirror.fetchRecords();
    const [made] = await mirror.readOverviews(wanted('a'));
    expect(made?.batches).toBe(3);
    host.readsLeft = 0;
    const [partial] = await mirror.readOverviews(wanted('b'));
    expect(partial?.batches ?? 0).toBe(0);
    expect((await db.overviews.toArray()).map(({ runId }) => runId)).toEqual(['a']);
  });

  it('are listed as missing until they are made', async () => {
    const { mirror } = await openWindow(host);
    await mirror.sync();
    expect((await mirror.runsWithoutOverview()).map(({ id }) => id)).toEqual(['a', 'b']);
    await mirror.makeOverviews('a');
    expect((await mirror.runsWithoutOverview()).map(({ id }) => id)).toEqual(['b']);
  });
});

describe('OverviewStore', () => {
  it('reads each once, while the run stays as it is', async () => {
    const { mirror } = await openWindow(host);
    await mirror.sync();
    const asked: string[][] = [];
    const store = new OverviewStore((missing) => {
      asked.push([...missing.keys()]);
      return mirror.readOverviews(missing);
    });
    const runs = (...ids: string[]) =>
      ids.map((id) => ({ run: mirror.runs.get(id) ?? expect.fail(), quantity: 'loss' }));
    await Promise.all([store.read(runs('a')), store.read(runs('a', 'b'))]);
    expect((await store.read(runs('a', 'b'))).map(({ runId }) => runId)).toEqual(['a', 'b']);
    expect(asked).toEqual([['a'], ['b']]);
    store.forget('a');
    await store.read(runs('a'));
    expect(asked.at(-1)).toEqual(['a']);
    host.append('b', 1);
    await mirror.sync();
    const [b] = await store.read(runs('b'));
    expect(b?.batches).toBe(4);
  });
});
