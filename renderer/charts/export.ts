/** Charts as files: SVG and PNG in print colours, and the drawn points as CSV. */
import type { PlotlyDataLayoutConfig } from 'plotly.js-dist-min';
import type { Figure, Scale } from '../../shared/charts/figure.ts';
import { categoryHeight, figureLayout, figureMargins, wrap, zeroNote } from './layout.ts';
import { plainText } from './plotly-text.ts';
import { figureTraces } from './traces.ts';
import { loadPlotly } from './plotly.ts';
import { printTheme } from './theme.ts';

const WIDTH = 900;
const PLOT_HEIGHT = 420;
const LEGEND_LINE = 20;
const NOTE_LINE = 14;
const NOTE_CHARACTERS = 150;

export interface Scales {
  xScale: Scale;
  yScale: Scale;
}

/** The figure as it goes on paper: light, with its title, its legend and its notes. */
export function printFigure(
  figure: Figure,
  scales: Scales,
): PlotlyDataLayoutConfig & { width: number; height: number } {
  const margins = figureMargins(figure, WIDTH);
  const plot =
    figure.categories === null ? PLOT_HEIGHT : categoryHeight(figure, WIDTH) - margins.t - margins.b;
  const entries = figure.legend.length + new Set(figure.marks.map((mark) => mark.symbol)).size;
  const zero = zeroNote(figure, scales.xScale);
  const notes = [...figure.notes, ...(zero === null ? [] : [zero])].flatMap((note) =>
    wrap(note, NOTE_CHARACTERS),
  );
  const top = margins.t + 30;
  const legendHeight = LEGEND_LINE * entries;
  const bottom = margins.b + legendHeight + NOTE_LINE * notes.length + 24;
  const height = top + plot + bottom;
  const layout = figureLayout(figure, { ...scales, theme: printTheme, width: WIDTH, height, zoom: 0 });
  return {
    width: WIDTH,
    height,
    data: figureTraces(figure, {
      xScale: scales.xScale,
      theme: printTheme,
      plot: { width: WIDTH - margins.l - margins.r, height: plot },
      legend: true,
    }),
    layout: {
      ...layout,
      paper_bgcolor: printTheme.background,
      plot_bgcolor: printTheme.background,
      margin: { ...margins, t: top, b: bottom, pad: 0 },
      title: {
        text: plainText(figure.title),
        x: 0.02,
        xanchor: 'left',
        y: 1 - 16 / height,
        yanchor: 'top',
        font: { size: 15 },
      },
      showlegend: entries > 0,
      legend: { orientation: 'v', x: 0, xanchor: 'left', y: -margins.b / plot, yanchor: 'top' },
      annotations: [
        ...(layout.annotations ?? []),
        {
          xref: 'paper',
          yref: 'paper',
          x: 0,
          y: -(margins.b + legendHeight + 12) / plot,
          xanchor: 'left',
          yanchor: 'top',
          align: 'left',
          showarrow: false,
          text: notes.map(plainText).join('<br>'),
          font: { size: 10, color: printTheme.muted },
        },
      ],
    },
  };
}

/** Draws the figure off the page. @throws Error when Plotly cannot be loaded or cannot draw. */
export async function figureImage(figure: Figure, scales: Scales, format: 'svg' | 'png'): Promise<Blob> {
  const plotly = await loadPlotly();
  const { width, height, ...print } = printFigure(figure, scales);
  const url = await plotly.toImage(print, { format, width, height, scale: format === 'png' ? 2 : 1 });
  return dataUrlBlob(url);
}

/** The content of a data URL; `fetch` would need it in the content security policy. */
export function dataUrlBlob(url: string): Blob {
  const comma = url.indexOf(',');
  if (!url.startsWith('data:') || comma < 0) throw new RangeError(`Not a data URL: ${url.slice(0, 40)}`);
  const [type = '', ...parameters] = url.slice('data:'.length, comma).split(';');
  const body = url.slice(comma + 1);
  if (!parameters.includes('base64')) return new Blob([decodeURIComponent(body)], { type });
  return new Blob([Uint8Array.from(atob(body), (character) => character.charCodeAt(0))], { type });
}

/** Hands a file to the user's downloads. */
export function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // The download reads the URL after this task.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** "accuracy-grokking-beyond-neural-networks": lower-case words for a file name, at most 80 characters. */
export function fileStem(title: string): string {
  const stem = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80);
  return stem === '' ? 'chart' : stem;
}
