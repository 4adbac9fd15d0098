/** Frames and films of a replay as files. */
import { LatebloomError } from '../../shared/errors.ts';
import { CanvasPen, SvgPen } from '../charts/pen.ts';
import type { ChartTheme } from '../charts/theme.ts';
import { encodeGif, encodeWebm } from './encode.ts';
import { frameLayout, paintFrame, type Frame } from './frame.ts';

/** Longest side of a film, in pixels: encoders slow down beyond. */
export const LONGEST_SIDE = { webm: 1920, gif: 1280 } as const;
export type FilmFormat = keyof typeof LONGEST_SIDE;
/** Sharp in print. */
const PNG_DENSITY = 2;
/** Browsers give no canvas that is larger. */
const LARGEST_CANVAS = 16_384;

export function frameSvg(frame: Frame, theme: ChartTheme): Blob {
  const pen = new SvgPen();
  paintFrame(pen, frame, theme);
  return new Blob([pen.document(frameLayout(frame), frame.title)], { type: 'image/svg+xml' });
}

/** @throws LatebloomError where the browser gives no picture of this size. */
export async function framePng(frame: Frame, theme: ChartTheme): Promise<Blob> {
  const { width, height } = frameLayout(frame);
  const density = Math.min(PNG_DENSITY, LARGEST_CANVAS / Math.max(width, height));
  const { canvas, paint } = easel(frame, theme, density);
  paint(frame);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob !== null) return blob;
  throw new LatebloomError(
    'device-unavailable',
    `This browser makes no picture of ${canvas.width} × ${canvas.height} pixels.`,
    'Choose fewer panels, or SVG.',
  );
}

/** Pixels of a film of frames like this one. */
export function filmSize(frame: Frame, format: FilmFormat): { width: number; height: number } {
  const { width, height } = frameLayout(frame);
  const density = Math.min(1, LONGEST_SIDE[format] / Math.max(width, height));
  return { width: 2 * Math.round((width * density) / 2), height: 2 * Math.round((height * density) / 2) };
}

export interface FilmRequest {
  format: FilmFormat;
  /** Every frame, in order: all of one shape. */
  frames: number;
  frameAt: (index: number) => Frame;
  framesPerSecond: number;
  theme: ChartTheme;
  signal: AbortSignal;
  progress: (done: number) => void;
}

export async function filmFile(request: FilmRequest): Promise<Blob> {
  const { format, frames, frameAt, framesPerSecond, theme, signal, progress } = request;
  const first = frameAt(0);
  const { width } = filmSize(first, format);
  const { canvas, paint } = easel(first, theme, width / frameLayout(first).width);
  const film = {
    canvas,
    frames,
    framesPerSecond,
    draw: (index: number) => paint(frameAt(index)),
    signal,
    progress,
  };
  return format === 'webm' ? encodeWebm(film) : encodeGif(film);
}

function easel(
  frame: Frame,
  theme: ChartTheme,
  density: number,
): { canvas: HTMLCanvasElement; paint: (frame: Frame) => void } {
  const { width, height } = frameLayout(frame);
  const canvas = document.createElement('canvas');
  canvas.width = 2 * Math.round((width * density) / 2);
  canvas.height = 2 * Math.round((height * density) / 2);
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  if (context === null)
    throw new LatebloomError('device-unavailable', 'This browser gives no canvas.', 'Save an SVG frame.');
  return {
    canvas,
    paint: (one) => {
      context.setTransform(density, 0, 0, density, 0, 0);
      paintFrame(new CanvasPen(context), one, theme);
    },
  };
}
