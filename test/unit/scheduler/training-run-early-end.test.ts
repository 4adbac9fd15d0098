/** Runs whose study has them end once they have generalized, in their trainer: interrupted in every way. */
import { describe, expect, it } from 'vitest';
import type { Arm } from '../../../shared/study.ts';
import type { FakeArm } from './fake-learner.ts';
import { arm, ending, fast, pictures, rows, slow, train, trainerFolder } from './trainer-in-process.ts';

const folder = trainerFolder();

describe('a run that may end before its budget', () => {
  /** Chaotic values: both are past 0.4 from 63 to 77, and never as long before. */
  const asksFor = (settings: FakeArm, factor: number): Arm => {
    const whole = arm(settings);
    return {
      ...whole,
      thresholds: { metric: 'accuracy', train: 0.4, test: 0.4, sustain: 1 },
      budget: { ...whole.budget, stopAfterGeneralization: factor },
    };
  };
  const early = asksFor(slow, 1.2);

  it('ends at the row that shows that it stayed generalized, with a snapshot', async () => {
    const whole = rows(await train(fast));
    const messages = await train(slow, { arm: early });
    const own = rows(messages);
    expect(ending(messages)).toEqual({ status: 'finished', error: null });
    expect(own).toEqual(whole.slice(0, own.length));
    expect(own.at(-1)?.[0]).toBe(77);
    expect(pictures(messages).at(-1)?.effort).toBe(77);
    expect(
      pictures(await train(fast, { checkpointPath: folder.join('other') })).map(({ effort }) => effort),
    ).not.toContain(77);
  });

  it('ends at the same row after any interruption, whatever was sent before it', async () => {
    const whole = await train(slow, { arm: early, checkpointPath: folder.join('whole') });
    const efforts = rows(whole).map(([effort]) => effort as number);
    for (const sent of [efforts[3], efforts.at(-2), efforts.at(-1)]) {
      // A host that died with its trainer: rows up to here are in the journal, and there is no checkpoint.
      const again = await train(slow, {
        arm: early,
        lastJournaledEffort: sent as number,
        checkpointPath: folder.join(`none-${sent}`),
      });
      expect(rows(again)).toEqual(rows(whole).filter(([effort]) => (effort as number) > (sent as number)));
      expect(ending(again)?.status).toBe('finished');
    }
    // One that had ended goes no further from its own checkpoint.
    const after = await train(slow, {
      arm: early,
      lastJournaledEffort: efforts.at(-1) as number,
      checkpointPath: folder.join('whole'),
    });
    expect(after[0]).toMatchObject({ type: 'started', resumedFrom: efforts.at(-1) });
    expect(rows(after)).toEqual([]);
    expect(ending(after)?.status).toBe('finished');
  });

  it('ends at the same row after a pause', async () => {
    const unhurried = asksFor({ ...slow, title: 'microseconds=30000' }, 1.2);
    const whole = rows(await train(slow, { arm: early, checkpointPath: folder.join('whole') }));
    const first = await train(slow, { arm: unhurried }, (message, send) => {
      // In the stretch that counts: what was seen of it has to be kept.
      if (message.type === 'batch' && (message.columns['effort']?.at(-1) ?? 0) >= 63)
        send({ type: 'pause', runId: 'run' });
    });
    expect(ending(first)?.status).toBe('paused');
    const last = rows(first).at(-1)?.[0] as number;
    const second = await train(slow, { arm: unhurried, lastJournaledEffort: last });
    expect([...rows(first), ...rows(second)]).toEqual(whole);
  });
});
