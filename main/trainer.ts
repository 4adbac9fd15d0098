/** Entry of one trainer process: a child process of Node, or a utility process of Electron. */
import type { FromTrainer, ToTrainer, TrainerChannel } from './scheduler/protocol.ts';
import { serveTrainer } from './scheduler/trainer-loop.ts';
import { createLearner } from './training/registry.ts';

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

const { parentPort } = process as unknown as { parentPort?: ParentPort };

// Ctrl-C in a terminal reaches the whole process group; the host decides what becomes of the run.
process.on('SIGINT', () => undefined);
serveTrainer(parentPort === undefined ? nodeChannel() : electronChannel(parentPort), createLearner, () =>
  process.exit(0),
);
