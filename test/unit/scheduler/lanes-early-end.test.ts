/** Runs in lanes of one real program, of which some end once they have generalized and others go on. */
import { describe, expect, it } from 'vitest';
import { smallJob } from '../../../main/bench/jobs.ts';
import type { FromTrainer, ToTrainer } from '../../../main/scheduler/protocol.ts';
import { serveTrainer } from '../../../main/scheduler/trainer-loop.ts';
import { createLearner, createLearners } from '../../../main/training/registry.ts';
import type { Arm } from '../../../shared/study.ts';
import { ending, rows, trainerFolder } from './trainer-in-process.ts';

const folder = trainerFolder();

type Start = Extract<ToTrainer, { type: 'start' }>;

/** What a trainer says until all these runs have ended, by run. */
function messagesOf(begin: ToTrainer, runs: readonly Start[]): Promise<FromTrainer[][]> {
  return new Promise((resolve) => {
    const received = new Map(runs.map(({ runId }): [string, FromTrainer[]] => [runId, []]));
    let going = runs.length;
    serveTrainer(
      {
        send: (message) => {
          if (!('runId' in message)) throw new Error(`A message of no run: ${message.type}.`);
          received.get(message.runId)?.push(structuredClone(message));
          if (message.type === 'ended' && --going === 0) resolve([...received.values()]);
        },
        onMessage: (listener) => {
          listener(begin);
        },
        onDisconnect: () => undefined,
      },
      { createLearner, createLearners, probeDevice: () => Promise.reject(new Error('not asked for')) },
      () => undefined,
    );
  });
}

function starts(arm: Arm, seeds: readonly number[], where: string): Start[] {
  return seeds.map((seed) => ({
    type: 'start',
    runId: `seed ${seed}`,
    arm,
    seed,
    checkpointPath: folder.join(`${where}-${seed}`),
    checkpointEvery: 5,
    lastJournaledEffort: -1,
    threads: 1,
    device: null,
    deviceFault: null,
  }));
}

const seeds = [1, 2, 3, 4];
const whole = smallJob().arm;
if (whole.trainer.kind !== 'adamw') throw new Error('The small job has another trainer.');
const arm: Arm = {
  ...whole,
  trainer: { ...whole.trainer, learningRate: 0.01, weightDecay: 0 },
  thresholds: { metric: 'accuracy', train: 0.3, test: 0.2, sustain: 1 },
  budget: { maxEffort: 1500, stopAfterGeneralization: 1.3 },
  record: { every: 20, perDecade: 10 },
};

describe('lanes of which some end before their budget', () => {
  it('leave the others as they are alone, and end where they end alone', async () => {
    const runs = starts(arm, seeds, 'together');
    const together = await messagesOf({ type: 'start-together', runs }, runs);
    expect(together.map(([first]) => (first?.type === 'started' ? first.backend.lanes : null))).toEqual(
      seeds.map(() => seeds.length),
    );
    const ends: number[] = [];
    for (const [i, run] of starts(arm, seeds, 'alone').entries()) {
      const [alone = []] = await messagesOf(run, [run]);
      expect(rows(together[i] ?? [])).toEqual(rows(alone));
      expect(ending(together[i] ?? [])).toEqual({ status: 'finished', error: null });
      ends.push(rows(alone).at(-1)?.[0] as number);
    }
    // One takes its whole budget; three end before, at different rows.
    expect(ends.filter((end) => end === arm.budget.maxEffort)).toHaveLength(1);
    expect(new Set(ends).size).toBe(seeds.length);
  });
});
