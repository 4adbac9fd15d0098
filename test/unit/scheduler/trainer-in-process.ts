/** Trainers in the process of the test: a run's messages, from its start to its end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { FromTrainer, ToTrainer, TrainerChannel } from '../../../main/scheduler/protocol.ts';
import { serveTrainer } from '../../../main/scheduler/trainer-loop.ts';
import type { CreateLearner, CreateLearners } from '../../../main/training/learner.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import { createFakeLearner, fakeStudy, type FakeArm } from './fake-learner.ts';

let path = '';

/** Registers the hooks of a file of tests: a folder for the checkpoints of each. */
export function trainerFolder(): { join: (...names: string[]) => string } {
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'latebloom-trainer-'));
  });
  afterEach(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return { join: (...names) => join(path, ...names) };
}

/** Runs of 1,600 efforts, with and without time for an interruption. */
export const slow = { title: 'microseconds=200', maxEffort: 1600, every: 7 };
export const fast = { ...slow, title: 'fast' };

export function arm(settings: FakeArm) {
  const [first] = fakeStudy([settings]).arms;
  if (first === undefined) throw new Error('no arm');
  return first;
}

/** A trainer in this process; `react` answers its messages. */
export function trainer(
  react: (message: FromTrainer, send: (message: ToTrainer) => void) => void,
  createLearner: CreateLearner = createFakeLearner,
) {
  const received: FromTrainer[] = [];
  let listener: (message: ToTrainer) => void = () => undefined;
  let resolveEnd: () => void = () => undefined;
  const end = new Promise<void>((resolve) => {
    resolveEnd = resolve;
  });
  const channel: TrainerChannel = {
    send: (message) => {
      received.push(structuredClone(message));
      react(message, listener);
      if (message.type === 'ended' || message.type.startsWith('calibrat')) resolveEnd();
    },
    onMessage: (added) => {
      listener = added;
    },
    onDisconnect: () => undefined,
  };
  const createLearners: CreateLearners = (runs, options) =>
    Promise.all(runs.map(({ arm: one, seed }) => createLearner(one, seed, options)));
  serveTrainer(
    channel,
    {
      createLearner,
      createLearners,
      probeDevice: () => Promise.reject(new Error('not asked for')),
    },
    () => undefined,
  );
  return {
    received,
    end,
    send: (message: ToTrainer) => {
      listener(message);
    },
  };
}

type Start = Partial<Extract<ToTrainer, { type: 'start' }>>;

export async function train(
  settings: FakeArm,
  start: Start = {},
  react: Parameters<typeof trainer>[0] = () => undefined,
  createLearner?: CreateLearner,
) {
  const { received, end, send } = trainer(react, createLearner);
  send({
    type: 'start',
    runId: 'run',
    arm: arm(settings),
    seed: 1,
    checkpointPath: join(path, 'checkpoint.bin'),
    checkpointEvery: 5,
    lastJournaledEffort: -1,
    deviceFault: null,
    threads: 1,
    device: null,
    ...start,
  });
  await end;
  return received;
}

/** All rows sent, without the clock's column. */
export function rows(messages: readonly FromTrainer[]): number[][] {
  return messages.flatMap((message) => {
    if (message.type !== 'batch') return [];
    const { effort, trainAccuracy, testAccuracy } = message.columns;
    return [...(effort ?? [])].map((value, i) => [
      value,
      trainAccuracy?.[i] as number,
      testAccuracy?.[i] as number,
    ]);
  });
}

/** All snapshots sent. */
export function pictures(messages: readonly FromTrainer[]): Snapshot[] {
  return messages.flatMap((message) => (message.type === 'batch' ? message.snapshots : []));
}

export function ending(messages: readonly FromTrainer[]) {
  const last = messages[messages.length - 1];
  return last?.type === 'ended' ? { status: last.status, error: last.error } : null;
}
