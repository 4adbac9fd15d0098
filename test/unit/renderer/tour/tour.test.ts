import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { placePopover } from '../../../../renderer/tour/place.ts';
import { isQuickPreset, tourSteps, tourStudy } from '../../../../renderer/tour/steps.ts';
import { Tour } from '../../../../renderer/tour/tour.svelte.ts';
import { validateRequest } from '../../../../shared/requests.ts';
import type { Study } from '../../../../shared/study.ts';

const view = { width: 1280, height: 800 };
const size = { width: 340, height: 200 };

describe('the place of a popover', () => {
  it('is below its anchor, else above, beside, or over it', () => {
    expect(placePopover({ left: 500, top: 100, width: 100, height: 40 }, size, view)).toEqual({
      side: 'below',
      left: 380,
      top: 152,
      arrow: 170,
    });
    expect(placePopover({ left: 500, top: 700, width: 100, height: 40 }, size, view)).toMatchObject({
      side: 'above',
      top: 488,
    });
    expect(placePopover({ left: 24, top: 100, width: 600, height: 600 }, size, view)).toEqual({
      side: 'right',
      left: 636,
      top: 300,
      arrow: 100,
    });
    expect(placePopover({ left: 600, top: 100, width: 660, height: 600 }, size, view).side).toBe('left');
    expect(placePopover({ left: 0, top: 0, width: 1280, height: 800 }, size, view)).toMatchObject({
      side: 'over',
      top: 588,
    });
  });

  it('is in the window wherever it fits there, and its arrow on its edge', () => {
    const length = fc.integer({ min: 0, max: 2000 });
    fc.assert(
      fc.property(
        fc.record({
          left: fc.integer({ min: -500, max: 2000 }),
          top: fc.integer({ min: -500, max: 2000 }),
          width: length,
          height: length,
        }),
        fc.record({ width: fc.integer({ min: 40, max: 616 }), height: fc.integer({ min: 40, max: 376 }) }),
        fc.record({
          width: fc.integer({ min: 640, max: 2000 }),
          height: fc.integer({ min: 400, max: 1200 }),
        }),
        (anchor, popover, window) => {
          const { left, top, side, arrow } = placePopover(anchor, popover, window);
          expect(Math.min(left, top)).toBeGreaterThanOrEqual(12);
          expect(left + popover.width).toBeLessThanOrEqual(window.width - 12);
          expect(top + popover.height).toBeLessThanOrEqual(window.height - 12);
          const edge = side === 'left' || side === 'right' ? popover.height : popover.width;
          expect(arrow).toBeGreaterThanOrEqual(Math.min(18, edge - 18));
          expect(arrow).toBeLessThanOrEqual(edge - 18);
        },
      ),
    );
  });

  it('does not cover its anchor, but where it says so', () => {
    fc.assert(
      fc.property(
        fc.record({
          left: fc.integer({ min: 0, max: 1200 }),
          top: fc.integer({ min: 0, max: 760 }),
          width: fc.integer({ min: 1, max: 900 }),
          height: fc.integer({ min: 1, max: 700 }),
        }),
        (anchor) => {
          const { left, top, side } = placePopover(anchor, size, view);
          fc.pre(side !== 'over');
          const apart =
            left + size.width <= anchor.left ||
            left >= anchor.left + anchor.width ||
            top + size.height <= anchor.top ||
            top >= anchor.top + anchor.height;
          expect(apart).toBe(true);
        },
      ),
    );
  });
});

describe('the tour', () => {
  it('has at most four steps, and goes back and forth within them', () => {
    const home = vi.fn();
    const stored = new Map<string, string>();
    const storage = {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
    };
    const tour = new Tour(home, storage);
    expect(tourSteps.length).toBeLessThanOrEqual(4);
    expect([tour.step, tour.isSeen]).toEqual([null, false]);
    tour.next();
    expect(tour.step).toBeNull();
    tour.start();
    expect(home).toHaveBeenCalledOnce();
    tour.back();
    expect(tour.step).toBe(0);
    for (let i = 0; i < 9; i++) tour.next();
    expect(tour.step).toBe(tourSteps.length - 1);
    tour.end();
    expect([tour.step, tour.isSeen, new Tour(home, storage).isSeen]).toEqual([null, true, true]);
  });

  it('ends in a request that the host takes: one run of each family of a shipped preset', () => {
    const text = readFileSync(new URL('../../../../studies/miller-2023/study.json', import.meta.url), 'utf8');
    const study = JSON.parse(text) as Study;
    const request = tourStudy([{ study, cpu: null, notes: '' }]);
    expect(isQuickPreset(study.id)).toBe(true);
    expect(request).toMatchObject({ arms: ['nn-parity', 'gp-zero-one', 'linear-decoys'], seeds: 1 });
    expect(() => validateRequest('startStudy', request)).not.toThrow();
    expect(tourStudy([])).toBeNull();
    expect(tourStudy(null)).toBeNull();
  });
});
