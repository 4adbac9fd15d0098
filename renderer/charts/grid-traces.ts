/** The cells of a grid as Plotly traces: colours, words, hatching, and lines of equal value. */
import type { Data } from 'plotly.js-dist-min';
import type { FigureGrid, GridCell } from '../../shared/charts/figure.ts';
import {
  cellColors,
  colorRange,
  inkOn,
  logTicks,
  scaled,
  tickText,
} from '../../shared/charts/grid-colors.ts';
import { cellWords } from '../../shared/charts/grid-words.ts';
import { cividis } from '../../shared/charts/palette.ts';
import { plainText, traceId } from './plotly-text.ts';
import type { ChartTheme } from './theme.ts';

/** Distance of hatching lines, in cells. */
const HATCH_STEP = 0.25;

/** @param plot what the axes enclose, in pixels */
export function gridTraces(
  grid: FigureGrid,
  theme: ChartTheme,
  plot: { width: number; height: number },
): Data[] {
  const width = grid.xTicks.length;
  const x = grid.xTicks.map((_, i) => i);
  const y = grid.yTicks.map((_, i) => i);
  const rows = <T>(read: (cell: GridCell) => T): T[][] =>
    y.map((row) => grid.cells.slice(row * width, (row + 1) * width).map(read));
  const shade = shades(grid);
  const words = cellWords(grid, plot.width / x.length, plot.height / y.length);
  const written = words === null ? [] : words.lines.map((lines) => lines.map(plainText).join('<br>'));
  const heat = {
    type: 'heatmap',
    uid: traceId(grid.key),
    x,
    y,
    z: rows(({ value }) => (value === null ? null : scaled(grid, value))),
    customdata: rows(({ said }) => plainText(said)),
    ...(words === null
      ? {}
      : {
          text: y.map((row) => written.slice(row * width, (row + 1) * width)),
          texttemplate: '%{text}',
          textfont: { size: words.size },
        }),
    hovertemplate: '%{customdata}<extra></extra>',
    hoverongaps: true,
    xgap: 1.5,
    ygap: 1.5,
    ...shade.look,
    colorbar: {
      // Words say themselves what they are.
      title: {
        text: typeof grid.scale === 'object' ? '' : plainText(grid.label),
        side: 'right',
        font: { size: 11, color: theme.text },
      },
      thickness: 12,
      outlinewidth: 0,
      tickfont: { size: 10, color: theme.text },
      ...shade.ticks,
    },
  };
  return [
    heat,
    ...contourTraces(grid, x, y, theme),
    ...hatchTraces(grid, shade.colorOf),
    ...emptyTrace(grid, theme),
  ] as Data[];
}

interface Shades {
  look: object;
  ticks: object;
  colorOf: (cell: GridCell) => string;
}

function shades(grid: FigureGrid): Shades {
  const { scale } = grid;
  if (typeof scale === 'object') {
    const { words, colors } = scale;
    const n = words.length;
    const stops = colors.flatMap((color, i) => [
      [i / n, color],
      [(i + 1) / n, color],
    ]);
    return {
      look: { colorscale: stops, zmin: -0.5, zmax: n - 0.5 },
      ticks: { tickvals: words.map((_, i) => i), ticktext: words },
      colorOf: cellColors(grid),
    };
  }
  const range = colorRange(grid);
  const { low, high, span } = range ?? { low: Infinity, high: -Infinity, span: 1 };
  const ticks = scale === 'log' && range !== null ? logTicks(low, high) : [];
  return {
    look: {
      colorscale: cividis.map((color, i) => [i / (cividis.length - 1), color]),
      ...(range === null ? {} : { zmin: low, zmax: low + span }),
    },
    ticks:
      ticks.length < 2
        ? scale === 'log'
          ? {
              tickvals: [...new Set([low, high])],
              ticktext: [...new Set([low, high])].map((at) => tickText(10 ** at)),
            }
          : {}
        : { tickvals: ticks, ticktext: ticks.map((at) => tickText(10 ** at)) },
    colorOf: cellColors(grid),
  };
}

function contourTraces(grid: FigureGrid, x: number[], y: number[], theme: ChartTheme): object[] {
  if (grid.contours === null) return [];
  const width = x.length;
  const z = y.map((row) =>
    x.map((column) => {
      const cell = grid.cells[row * width + column];
      return cell === undefined || cell.value === null || cell.hatched ? null : scaled(grid, cell.value);
    }),
  );
  return grid.contours.map((level) => ({
    type: 'contour',
    uid: traceId(`${grid.key} ${level}`),
    x,
    y,
    z,
    autocontour: false,
    contours: { start: scaled(grid, level), end: scaled(grid, level), size: 1, coloring: 'none' },
    line: { color: theme.background, width: 2, smoothing: 0 },
    connectgaps: false,
    showscale: false,
    hoverinfo: 'skip',
  }));
}

/** Diagonals over the cells whose value is a bound only; light on dark cells and dark on light ones. */
function hatchTraces(grid: FigureGrid, colorOf: (cell: GridCell) => string): object[] {
  const inks = ['#ffffff', '#1a1a1a'] as const;
  const width = grid.xTicks.length;
  return inks.flatMap((ink) => {
    const x: (number | null)[] = [];
    const y: (number | null)[] = [];
    grid.cells.forEach((cell, i) => {
      if (!cell.hatched || cell.value === null || inkOn(colorOf(cell)) !== ink) return;
      const [column, row] = [i % width, Math.floor(i / width)];
      for (let c = -1 + HATCH_STEP; c < 1; c += HATCH_STEP) {
        // The part of the line x + y = c within the cell's square.
        const [from, to] = [Math.max(-0.5, c - 0.5), Math.min(0.5, c + 0.5)];
        x.push(column + from, column + to, null);
        y.push(row + c - from, row + c - to, null);
      }
    });
    if (x.length === 0) return [];
    return [
      {
        type: 'scatter',
        mode: 'lines',
        uid: traceId(`${grid.key} hatching ${ink}`),
        x,
        y,
        line: { color: ink, width: 1 },
        opacity: 0.45,
        hoverinfo: 'skip',
        showlegend: false,
      },
    ];
  });
}

/** The words of cells without a value, which a heat map leaves out. */
function emptyTrace(grid: FigureGrid, theme: ChartTheme): object[] {
  const width = grid.xTicks.length;
  const empty = grid.cells.flatMap((cell, i) => (cell.value === null ? [{ cell, i }] : []));
  if (empty.length === 0) return [];
  return [
    {
      type: 'scatter',
      mode: 'text',
      uid: traceId(`${grid.key} empty`),
      x: empty.map(({ i }) => i % width),
      y: empty.map(({ i }) => Math.floor(i / width)),
      text: empty.map(({ cell }) => plainText(cell.text)),
      customdata: empty.map(({ cell }) => plainText(cell.said)),
      hovertemplate: '%{customdata}<extra></extra>',
      textfont: { size: 11, color: theme.muted },
      showlegend: false,
    },
  ];
}
