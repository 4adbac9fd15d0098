/** What every drawing of a figure agrees on: colours on a theme, the place of 0 on a log axis, the words of marks. */
import { zeroPosition } from '../axis.ts';
import { allX, type Figure, type MarkSymbol, type Scale } from './figure.ts';
import { mix, onRamp, readable, type LineSymbol, type Look } from './palette.ts';

export interface ChartTheme {
  background: string;
  text: string;
  muted: string;
  line: string;
}

/** Exported figures are always light: they go on paper. */
export const printTheme: ChartTheme = {
  background: '#ffffff',
  text: '#1a1a1a',
  muted: '#595959',
  line: '#d9d9d9',
};

export const markTitles: Record<MarkSymbol, string> = {
  fit: 'fit step',
  generalization: 'generalization step',
  censored: 'censored: not seen up to here',
  failed: 'the run failed',
};

/** Of symbols on lines, around (0, 0). */
export const symbolOutlines: Record<LineSymbol, string> = {
  square: 'M-3.5 -3.5h7v7h-7Z',
  'triangle-down': 'M-4.5 -3.5h9L0 4.5Z',
  cross: 'M-1.5 -4.5h3v3h3v3h-3v3h-3v-3h-3v-3h3Z',
  star: 'M0 -5L1.3 -1.6L4.8 -1.5L2 .7L3 4L0 2L-3 4L-2 .7L-4.8 -1.5L-1.3 -1.6Z',
  hexagon: 'M0 -4.5L3.9 -2.2V2.2L0 4.5L-3.9 2.2V-2.2Z',
  pentagon: 'M0 -4.5L4.3 -1.4L2.6 3.6H-2.6L-4.3 -1.4Z',
};

/** A colour as drawn on this theme: on its ramp or with its shade, and 3:1 from the background. */
export function shown(look: Look, theme: ChartTheme): string {
  if (look.tone !== undefined) return onRamp(look.color, look.tone, theme.background);
  return readable(mix(look.color, theme.text, look.shade), theme.background, theme.text);
}

/** Where 0 is drawn, or null where x is linear or no x is 0. */
export function zeroOf(figure: Figure, xScale: Scale): number | null {
  return xScale === 'log' ? zeroPosition(allX(figure)) : null;
}

/** The words that go with a log axis that draws 0; null where none does. */
export function zeroNote(figure: Figure, xScale: Scale): string | null {
  const zeroAt = zeroOf(figure, xScale);
  if (zeroAt === null) return null;
  const place = zeroAt.toLocaleString('en-US', { maximumSignificantDigits: 2 });
  return `0 has no place on a log axis: it is drawn at ${place}, marked 0.`;
}

/** Breaks words into lines of at most `limit` characters; a longer word stands alone. */
export function wrap(text: string, limit: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= limit)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
