/** Entry of a trainer process that trains the fake learner. */
import { hostChannel } from '../../../main/scheduler/trainer-channel.ts';
import { serveTrainer } from '../../../main/scheduler/trainer-loop.ts';
import { createFakeLearner } from './fake-learner.ts';

serveTrainer(hostChannel(), createFakeLearner, () => process.exit(0));
