/** Entry of a trainer process that trains the fake learner. */
import { hostChannel } from '../../../main/scheduler/trainer-channel.ts';
import { serveTrainer } from '../../../main/scheduler/trainer-loop.ts';
import { createFakeLearner, createFakeLearners } from './fake-learner.ts';

serveTrainer(
  hostChannel(),
  {
    createLearner: createFakeLearner,
    createLearners: createFakeLearners,
    listDevices: async () => [
      { id: 'good', title: 'A good one', available: true, reason: 'it worked' },
      { id: 'bad', title: 'A bad one', available: false, reason: 'it is not plugged in' },
    ],
  },
  () => process.exit(0),
);
