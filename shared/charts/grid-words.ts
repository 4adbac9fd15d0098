/** Which words stand in the cells of a grid, and how large: those that fit, since words that run into each other say nothing. */
import type { FigureGrid } from './figure.ts';

/** Largest first; below the last one words are hard to read. */
const SIZES = [12, 11, 10, 9];
/** Width of a character and height of a line, in font sizes, of the sans-serif faces that systems have. */
const CHARACTER = 0.56;
const LINE = 1.2;
const ROOM = 4;

export interface CellWords {
  /** Font size in pixels. */
  size: number;
  /** Lines per cell, in the order of the grid's cells. */
  lines: string[][];
}

/**
 * The words of all cells in the largest size in which every cell has room for its own. Where colours and the legend say what
 * the first line does, it is left out before all is: what is left then is in how many of the seeds.
 *
 * @param width of a cell in pixels
 * @param height of a cell in pixels
 */
export function cellWords(grid: FigureGrid, width: number, height: number): CellWords | null {
  const whole = grid.cells.map(({ text }) => (text === '' ? [] : text.split('\n')));
  const rest = whole.map((lines, i) => (grid.cells[i]?.value === null ? lines : lines.slice(1)));
  const versions = typeof grid.scale === 'object' ? [whole, rest] : [whole];
  for (const lines of versions) {
    const longest = Math.max(0, ...lines.flat().map((line) => line.length));
    const most = Math.max(...lines.map((cell) => cell.length));
    const size = SIZES.find(
      (one) => longest * CHARACTER * one + ROOM <= width && most * LINE * one + ROOM <= height,
    );
    if (size !== undefined) return { size, lines };
  }
  return null;
}
