import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FigureGrid } from '../../../../shared/charts/figure.ts';
import { cellWords } from '../../../../shared/charts/grid-words.ts';

function gridOf(texts: (string | null)[], words: boolean): FigureGrid {
  return {
    key: 'g',
    label: 'delay',
    xTicks: texts.map(String),
    yTicks: ['0'],
    cells: texts.map((text) => ({
      value: text === null ? null : 1,
      text: text ?? '—',
      said: '',
      hatched: false,
      row: [],
    })),
    scale: words ? { words: ['memorization'], colors: ['#000000'] } : 'linear',
    contours: null,
    columns: [],
  };
}

const phases = gridOf(['memorization\n2 of 3', 'grokking', null], true);

describe('cellWords', () => {
  it('are whole where they fit, smaller in smaller cells', () => {
    expect(cellWords(phases, 120, 60)).toEqual({
      size: 12,
      lines: [['memorization', '2 of 3'], ['grokking'], ['—']],
    });
    expect(cellWords(phases, 76, 60)?.size).toBe(10);
  });

  it('are the seeds alone where the legend says the phase', () => {
    expect(cellWords(phases, 50, 40)).toEqual({ size: 12, lines: [['2 of 3'], [], ['—']] });
  });

  it('leave out no number, and are none at all where one has no room', () => {
    const delays = gridOf(['≥ 123,456', '7', null], false);
    expect(cellWords(delays, 60, 40)?.lines).toEqual([['≥ 123,456'], ['7'], ['—']]);
    expect(cellWords(delays, 30, 40)).toBeNull();
    expect(cellWords(delays, 60, 12)).toBeNull();
  });

  it('have the width and height of their cells at 0.56 of the size a character', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,14}(\n[0-9] of [0-9])?$/), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(words, fc.boolean(), fc.nat(200), fc.nat(80), (texts, named, width, height) => {
        const shown = cellWords(gridOf(texts, named), width, height);
        if (shown === null) return;
        for (const lines of shown.lines) {
          expect(Math.max(0, ...lines.map((line) => line.length)) * 0.56 * shown.size).toBeLessThanOrEqual(
            width,
          );
          expect(lines.length * shown.size).toBeLessThanOrEqual(height);
        }
      }),
    );
  });
});
