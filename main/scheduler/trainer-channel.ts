/** The trainer's end of the channel, whichever way its process was started. */
import type { FromTrainer, ToTrainer, TrainerChannel } from './protocol.ts';

/** What Electron gives a utility process: https://www.electronjs.org/docs/latest/api/parent-port */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

function electronChannel(port: ParentPort): TrainerChannel {
  return {
    send: (message) => {
      port.postMessage(message);
    },
    onMessage: (listener) => {
      port.on('message', (event) => {
        listener(event.data as ToTrainer);
      });
    },
    // Chromium ends a utility process when its browser process is gone.
    onDisconnect: () => undefined,
  };
}

function nodeChannel(): TrainerChannel {
  return {
    send: (message: FromTrainer) => {
      if (process.connected) process.send?.(message);
    },
    onMessage: (listener) => {
      process.on('message', (message) => {
        listener(message as ToTrainer);
      });
    },
    onDisconnect: (listener) => {
      process.on('disconnect', listener);
    },
  };
}

/** The channel to the host that started this process. */
export function hostChannel(): TrainerChannel {
  const { parentPort } = process as unknown as { parentPort?: ParentPort };
  return parentPort === undefined ? nodeChannel() : electronChannel(parentPort);
}
