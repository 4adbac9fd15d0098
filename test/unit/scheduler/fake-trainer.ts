/** Entry of a trainer process that trains the fake learner. */
import { hostChannel } from '../../../main/scheduler/trainer-channel.ts';
import { serveTrainer } from '../../../main/scheduler/trainer-loop.ts';
import { createFakeLearner, createFakeLearners } from './fake-learner.ts';

serveTrainer(
  hostChannel(),
  {
    createLearner: createFakeLearner,
    createLearners: createFakeLearners,
    probeDevice: async (id) => {
      // What a driver without its hardware does to a process.
      if (id === 'onnxruntime-cuda') process.kill(process.pid, 'SIGSEGV');
      return id === 'tfjs-node'
        ? { id, title: 'A bad one', available: false, reason: 'it is not plugged in' }
        : { id, title: 'A good one', available: true, reason: 'it worked' };
    },
  },
  () => process.exit(0),
);
