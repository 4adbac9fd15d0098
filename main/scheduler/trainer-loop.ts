/** What a trainer process does with its messages: one run or one calibration at a time. */
import type { DeviceReport } from '../../shared/api.ts';
import { DivergedError, toErrorReport } from '../../shared/errors.ts';
import type { CreateLearner, Learner } from '../training/learner.ts';
import type { ToTrainer, TrainerChannel } from './protocol.ts';
import { TrainingRun, yieldToMessages } from './training-run.ts';

type CalibrateMessage = Extract<ToTrainer, { type: 'calibrate' }>;

const CALIBRATION_SLICE = 50;
/** Updates before the clock starts: the first ones compile and fill caches. */
const WARM_UP_SECONDS = 0.2;
const MAX_EVALUATIONS = 20;

/** What a trainer can do; the tests bring their own. */
export interface TrainerSkills {
  createLearner: CreateLearner;
  listDevices: () => Promise<DeviceReport[]>;
}

/** Serves until the host says shutdown, or is gone; then calls `exit`. */
export function serveTrainer(channel: TrainerChannel, skills: TrainerSkills, exit: () => void): void {
  const { createLearner, listDevices } = skills;
  let current: { runId: string; run: TrainingRun } | null = null;

  channel.onMessage((message) => {
    switch (message.type) {
      case 'start': {
        const run = new TrainingRun(message, channel);
        current = { runId: message.runId, run };
        void run.run(createLearner);
        break;
      }
      case 'pause':
      case 'stop':
        if (current?.runId === message.runId)
          current.run.ask(message.type === 'pause' ? 'paused' : 'stopped');
        break;
      case 'journaled':
        if (current?.runId === message.runId) current.run.confirmJournaled(message.effort);
        break;
      case 'calibrate':
        void calibrate(message, channel, createLearner);
        break;
      case 'list-devices':
        void listDevices().then(
          (devices) => {
            channel.send({ type: 'devices', devices });
          },
          (error: unknown) => {
            channel.send({ type: 'devices-failed', error: toErrorReport(error) });
          },
        );
        break;
      case 'shutdown':
        exit();
        break;
    }
  });
  channel.onDisconnect(exit);
}

/** Trains for about `seconds` and throws the result away: time per update, and per recorded row. */
async function calibrate(
  message: CalibrateMessage,
  channel: TrainerChannel,
  createLearner: CreateLearner,
): Promise<void> {
  const { id, arm, seed, threads, device, seconds } = message;
  let learner: Learner | null = null;
  try {
    learner = await createLearner(arm, seed, { threads, device });
    const { maxEffort } = arm.budget;
    const warmUp = await timeUpdates(learner, WARM_UP_SECONDS, maxEffort);
    const evaluations = await timeEvaluations(learner, seconds / 4);
    const warm = await timeUpdates(learner, seconds - evaluations.seconds, maxEffort);
    // A budget that is used up, or a run that diverges, within the warm-up leaves only that to go by.
    const updates = warm.count > 0 ? warm : warmUp;
    channel.send({
      type: 'calibrated',
      id,
      secondsPerUpdate: updates.seconds / updates.count,
      secondsPerRecord: evaluations.seconds / evaluations.count,
      seconds: updates.seconds + evaluations.seconds,
    });
  } catch (error) {
    channel.send({ type: 'calibration-failed', id, error: toErrorReport(error) });
  } finally {
    await learner?.dispose();
  }
}

interface Timing {
  count: number;
  seconds: number;
}

/** @throws DivergedError when not even one update succeeds. */
async function timeUpdates(learner: Learner, seconds: number, maxEffort: number): Promise<Timing> {
  const from = learner.effort;
  const timing: Timing = { count: 0, seconds: 0 };
  let diverged = false;
  while (!diverged && timing.seconds < seconds && learner.effort < maxEffort) {
    const before = performance.now();
    try {
      await learner.advance(maxEffort, before + CALIBRATION_SLICE);
      timing.count = learner.effort - from;
    } catch (error) {
      if (!(error instanceof DivergedError) || error.effort <= 1) throw error;
      timing.count = error.effort - from;
      diverged = true;
    }
    timing.seconds += (performance.now() - before) / 1000;
    await yieldToMessages();
  }
  return timing;
}

async function timeEvaluations(learner: Learner, seconds: number): Promise<Timing> {
  const timing: Timing = { count: 0, seconds: 0 };
  while (timing.count === 0 || (timing.seconds < seconds && timing.count < MAX_EVALUATIONS)) {
    const before = performance.now();
    await learner.evaluate();
    timing.seconds += (performance.now() - before) / 1000;
    timing.count++;
  }
  return timing;
}
