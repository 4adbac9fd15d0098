import { describe, expect, it } from 'vitest';
import { delayJson, delayText } from '../../../main/cli/delays-text.ts';
import { evaluateClaims } from '../../../shared/claims.ts';
import { delayTable } from '../../../shared/delay-table.ts';
import { runOf, study } from '../bundle/fixtures.ts';

const never = [
  [0.5, 0.5, 1, 1, 0],
  [1, 0.6, 1, 1, 0],
];
const runs = [runOf('mlp', 0), runOf('mlp', 1, 'stopped', never), runOf('linear', 0, 'queued', [])];
const report = {
  studyId: 'two-families-1',
  study,
  runs,
  table: delayTable(runs),
  claims: evaluateClaims(study, runs),
};

describe('delayText', () => {
  const text = delayText(report);
  const line = (start: RegExp): string => text.split('\n').find((one) => start.test(one)) ?? '';

  it('shows what was seen as a number and what was not as "not within"', () => {
    expect(line(/^mlp +0/)).toMatch(/^mlp +0 +finished +20 +10 +20 +10 +2$/);
    expect(line(/^mlp +1/)).toMatch(/^mlp +1 +stopped +10 +10 +not within 10 +> 0 +> 1$/);
    expect(line(/^linear +0/)).toMatch(/^linear +0 +queued +none /);
  });

  it('gives medians with their method, and counts the runs behind them', () => {
    expect(line(/^mlp +1 of 2/)).toContain('optimizer steps');
    expect(line(/^linear +0 of 0/)).toContain('1 run without data');
    expect(text).toContain(report.table.method);
  });

  it('gives the verdict on each claim with its reason', () => {
    expect(text).toContain(`The MLP generalizes late. (Figure 1)\n    ${report.claims[0]?.why}`);
  });
});

describe('a sweep', () => {
  const swept = [1, 8].map((value) => {
    const one = runOf('mlp', 0);
    return { ...one, run: { ...one.run, point: { 'model.initScale': value } } };
  });
  const text = delayText({ ...report, runs: swept, table: delayTable(swept) });

  it('has its points named in both tables, and as values in JSON', () => {
    const lines = text.split('\n').filter((line) => line.startsWith('mlp, initScale = 8 '));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/ 0 +finished +20 +10 +20 +10 +2$/);
    expect(lines[1]).toContain('1 of 1');
    const document = delayJson({ ...report, runs: swept, table: delayTable(swept) }) as {
      runs: { point: unknown }[];
      arms: { point: unknown; n: number }[];
    };
    expect(document.runs.map(({ point }) => point)).toEqual([
      { 'model.initScale': 1 },
      { 'model.initScale': 8 },
    ]);
    expect(document.arms.map(({ point, n }) => [point, n])).toEqual([
      [{ 'model.initScale': 1 }, 1],
      [{ 'model.initScale': 8 }, 1],
    ]);
  });
});

describe('delayJson', () => {
  it('has a row per run with what the issue promises', () => {
    const document = JSON.parse(JSON.stringify(delayJson(report))) as { studyId: string; runs: unknown[] };
    expect(document.studyId).toBe('two-families-1');
    expect(document.runs[0]).toMatchObject({
      id: 'two-families-1.mlp.s0',
      arm: 'mlp',
      seed: 0,
      status: 'finished',
      fitStep: 10,
      generalizationStep: 20,
      delay: 10,
      delayRatio: 2,
      error: null,
    });
    expect(document.runs[1]).toMatchObject({
      generalizationStep: null,
      generalizationStepAtLeast: 10,
      delay: null,
    });
  });
});
