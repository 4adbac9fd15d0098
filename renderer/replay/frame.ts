/** A frame of a film: every panel at one place, as it stands on the page, drawn with a pen. */
import { formatDuration, formatEvent, formatRatio } from '../../shared/format.ts';
import type { Figure, LegendEntry, Scale } from '../../shared/charts/figure.ts';
import { familyColors } from '../../shared/charts/palette.ts';
import { paintFigure } from '../charts/paint.ts';
import { fitted, textWidth, type Box, type Pen } from '../charts/pen.ts';
import type { ChartTheme } from '../charts/theme.ts';
import { shown } from '../charts/traces.ts';
import {
  barsAt,
  cellScales,
  chosenScales,
  placeWords,
  plainLook,
  valuesAt,
  type Cell,
  type FilmRun,
  type Look,
  type Slot,
} from './film-run.ts';

export interface FramePanel {
  heading: string;
  figure: Figure;
  xScale: Scale;
  yScale: Scale;
  cursor: number | null;
}

interface FrameRun {
  color: string;
  place: string;
  events: string;
  values: [string, string][];
}

export interface Frame {
  title: string;
  runs: FrameRun[];
  /** A row per slot, a panel per run. */
  panels: (FramePanel | null)[][];
}

const PANEL = { width: 420, height: 300 };
const GAP = 12;
const LINE = 17;
const MOST_VALUES = 8;
const VALUES_PER_LINE = 4;
/** The shape that a frame of many panels comes closest to. */
const SHAPE = 1.6;

/** @param lookOf what the viewer chose for a run's panel */
export function frameAt(
  title: string,
  films: readonly FilmRun[],
  rows: readonly number[],
  slots: readonly Slot[],
  lookOf: (run: number, key: string) => Look = () => plainLook,
): Frame {
  return {
    title,
    runs: films.map((film, i) => runAt(film, rows[i] ?? 0)),
    panels: slots.flatMap((slot) => {
      const row = slot.cells.map((cell, i) =>
        cell === null ? null : panelAt(films[i] as FilmRun, cell, rows[i] ?? 0, lookOf(i, slot.key)),
      );
      const bars = slot.cells.map((cell, i) =>
        cell?.kind === 'curve' && cell.panel.bars
          ? barsPanel(films[i] as FilmRun, cell, rows[i] ?? 0, slot.heading)
          : null,
      );
      return bars.every((one) => one === null) ? [row] : [row, bars];
    }),
  };
}

function runAt(film: FilmRun, row: number): FrameRun {
  const { fit, generalization, delay, delayRatio } = film.delay;
  return {
    color: familyColors[film.run.family],
    place: placeWords(film, row),
    events: [
      `fit step ${formatEvent(fit)}`,
      `generalization step ${formatEvent(generalization)}`,
      `delay ${formatDuration(delay)}`,
      `ratio ${formatDuration(delayRatio, formatRatio)}`,
    ].join(' · '),
    values: valuesAt(film, row, MOST_VALUES),
  };
}

function panelAt(film: FilmRun, cell: Cell, row: number, look: Look): FramePanel {
  const effort = film.efforts[row] ?? 0;
  const figure =
    cell.kind === 'curve' ? cell.panel.figure : cell.film.figureAt(cell.film.indexAt(effort), look.axes);
  return {
    heading: cell.kind === 'curve' ? cell.panel.heading : cell.film.panel.title,
    figure,
    ...chosenScales(cellScales(cell, figure), figure, look),
    cursor: cell.kind === 'curve' ? effort : null,
  };
}

function barsPanel(film: FilmRun, cell: Cell & { kind: 'curve' }, row: number, heading: string): FramePanel {
  return {
    heading: `${heading} at the cursor`,
    figure: barsAt(film, cell.panel, row),
    xScale: 'linear',
    yScale: 'linear',
    cursor: null,
  };
}

interface FrameLayout {
  width: number;
  height: number;
  /** Of rows of panels side by side. */
  across: number;
  /** Where the first row of panels begins. */
  top: number;
}

