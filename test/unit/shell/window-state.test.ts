import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crashResponse } from '../../../main/shell/crash.ts';
import {
  MIN_HEIGHT,
  MIN_WIDTH,
  readWindowState,
  windowPlace,
  writeWindowState,
} from '../../../main/shell/window-state.ts';

const desk = { x: 0, y: 25, width: 1920, height: 1055 };
const left = { x: -1920, y: 0, width: 1920, height: 1080 };
const kept = { x: 100, y: 100, width: 1200, height: 800, maximized: false };

describe('windowPlace', () => {
  it('is the default place the first time', () => {
    expect(windowPlace(null, [desk])).toEqual({ width: 1280, height: 860, maximized: false });
  });

  it('is where the window was, on any display', () => {
    expect(windowPlace(kept, [desk])).toEqual(kept);
    expect(windowPlace({ ...kept, x: -1500 }, [desk, left])).toEqual({ ...kept, x: -1500 });
  });

  it('is the default place when that display is gone', () => {
    expect(windowPlace({ ...kept, x: -1500, maximized: true }, [desk])).toEqual({
      width: 1280,
      height: 860,
      maximized: true,
    });
  });

  it('always leaves the title bar within reach and the window large enough', () => {
    const state = fc.record({
      x: fc.integer({ min: -5000, max: 5000 }),
      y: fc.integer({ min: -5000, max: 5000 }),
      width: fc.integer({ min: 1, max: 5000 }),
      height: fc.integer({ min: 1, max: 5000 }),
      maximized: fc.boolean(),
    });
    fc.assert(
      fc.property(state, (before) => {
        const { x, y, width, height } = windowPlace(before, [desk, left]);
        expect(width).toBeGreaterThanOrEqual(MIN_WIDTH);
        expect(height).toBeGreaterThanOrEqual(MIN_HEIGHT);
        if (x === undefined || y === undefined) return;
        const reachable = [desk, left].some(
          (area) => x < area.x + area.width && x + width > area.x && y >= area.y && y < area.y + area.height,
        );
        expect(reachable).toBe(true);
      }),
    );
  });
});

describe('the state file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latebloom-window-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('gives back what was written', async () => {
    const file = join(folder, 'state.json');
    expect(await readWindowState(file)).toBeNull();
    await writeWindowState(file, kept);
    expect(await readWindowState(file)).toEqual(kept);
  });

  it.each(['', '{', '[]', 'null', '{"x":1}', '{"x":"1","y":0,"width":1,"height":1,"maximized":false}'])(
    'counts as missing when it holds %j',
    async (text) => {
      const file = join(folder, 'damaged.json');
      await writeFile(file, text);
      expect(await readWindowState(file)).toBeNull();
    },
  );
});

describe('crashResponse', () => {
  it.each<[string, number[], number, string]>([
    ['clean-exit', [], 0, 'ignore'],
    ['crashed', [], 0, 'reload'],
    ['oom', [], 1e6, 'reload'],
    ['crashed', [1000], 2000, 'ask'],
    ['killed', [0, 1000], 60_999, 'ask'],
    ['killed', [0, 1000], 61_000, 'reload'],
    ['clean-exit', [1000], 1001, 'ignore'],
  ])('%s after crashes at %j, at %i: %s', (reason, earlier, now, response) => {
    expect(crashResponse(reason, earlier, now)).toBe(response);
  });
});
