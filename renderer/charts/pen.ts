/** What a frame is drawn with: a canvas, or the text of an SVG. The same calls give the same picture. */
import type { Dash } from '../../shared/charts/figure.ts';
import { heatColor } from './heat-colors.ts';

export interface Stroke {
  color: string;
  width: number;
  dash?: Dash;
  opacity?: number;
}

export interface Words {
  size: number;
  color: string;
  anchor?: 'start' | 'middle' | 'end';
  bold?: boolean;
  /** Read from below to above. */
  turned?: boolean;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Pen {
  /** Through x, y, x, y, …; a place that is no number breaks the line. */
  line(places: ArrayLike<number>, stroke: Stroke): void;
  area(places: ArrayLike<number>, color: string, opacity: number): void;
  rect(box: Box, color: string, opacity?: number): void;
  disc(x: number, y: number, radius: number, color: string, open: boolean): void;
  /** `y` is the baseline. */
  text(x: number, y: number, text: string, words: Words): void;
  /** Cells between edges, row-major; a step is a place in the table of colours, −1 for none. */
  cells(x: ArrayLike<number>, y: ArrayLike<number>, steps: ArrayLike<number>, table: Uint8Array): void;
  clipped(box: Box, draw: () => void): void;
  /** What follows belongs together under this name. */
  group(name: string, draw: () => void): void;
}

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
const dashes: Record<Dash, number[]> = { solid: [], dash: [6, 4], dot: [2, 3], dashdot: [7, 3, 2, 3] };

/** About how wide a text is; the same for both pens, so that they lay out alike. */
export function textWidth(text: string, size: number): number {
  return 0.56 * size * text.length;
}

/** The text, cut with an ellipsis where it is wider. */
export function fitted(text: string, size: number, width: number): string {
  const most = Math.floor(width / (0.56 * size));
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`;
}

export class CanvasPen implements Pen {
  readonly #context: CanvasRenderingContext2D;

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  line(places: ArrayLike<number>, { color, width, dash = 'solid', opacity = 1 }: Stroke): void {
    const context = this.#context;
    context.globalAlpha = opacity;
    context.strokeStyle = color;
    context.lineWidth = width;
    context.lineJoin = 'round';
    context.setLineDash(dashes[dash]);
    this.#path(places);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  area(places: ArrayLike<number>, color: string, opacity: number): void {
    this.#context.globalAlpha = opacity;
    this.#context.fillStyle = color;
    this.#path(places);
    this.#context.fill();
    this.#context.globalAlpha = 1;
  }

  #path(places: ArrayLike<number>): void {
    this.#context.beginPath();
    let down = false;
    for (let i = 0; i + 1 < places.length; i += 2) {
      const [x, y] = [places[i] as number, places[i + 1] as number];
      if (!Number.isFinite(x) || !Number.isFinite(y)) down = false;
      else if (down) this.#context.lineTo(x, y);
      else {
        this.#context.moveTo(x, y);
        down = true;
      }
    }
  }

  rect({ x, y, width, height }: Box, color: string, opacity = 1): void {
    this.#context.globalAlpha = opacity;
    this.#context.fillStyle = color;
    this.#context.fillRect(x, y, width, height);
    this.#context.globalAlpha = 1;
  }

  disc(x: number, y: number, radius: number, color: string, open: boolean): void {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return;
    const context = this.#context;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    if (open) {
      context.strokeStyle = color;
      context.lineWidth = 1.5;
      context.stroke();
    } else {
      context.fillStyle = color;
      context.fill();
    }
  }

  text(x: number, y: number, text: string, { size, color, anchor = 'start', bold, turned }: Words): void {
    const context = this.#context;
    context.font = `${bold === true ? '600 ' : ''}${size}px ${FONT}`;
    context.fillStyle = color;
    context.textAlign = anchor === 'middle' ? 'center' : anchor;
    context.textBaseline = 'alphabetic';
    if (turned !== true) {
      context.fillText(text, x, y);
      return;
    }
    context.save();
    context.translate(x, y);
    context.rotate(-Math.PI / 2);
    context.fillText(text, 0, 0);
    context.restore();
  }

  cells(x: ArrayLike<number>, y: ArrayLike<number>, steps: ArrayLike<number>, table: Uint8Array): void {
    const context = this.#context;
    const columns = x.length - 1;
    const colors = new Map<number, string>();
    for (let row = 0; row + 1 < y.length; row++) {
      const [top, bottom] = edgesOf(y, row);
      for (let column = 0; column < columns; column++) {
        const step = steps[row * columns + column] ?? -1;
        if (step < 0) continue;
        let color = colors.get(step);
        if (color === undefined) colors.set(step, (color = heatColor(table, step)));
        const [left, right] = edgesOf(x, column);
        context.fillStyle = color;
        context.fillRect(left, top, right - left, bottom - top);
      }
    }
  }

  clipped({ x, y, width, height }: Box, draw: () => void): void {
    const context = this.#context;
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    draw();
    context.restore();
  }

  group(_name: string, draw: () => void): void {
    draw();
  }
}

/** Parts of pixels would let the background shine through between cells. */
function edgesOf(edges: ArrayLike<number>, at: number): [number, number] {
  const [a, b] = [Math.round(edges[at] as number), Math.round(edges[at + 1] as number)];
  return a < b ? [a, b] : [b, a];
}

export class SvgPen implements Pen {
  readonly #parts: string[] = [];
  #clips = 0;

  /** @param size of the picture, in CSS pixels */
  document({ width, height }: { width: number; height: number }, title: string): string {
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family='${FONT}' role="img">`,
      `<title>${escaped(title)}</title>`,
      ...this.#parts,
      '</svg>',
    ].join('\n');
  }

  line(places: ArrayLike<number>, { color, width, dash = 'solid', opacity = 1 }: Stroke): void {
    const dashed = dashes[dash].length === 0 ? '' : ` stroke-dasharray="${dashes[dash].join(' ')}"`;
    this.#parts.push(
      `<path d="${pathOf(places)}" fill="none" stroke="${color}" stroke-width="${width}" stroke-linejoin="round"${dashed}${faint('opacity', opacity)}/>`,
    );
  }

  area(places: ArrayLike<number>, color: string, opacity: number): void {
    this.#parts.push(`<path d="${pathOf(places)}" fill="${color}"${faint('fill-opacity', opacity)}/>`);
  }

  rect({ x, y, width, height }: Box, color: string, opacity = 1): void {
    this.#parts.push(
      `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" fill="${color}"${faint('fill-opacity', opacity)}/>`,
    );
  }

  disc(x: number, y: number, radius: number, color: string, open: boolean): void {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return;
    const look = open ? `fill="none" stroke="${color}" stroke-width="1.5"` : `fill="${color}"`;
    this.#parts.push(`<circle cx="${short(x)}" cy="${short(y)}" r="${radius}" ${look}/>`);
  }

  text(x: number, y: number, text: string, { size, color, anchor = 'start', bold, turned }: Words): void {
    const weight = bold === true ? ' font-weight="600"' : '';
    const [px, py] = [short(x), short(y)];
    const turn = turned === true ? ` transform="rotate(-90 ${px} ${py})"` : '';
    this.#parts.push(
      `<text x="${px}" y="${py}" font-size="${size}" fill="${color}" text-anchor="${anchor}"${weight}${turn}>${escaped(text)}</text>`,
    );
  }

  cells(x: ArrayLike<number>, y: ArrayLike<number>, steps: ArrayLike<number>, table: Uint8Array): void {
    const columns = x.length - 1;
    this.#parts.push('<g shape-rendering="crispEdges">');
    for (let row = 0; row + 1 < y.length; row++) {
      const [top, bottom] = edgesOf(y, row);
      for (let column = 0; column < columns; column++) {
        const step = steps[row * columns + column] ?? -1;
        if (step < 0) continue;
        const [left, right] = edgesOf(x, column);
        this.rect({ x: left, y: top, width: right - left, height: bottom - top }, heatColor(table, step));
      }
    }
    this.#parts.push('</g>');
  }

  clipped({ x, y, width, height }: Box, draw: () => void): void {
    const id = `clip${this.#clips++}`;
    this.#parts.push(
      `<clipPath id="${id}"><rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"/></clipPath>`,
      `<g clip-path="url(#${id})">`,
    );
    draw();
    this.#parts.push('</g>');
  }

  group(name: string, draw: () => void): void {
    this.#parts.push(`<g aria-label="${escaped(name)}">`);
    draw();
    this.#parts.push('</g>');
  }
}

function pathOf(places: ArrayLike<number>): string {
  let path = '';
  let down = false;
  for (let i = 0; i + 1 < places.length; i += 2) {
    const [x, y] = [places[i] as number, places[i + 1] as number];
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      down = false;
      continue;
    }
    path += `${down ? 'L' : 'M'}${short(x)} ${short(y)}`;
    down = true;
  }
  return path;
}

function faint(name: string, opacity: number): string {
  return opacity === 1 ? '' : ` ${name}="${opacity}"`;
}

/** A hundredth of a pixel is enough. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
