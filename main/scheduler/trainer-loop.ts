/** What a trainer process does with its messages: one run, some runs together, or one calibration at a time. */
import type { DeviceReport } from '../../shared/api.ts';
import { toErrorReport } from '../../shared/errors.ts';
import { LearnersAsOne } from '../training/learners-as-one.ts';
import type { CreateLearner, CreateLearners, Learner } from '../training/learner.ts';
import { measureSpeed } from './measure-speed.ts';
import type { ToTrainer, TrainerChannel } from './protocol.ts';
import { Company, TrainingRun, type StartMessage } from './training-run.ts';

type CalibrateMessage = Extract<ToTrainer, { type: 'calibrate' }>;

/** What a trainer can do; the tests bring their own. */
export interface TrainerSkills {
  createLearner: CreateLearner;
  createLearners: CreateLearners;
  /** Never rejects: what goes wrong is why the device is not available. */
  probeDevice: (id: string) => Promise<DeviceReport>;
}

/** Serves until the host says shutdown, or is gone; then calls `exit`. */
export function serveTrainer(channel: TrainerChannel, skills: TrainerSkills, exit: () => void): void {
  const { createLearner, createLearners, probeDevice } = skills;
  const going = new Map<string, TrainingRun>();
  const begin = (start: StartMessage, company: Company, create: CreateLearner): void => {
    const run = new TrainingRun(start, channel, company);
    going.set(start.runId, run);
    void run.run(create).finally(() => going.delete(start.runId));
  };

  channel.onMessage((message) => {
    switch (message.type) {
      case 'start':
        begin(message, new Company(1), createLearner);
        break;
      case 'start-together': {
        const company = new Company(message.runs.length);
        const learners = learnersOf(message.runs, skills);
        message.runs.forEach((start, i) => {
          begin(start, company, async () => ((await learners)[i] as () => Promise<Learner>)());
        });
        break;
      }
      case 'pause':
      case 'stop':
        going.get(message.runId)?.ask(message.type === 'pause' ? 'paused' : 'stopped');
        break;
      case 'journaled':
        going.get(message.runId)?.confirmJournaled(message.effort);
        break;
      case 'calibrate':
        void calibrate(message, channel, createLearners);
        break;
      case 'probe-device':
        void probeDevice(message.id).then((report) => {
          channel.send({ type: 'device', report });
        });
        break;
      case 'shutdown':
        exit();
        break;
    }
  });
  channel.onDisconnect(exit);
}

/** Trained together; where that cannot be, one by one, so that only those fail whose learner cannot be made. */
async function learnersOf(
  starts: readonly StartMessage[],
  { createLearner, createLearners }: TrainerSkills,
): Promise<(() => Promise<Learner>)[]> {
  const [first] = starts;
  if (first === undefined) return [];
  const { threads, device, deviceFault } = first;
  try {
    const learners = await createLearners(starts, { threads, device, deviceFault });
    return learners.map((learner) => () => Promise.resolve(learner));
  } catch {
    return starts.map(
      ({ arm, seed }) =>
        () =>
          createLearner(arm, seed, { threads, device, deviceFault }),
    );
  }
}

/** Trains for a while and throws the result away. */
async function calibrate(
  { id, arm, seed, threads, device, deviceFault, seconds, lanes }: CalibrateMessage,
  channel: TrainerChannel,
  createLearners: CreateLearners,
): Promise<void> {
  try {
    const create: CreateLearner = async (one, firstSeed, options) => {
      const runs = Array.from({ length: lanes }, (_, i) => ({ arm: one, seed: firstSeed + i }));
      return LearnersAsOne.of(await createLearners(runs, options));
    };
    const speed = await measureSpeed(arm, seed, { threads, device, deviceFault }, seconds, create);
    channel.send({ type: 'calibrated', id, speed });
  } catch (error) {
    channel.send({ type: 'calibration-failed', id, error: toErrorReport(error) });
  }
}
