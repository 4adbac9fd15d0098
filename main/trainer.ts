/** Entry of one trainer process: a child process of Node, or a utility process of Electron. */
import { hostChannel } from './scheduler/trainer-channel.ts';
import { serveTrainer } from './scheduler/trainer-loop.ts';
import { createLearner, createLearners } from './training/registry.ts';

// Ctrl-C in a terminal reaches the whole process group; the host decides what becomes of the run.
process.on('SIGINT', () => undefined);
serveTrainer(
  hostChannel(),
  {
    createLearner,
    createLearners,
    probeDevice: async (id) => (await import('./engine/devices.ts')).probeDevice(id),
  },
  () => process.exit(0),
);
