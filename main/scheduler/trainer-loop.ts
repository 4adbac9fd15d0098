/** What a trainer process does with its messages: one run or one calibration at a time. */
import type { DeviceReport } from '../../shared/api.ts';
import { toErrorReport } from '../../shared/errors.ts';
import type { CreateLearner } from '../training/learner.ts';
import { measureSpeed } from './measure-speed.ts';
import type { ToTrainer, TrainerChannel } from './protocol.ts';
import { TrainingRun } from './training-run.ts';

type CalibrateMessage = Extract<ToTrainer, { type: 'calibrate' }>;

/** What a trainer can do; the tests bring their own. */
export interface TrainerSkills {
  createLearner: CreateLearner;
  /** Never rejects: what goes wrong is why the device is not available. */
  probeDevice: (id: string) => Promise<DeviceReport>;
}

/** Serves until the host says shutdown, or is gone; then calls `exit`. */
export function serveTrainer(channel: TrainerChannel, skills: TrainerSkills, exit: () => void): void {
  const { createLearner, probeDevice } = skills;
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

/** Trains for a while and throws the result away. */
async function calibrate(
  { id, arm, seed, threads, device, deviceFault, seconds }: CalibrateMessage,
  channel: TrainerChannel,
  createLearner: CreateLearner,
): Promise<void> {
  try {
    const speed = await measureSpeed(arm, seed, { threads, device, deviceFault }, seconds, createLearner);
    channel.send({ type: 'calibrated', id, speed });
  } catch (error) {
    channel.send({ type: 'calibration-failed', id, error: toErrorReport(error) });
  }
}
