/** What every drawing of a figure agrees on: colours on a theme, the place of 0 on a log axis, the words of marks. */
import { zeroPosition } from '../axis.ts';
import { allX, type Figure, type MarkSymbol, type Scale } from './figure.ts';
import { mix, readable } from './palette.ts';

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

/** A colour as drawn on this theme: its shade applied, and 3:1 from the background. */
export function shown(look: { color: string; shade: number }, theme: ChartTheme): string {
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
