/** Work at most once per interval, inside an animation frame; a hidden window has no frames, so nothing is done. */

export interface Clock {
  now(): number;
  frame(callback: () => void): number;
  cancelFrame(id: number): void;
  later(callback: () => void, milliseconds: number): number;
  cancelLater(id: number): void;
}

const windowClock: Clock = {
  now: () => performance.now(),
  frame: (callback) => requestAnimationFrame(callback),
  cancelFrame: (id) => cancelAnimationFrame(id),
  later: (callback, milliseconds) => window.setTimeout(callback, milliseconds),
  cancelLater: (id) => window.clearTimeout(id),
};

export interface Pacer {
  /** Asks for the work; requests before it is done are one. */
  request(): void;
  cancel(): void;
}

export function pacer(interval: number, work: () => void, clock: Clock = windowClock): Pacer {
  let last = -Infinity;
  let timer: number | null = null;
  let frame: number | null = null;
  const run = (): void => {
    frame = null;
    last = clock.now();
    work();
  };
  const onTimer = (): void => {
    timer = null;
    frame = clock.frame(run);
  };
  return {
    request() {
      if (timer !== null || frame !== null) return;
      const wait = last + interval - clock.now();
      if (wait > 0) timer = clock.later(onTimer, wait);
      else onTimer();
    },
    cancel() {
      if (timer !== null) clock.cancelLater(timer);
      if (frame !== null) clock.cancelFrame(frame);
      timer = null;
      frame = null;
    },
  };
}
