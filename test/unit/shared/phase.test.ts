import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CrossingEvent, DelayResult } from '../../../shared/delay.ts';
import { GROKKING_DELAY, phaseOf, phases, phaseVote } from '../../../shared/phase.ts';

const seen = (effort: number): CrossingEvent => ({
  kind: 'observed',
  effort,
  after: null,
  sustained: true,
  relapses: 0,
});
const never: CrossingEvent = { kind: 'censored', at: 100_000 };
const unknown: CrossingEvent = { kind: 'unknown', reason: 'The run records no "testAccuracy".' };
const nothing = { kind: 'undefined', reason: '' } as const;
const result = (fit: CrossingEvent, generalization: CrossingEvent): DelayResult => ({
  fit,
  generalization,
  delay: nothing,
  delayRatio: nothing,
  sharpness: nothing,
});

describe('phaseOf', () => {
  /** Liu et al. 2022, Table 1: (training ≥ 90 %, test ≥ 90 %, gap in steps) → phase. */
  it.each([
    [seen(500), seen(1400), 'comprehension'],
    [seen(500), seen(1499), 'comprehension'],
    [seen(500), seen(1500), 'grokking'],
    [seen(500), seen(90_000), 'grokking'],
    [seen(500), never, 'memorization'],
    [never, never, 'confusion'],
  ] as const)('follows the table: %j, %j: %s', (fit, generalization, phase) => {
    expect(phaseOf(result(fit, generalization))).toBe(phase);
  });

  it('is confusion for a run that generalizes and never stays fitted', () => {
    expect(phaseOf(result(never, seen(50)))).toBe('confusion');
  });

  it('is comprehension for a run that generalizes before it fits', () => {
    expect(phaseOf(result(seen(900), seen(300)))).toBe('comprehension');
  });

  it('is none where the run does not record what the thresholds read', () => {
    expect(phaseOf(result(seen(1), unknown))).toBeNull();
    expect(phaseOf(result(unknown, seen(1)))).toBeNull();
  });

  it('takes another delay to part grokking from comprehension', () => {
    expect(phaseOf(result(seen(0), seen(50)), 50)).toBe('grokking');
    expect(GROKKING_DELAY).toBe(1000);
  });
});

describe('phaseVote', () => {
  it('is the phase of most runs, of several the worst, and says so', () => {
    expect(phaseVote(['grokking', 'grokking', 'memorization', null])).toEqual({
      phase: 'grokking',
      counts: { confusion: 0, memorization: 1, grokking: 2, comprehension: 0 },
      tied: false,
    });
    expect(phaseVote(['comprehension', 'memorization'])).toMatchObject({ phase: 'memorization', tied: true });
    expect(phaseVote([null])).toMatchObject({ phase: null, tied: false });
  });

  it('counts every run once, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...phases)), (members) => {
        const vote = phaseVote(members);
        expect(phases.reduce((sum, phase) => sum + vote.counts[phase], 0)).toBe(members.length);
        expect(phaseVote(members.toReversed())).toEqual(vote);
      }),
    );
  });
});
