/** The cells of a phase diagram or of another grid, with their words, hatching and colours explained. */
import type { FigureGrid } from './figure.ts';
import { cellColors, colorRange, inkOn, logTicks, tickText } from './grid-colors.ts';
import { cellWords } from './grid-words.ts';
import { cividis } from './palette.ts';
import type { ChartTheme } from './look.ts';
import { line, node, round, text, type SvgNode } from './svg-node.ts';

interface Plot {
  left: number;
  top: number;
  width: number;
  height: number;
}

const GAP = 1.5;
const HATCH = 8;

export function gridCells(grid: FigureGrid, plot: Plot, theme: ChartTheme): SvgNode[] {
  const columns = grid.xTicks.length;
  const [width, height] = [plot.width / columns, plot.height / grid.yTicks.length];
  const colorOf = cellColors(grid);
  const words = cellWords(grid, width, height);
  const size = words?.size ?? 0;
  const lineHeight = size + 2;
  const muted = { 'font-size': 11, fill: theme.muted };
  const left = (column: number): number => plot.left + column * width;
  // Rows grow upwards, as on an axis.
  const top = (row: number): number => plot.top + plot.height - (row + 1) * height;
  return [
    ...grid.cells.flatMap((cell, i) => {
      const [x, y] = [left(i % columns), top(Math.floor(i / columns))];
      const known = cell.value !== null;
      const fill = known ? colorOf(cell) : theme.background;
      const ink = known ? inkOn(fill) : theme.muted;
      const lines = words?.lines[i] ?? [];
      const middle = y + height / 2 + 4 - (lineHeight * (lines.length - 1)) / 2;
      return [
        node(
          'rect',
          {
            x: round(x + GAP / 2),
            y: round(y + GAP / 2),
            width: round(width - GAP),
            height: round(height - GAP),
            fill,
            ...(known ? {} : { stroke: theme.line }),
          },
          [node('title', {}, [cell.said])],
        ),
        ...(cell.hatched ? hatching(x, y, width, height, ink) : []),
        ...lines.map((line, at) =>
          text(line, x + width / 2, middle + lineHeight * at, {
            'font-size': size,
            'text-anchor': 'middle',
            fill: ink,
          }),
        ),
      ];
    }),
    ...grid.xTicks.map((words, column) =>
      text(words, left(column) + width / 2, plot.top + plot.height + 16, {
        ...muted,
        'text-anchor': 'middle',
      }),
    ),
    ...grid.yTicks.map((words, row) =>
      text(words, plot.left - 6, top(row) + height / 2 + 4, { ...muted, 'text-anchor': 'end' }),
    ),
  ];
}

/** Diagonals, cut at the edges of the cell. */
function hatching(x: number, y: number, width: number, height: number, ink: string): SvgNode[] {
  const nodes: SvgNode[] = [];
  for (let sum = HATCH; sum < width + height; sum += HATCH) {
    const [from, to] = [Math.max(0, sum - height), Math.min(width, sum)];
    nodes.push(line(x + from, y + sum - from, x + to, y + sum - to, { stroke: ink, opacity: 0.35 }));
  }
  return nodes;
}

export function gridLegend(grid: FigureGrid, plot: Plot, theme: ChartTheme): SvgNode[] {
  const x = plot.left + plot.width + 12;
  const look = { 'font-size': 10 };
  if (typeof grid.scale === 'object') {
    const { words, colors } = grid.scale;
    return words.flatMap((word, i) => {
      const y = plot.top + 18 * (words.length - 1 - i);
      return [
        node('rect', { x, y, width: 12, height: 12, fill: colors[i] as string, stroke: theme.muted }),
        text(word, x + 17, y + 10, look),
      ];
    });
  }
  const range = colorRange(grid);
  if (range === null) return [];
  const steps = cividis.length;
  const ticks = grid.scale === 'log' ? logTicks(range.low, range.high) : [range.low, range.high];
  const shownTicks = ticks.length < 2 ? [...new Set([range.low, range.high])] : ticks;
  const step = plot.height / steps;
  return [
    ...cividis.map((color, i) =>
      node('rect', {
        x,
        y: round(plot.top + plot.height - (i + 1) * step),
        width: 12,
        height: round(step + 0.5),
        fill: color,
      }),
    ),
    ...shownTicks.map((at) => {
      const share = (at - range.low) / range.span;
      const value = grid.scale === 'log' ? 10 ** at : at;
      return text(tickText(value), x + 17, plot.top + plot.height * (1 - share) + 4, look);
    }),
  ];
}