/** In CSS pixels. Both sides are even, as video encoders ask. */
export function frameLayout({ runs, panels }: Frame): FrameLayout {
  const each = Math.max(1, runs.length);
  const valueLines = Math.max(0, ...runs.map(({ values }) => Math.ceil(values.length / VALUES_PER_LINE)));
  const top = GAP + 24 + (2 + valueLines) * LINE + GAP;
  const sizes = panels.length === 0 ? [1] : panels.map((_, i) => i + 1);
  const candidates = sizes.map((across) => {
    const lines = Math.max(1, Math.ceil(panels.length / across));
    const width = GAP + across * each * (PANEL.width + GAP);
    const height = top + lines * (PANEL.height + GAP);
    return { width: even(Math.max(width, 720)), height: even(height), across, top };
  });
  return candidates.reduce((best, one) => (farFrom(one) < farFrom(best) ? one : best));
}

function even(size: number): number {
  return 2 * Math.ceil(size / 2);
}

function farFrom({ width, height }: { width: number; height: number }): number {
  return Math.abs(Math.log(width / height / SHAPE));
}

export function paintFrame(pen: Pen, frame: Frame, theme: ChartTheme): void {
  const { width, height, across, top } = frameLayout(frame);
  const each = Math.max(1, frame.runs.length);
  pen.rect({ x: 0, y: 0, width, height }, theme.background);
  pen.text(GAP, GAP + 15, fitted(frame.title, 15, width - 2 * GAP), {
    size: 15,
    color: theme.text,
    bold: true,
  });
  const share = (width - GAP) / each;
  frame.runs.forEach((run, i) => {
    paintRun(pen, run, { x: GAP + i * share, y: GAP + 24, width: share - GAP, height: top }, theme);
  });
  frame.panels.forEach((panels, slot) => {
    const line = Math.floor(slot / across);
    panels.forEach((panel, i) => {
      const column = (slot % across) * each + i;
      const box = {
        x: GAP + column * (PANEL.width + GAP),
        y: top + line * (PANEL.height + GAP),
        ...PANEL,
      };
      if (panel !== null) pen.group(panel.figure.title, () => paintPanel(pen, panel, box, theme));
    });
  });
}

function paintRun(pen: Pen, run: FrameRun, box: Box, theme: ChartTheme): void {
  const y = box.y + 12;
  const color = shown({ color: run.color, shade: 0 }, theme);
  pen.rect({ x: box.x, y: y - 9, width: 9, height: 9 }, color);
  pen.text(box.x + 15, y, fitted(run.place, 13, box.width - 15), {
    size: 13,
    color: theme.text,
    bold: true,
  });
  pen.text(box.x, y + LINE, fitted(run.events, 11.5, box.width), { size: 11.5, color: theme.muted });
  const share = box.width / VALUES_PER_LINE;
  run.values.forEach(([name, value], i) => {
    const at = {
      x: box.x + (i % VALUES_PER_LINE) * share,
      y: y + LINE * (2 + Math.floor(i / VALUES_PER_LINE)),
    };
    const room = share - 10 - textWidth(value, 11.5);
    pen.text(at.x, at.y, `${fitted(name, 11.5, room)} ${value}`, { size: 11.5, color: theme.text });
  });
}

function paintPanel(pen: Pen, panel: FramePanel, box: Box, theme: ChartTheme): void {
  const { heading, figure, xScale, yScale, cursor } = panel;
  pen.text(box.x, box.y + 12, fitted(heading, 12.5, box.width), {
    size: 12.5,
    color: theme.text,
    bold: true,
  });
  const legend = figure.legend.length > 1 || figure.legend.some(({ band }) => band) ? figure.legend : [];
  if (legend.length > 0) paintLegend(pen, legend, { ...box, y: box.y + 18, height: 14 }, theme);
  const from = 20 + (legend.length > 0 ? 14 : 0);
  paintFigure(
    pen,
    figure,
    { x: box.x, y: box.y + from, width: box.width, height: box.height - from },
    { theme, xScale, yScale, cursor },
  );
}

/** In one line: what has no room is counted. */
function paintLegend(pen: Pen, entries: readonly LegendEntry[], box: Box, theme: ChartTheme): void {
  let x = box.x;
  const y = box.y + 10;
  for (const [i, { label, style }] of entries.entries()) {
    const words = fitted(label, 10.5, box.width - 60);
    const width = 26 + textWidth(words, 10.5) + 12;
    if (x + width > box.x + box.width - (i === entries.length - 1 ? 0 : 40)) {
      pen.text(x, y, `${entries.length - i} more`, { size: 10.5, color: theme.muted });
      return;
    }
    pen.line([x, y - 4, x + 22, y - 4], { color: shown(style, theme), width: 2, dash: style.dash });
    pen.text(x + 26, y, words, { size: 10.5, color: theme.text });
    x += width;
  }
}
