import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvField, delayTable, delayTableCsv } from '../../../shared/delay-table.ts';
import {
  eventNotes,
  formatDuration,
  formatEvent,
  formatInterval,
  formatMedian,
  formatRatio,
} from '../../../shared/format.ts';
import { accuracyCurve, linearArm, runOf } from './support.ts';

const arm = linearArm('lin', 1500);
const effort = [0, 20, 100, 1500];
const generalizes = runOf(arm, 0, accuracyCurve(effort, [0, 1, 1, 1], [0, 0, 0.95, 0.9]));
const censored = runOf(arm, 1, accuracyCurve(effort, [0, 1, 1, 1], [0, 0, 0.5, 0.5]));
const neverFits = runOf(arm, 2, accuracyCurve(effort, [0, 0, 0, 0.5], [0, 0, 0, 0.5]), 'failed');
const waiting = runOf(arm, 3, { runId: 'run', length: 0, columns: {} }, 'queued');

describe('delayTable', () => {
  const table = delayTable([generalizes, censored, neverFits, waiting]);

  it('keeps censored runs as rows with a bound, never as a number', () => {
    expect(table.runs).toHaveLength(4);
    expect(table.runs[0]).toMatchObject({
      id: 'test-study-1.lin.s0',
      arm: 'lin',
      seed: 0,
      status: 'finished',
      effort: 1500,
      fitStep: 20,
      fitStepCensored: false,
      generalizationStep: 100,
      delay: 80,
      delayRatio: 5,
      finalTestAccuracy: 0.9,
    });
    expect(table.runs[1]).toMatchObject({
      generalizationStep: null,
      generalizationStepCensored: true,
      generalizationStepAtLeast: 1500,
      delay: null,
      delayCensored: true,
      delayAtLeast: 1480,
      delayRatio: null,
      delayRatioAtLeast: 75,
    });
    expect(table.runs[2]).toMatchObject({ fitStepCensored: true, delay: null, delayCensored: false });
    expect(table.runs[3]).toMatchObject({ status: 'queued', effort: -1, finalTestAccuracy: null });
  });

  it('summarizes an arm over the runs that have begun, and counts the others', () => {
    expect(table.arms).toHaveLength(1);
    const row = table.arms[0];
    expect(row).toMatchObject({ arm: 'lin', n: 3, waiting: 1, unfinished: 0, failed: 1, generalized: 1 });
    expect(row?.shareGeneralized).toBeCloseTo(1 / 3, 12);
    expect(row?.fitStep).toMatchObject({ kind: 'observed', value: 20, n: 3, censored: 1 });
    expect(row?.generalizationStep).toEqual({
      kind: 'not-reached',
      atLeast: 1500,
      n: 3,
      censored: 2,
      undefined: 0,
    });
    expect(row?.delay).toMatchObject({ kind: 'not-reached', n: 2, censored: 1, undefined: 1 });
    expect(table.method).toContain('Kaplan–Meier');
  });

  it("keeps an arm's numbers whatever other arms are shown", () => {
    const other = runOf(linearArm('other', 1500), 0, accuracyCurve(effort, [0, 1, 1, 1], [0, 1, 1, 1]));
    expect(delayTable([other, generalizes, censored, neverFits, waiting]).arms[1]).toEqual(table.arms[0]);
  });

  it('counts a running run as unfinished and as censored where it stands', () => {
    const running = runOf(arm, 4, accuracyCurve([0, 20, 50], [0, 1, 1], [0, 0, 0]), 'running');
    const row = delayTable([running]).arms[0];
    expect(row).toMatchObject({ unfinished: 1, generalized: 0, shareGeneralized: 0 });
    expect(row?.delay).toMatchObject({ kind: 'not-reached', atLeast: 30 });
  });

  it('writes CSV with an empty field for what was not seen', () => {
    const lines = delayTableCsv(table).split('\r\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]?.split(',').slice(0, 6)).toEqual(['id', 'arm', 'family', 'seed', 'status', 'effort']);
    const header = (lines[0] as string).split(',');
    const second = (lines[2] as string).split(',');
    const field = (name: string): string | undefined => second[header.indexOf(name)];
    expect(field('generalizationStep')).toBe('');
    expect(field('generalizationStepCensored')).toBe('true');
    expect(field('generalizationStepAtLeast')).toBe('1500');
  });

  it('has a row for each sweep point of an arm, in the order of the runs', () => {
    const at = (x: number, seed: number, generalizes: number) => {
      const test = effort.map((e) => (e >= generalizes ? 1 : 0));
      return runOf(arm, seed, accuracyCurve(effort, [0, 1, 1, 1], test), 'finished', {
        'model.initScale': x,
      });
    };
    const swept = delayTable([at(2, 0, 100), at(1, 0, 20), at(2, 1, 1500)]);
    expect(swept.arms.map(({ point, n, generalizationStep }) => [point, n, generalizationStep.kind])).toEqual(
      [
        [{ 'model.initScale': 2 }, 2, 'observed'],
        [{ 'model.initScale': 1 }, 1, 'observed'],
      ],
    );
    expect(swept.arms[0]?.generalizationStep).toMatchObject({ value: 800 });
    expect(swept.runs.map((row) => row.point['model.initScale'])).toEqual([2, 1, 2]);
    const [header, ...lines] = delayTableCsv(swept).trimEnd().split('\r\n');
    expect(header?.endsWith(',finalTestLoss,model.initScale')).toBe(true);
    expect(lines.map((line) => line.split(',').at(-1))).toEqual(['2', '1', '2']);
  });

  it('gives a group the same numbers whatever else is in the table, and in whatever order', () => {
    const member = fc.record({
      study: fc.constantFrom('a', 'b'),
      arm: fc.constantFrom('lin', 'other'),
      x: fc.constantFrom(null, 1, 2, '1'),
      seed: fc.nat(3),
      fit: fc.constantFrom(...effort),
      generalizes: fc.constantFrom(...effort, 9999),
      place: fc.nat(),
    });
    const build = (
      one: { study: string; arm: string; x: number | string | null } & Record<string, unknown>,
    ) => {
      const steps = (from: unknown): number[] => effort.map((e) => (e >= (from as number) ? 1 : 0));
      const curve = accuracyCurve(effort, steps(one['fit']), steps(one['generalizes']));
      const point: Record<string, string | number> = one.x === null ? {} : { 'model.initScale': one.x };
      const built = runOf(linearArm(one.arm, 1500), one['seed'] as number, curve, 'finished', point);
      return { ...built, run: { ...built.run, studyId: one.study } };
    };
    fc.assert(
      fc.property(fc.array(member, { minLength: 1, maxLength: 25 }), (members) => {
        const shuffled = members.toSorted((a, b) => a.place - b.place);
        const all = delayTable(shuffled.map(build)).arms;
        const keys = [...new Set(members.map(({ study, arm, x }) => JSON.stringify([study, arm, x])))];
        expect(all).toHaveLength(keys.length);
        for (const key of keys) {
          const own = members.filter(({ study, arm, x }) => JSON.stringify([study, arm, x]) === key);
          expect(all).toContainEqual(delayTable(own.map(build)).arms[0]);
        }
      }),
    );
  });

  it('quotes a field that would break a CSV line', () => {
    expect(csvField('a,"b"')).toBe('"a,""b"""');
    expect(csvField('a\nb')).toBe('"a\nb"');
    expect(csvField(null)).toBe('');
    expect(csvField(0.1)).toBe('0.1');
  });
});

describe('words', () => {
  it('prints events', () => {
    expect(formatEvent({ kind: 'observed', effort: 12345, after: 0, sustained: true, relapses: 0 })).toBe(
      '12,345',
    );
    expect(formatEvent({ kind: 'censored', at: 1500 })).toBe('not within 1,500');
  });

  it('prints durations and medians', () => {
    expect(formatDuration({ kind: 'observed', value: 820 })).toBe('820');
    expect(formatDuration({ kind: 'censored', atLeast: 820 })).toBe('> 820');
    expect(formatDuration({ kind: 'undefined', reason: 'x' })).toBe('—');
    expect(formatDuration({ kind: 'observed', value: 12.468085 }, formatRatio)).toBe('12.5');
    const counts = { n: 5, censored: 3, undefined: 0 };
    expect(formatMedian({ kind: 'not-reached', atLeast: 1500, ...counts })).toBe('≥ 1,500');
    expect(formatMedian({ kind: 'no-data', n: 0, censored: 0, undefined: 2 })).toBe('—');
    const seen = { kind: 'observed', value: 23, low: 13, high: null, ...counts } as const;
    expect(formatMedian(seen)).toBe('23');
    expect(formatInterval(seen)).toBe('95 % interval 13 to open');
    const neither = { ...seen, low: null, high: null };
    expect(formatInterval({ ...neither, censored: 0 })).toBe('no 95 % interval: the runs tie');
    expect(formatInterval(neither)).toBe('no 95 % interval: too few events');
    expect(formatInterval({ ...neither, n: 1, censored: 0 })).toBe('');
  });

  it('says what a reader has to know about an event', () => {
    const notes = eventNotes({ kind: 'observed', effort: 0, after: null, sustained: false, relapses: 2 });
    expect(notes).toEqual([
      'already past the threshold at the first recorded effort',
      'the run ended before the threshold was held for its sustain window',
      'fell back below the threshold 2 times later',
    ]);
    expect(eventNotes({ kind: 'censored', at: 5 })).toEqual([]);
  });
});
