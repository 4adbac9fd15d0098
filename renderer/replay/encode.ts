/** Films as files: WebM through the browser's own encoder, GIF through gifenc. Nothing leaves the page. */
import { GIFEncoder, applyPalette, quantize } from 'gifenc';
import { LatebloomError } from '../../shared/errors.ts';

export interface Film {
  canvas: HTMLCanvasElement;
  frames: number;
  framesPerSecond: number;
  /** Draws one frame onto the canvas. */
  draw: (frame: number) => void;
  signal: AbortSignal;
  /** @param done frames encoded so far */
  progress: (done: number) => void;
}

/** Best first. */
const webmTypes = ['video/webm;codecs=vp9', 'video/webm;codecs=vp8', 'video/webm'];
const BITS_PER_SECOND = 8_000_000;

/** The type of WebM that this browser encodes; null for none. */
export function webmType(): string | null {
  if (typeof MediaRecorder === 'undefined') return null;
  return webmTypes.find((type) => MediaRecorder.isTypeSupported(type)) ?? null;
}

/**
 * Frames are handed over at the film's own pace, for that is the time the encoder writes down. A frame that takes longer
 * to draw stands longer: none is left out.
 * @throws LatebloomError where the browser has no encoder or the encoder fails; the signal's reason when it is aborted.
 */
export async function encodeWebm({
  canvas,
  frames,
  framesPerSecond,
  draw,
  signal,
  progress,
}: Film): Promise<Blob> {
  const type = webmType();
  if (type === null || typeof canvas.captureStream !== 'function') {
    throw new LatebloomError(
      'device-unavailable',
      'This browser has no encoder for WebM video.',
      'Choose GIF: Latebloom encodes it itself.',
    );
  }
  draw(0);
  const stream = canvas.captureStream(0);
  const [track] = stream.getVideoTracks() as CanvasCaptureMediaStreamTrack[];
  const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: BITS_PER_SECOND });
  const parts: Blob[] = [];
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
  const ended = new Promise<void>((resolve, reject) => {
    recorder.addEventListener('stop', () => resolve());
    recorder.addEventListener('error', () =>
      reject(new LatebloomError('internal', 'The browser’s video encoder failed.', 'Choose GIF instead.')),
    );
  });
  try {
    recorder.start();
    const start = performance.now();
    for (let frame = 0; frame < frames; frame++) {
      signal.throwIfAborted();
      draw(frame);
      track?.requestFrame();
      progress(frame + 1);
      await until(start + (1000 * (frame + 1)) / framesPerSecond);
    }
    recorder.stop();
    await ended;
    return new Blob(parts, { type: 'video/webm' });
  } finally {
    if (recorder.state !== 'inactive') recorder.stop();
    for (const one of stream.getTracks()) one.stop();
  }
}

function until(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}

/** A palette of 256 colours per frame. @throws the signal's reason when it is aborted. */
export async function encodeGif({
  canvas,
  frames,
  framesPerSecond,
  draw,
  signal,
  progress,
}: Film): Promise<Blob> {
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null)
    throw new LatebloomError('device-unavailable', 'This browser gives no canvas.', 'Save an SVG frame.');
  const { width, height } = canvas;
  const gif = GIFEncoder();
  for (let frame = 0; frame < frames; frame++) {
    signal.throwIfAborted();
    draw(frame);
    const { data } = context.getImageData(0, 0, width, height);
    const palette = quantize(data, 256, { format: 'rgb565' });
    gif.writeFrame(applyPalette(data, palette, 'rgb565'), width, height, {
      palette,
      delay: 1000 / framesPerSecond,
    });
    progress(frame + 1);
    // The page stays alive: it shows the progress, and can cancel.
    await new Promise((resolve) => setTimeout(resolve));
  }
  gif.finish();
  return new Blob([gif.bytes() as Uint8Array<ArrayBuffer>], { type: 'image/gif' });
}
