import { describe, expect, it } from 'vitest';
import { studyFigure } from '../../../main/fidelity/figure.ts';
import { fidelityPart } from '../../../main/fidelity/part.ts';
import { explanationIn, reportMarkdown } from '../../../main/fidelity/report.ts';
import { countVerdicts, countWords, evaluateClaims } from '../../../shared/claims.ts';
import type { RunWithCurve } from '../../../shared/delay-table.ts';
import { partSchema, type FidelityPart } from '../../../shared/fidelity-part.ts';
import type { Arm, Claim, Study } from '../../../shared/study.ts';
import { accuracyCurve, curveOf, linearArm, runOf, studyOf } from '../shared/support.ts';

const arm: Arm = { ...linearArm('lin', 1000), seeds: [0, 1, 2] };
const claim = (id: string, op: '>' | '<', right: number, more: Partial<Claim> = {}): Claim => ({
  id,
  text: `The claim ${id}.`,
  source: 'Someone 2020, Figure 1',
  check: { left: { arm: 'lin', quantity: 'delay', statistic: 'median' }, op, right },
  ...more,
});
const study: Study = {
  ...studyOf(
    [arm],
    [
      claim('late', '>', 100, { quote: 'It is late.', provenance: 'paper' }),
      claim('early', '<', 100, { provenance: 'recalled', quote: 'It is early.' }),
      claim('needy', '>', 0, { minimumSeeds: 3 }),
    ],
  ),
  scale: { name: 'cpu', changes: ['a tenth of the steps'] },
};

function run(seed: number, start = `2026-01-01T00:00:0${seed}.000Z`): RunWithCurve {
  const effort = [0, 10, 100, 400 + seed, 1000];
  const made = runOf(
    arm,
    seed,
    accuracyCurve(
      effort,
      effort.map((one) => (one >= 10 ? 1 : 0.2)),
      effort.map((one) => (one >= 400 ? 1 : 0.3)),
    ),
  );
  const endedAt = `2026-01-01T00:01:0${seed}.000Z`;
  return { ...made, run: { ...made.run, startedAt: start, endedAt } };
}

function part(runs: readonly RunWithCurve[], of: Study = study): FidelityPart {
  return fidelityPart({
    preset: 'someone-2020',
    scale: 'cpu',
    study: of,
    studyHash: 'a'.repeat(64),
    seedsAsked: null,
    runs,
    claims: evaluateClaims(of, runs),
    figure: 'someone-2020-cpu.svg',
    caption: 'What is drawn.',
  });
}

const three = [run(0), run(1), run(2)];

describe('fidelityPart', () => {
  it('has verdicts with their numbers, times and the machine; survives its own file', () => {
    const made = part(three);
    expect(made).toMatchObject({
      runs: { total: 3, finished: 3, failed: 0, open: 0 },
      seeds: '3 seeds',
      computingSeconds: 30,
      wallSeconds: 62,
      changes: ['a tenth of the steps'],
    });
    expect(made.claims.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['late', 'holds'],
      ['early', 'fails'],
      ['needy', 'holds'],
    ]);
    expect(made.claims[0]).toMatchObject({ found: '391', claimed: '> 100', value: 391, sample: 'n = 3' });
    expect(partSchema.parse(JSON.parse(JSON.stringify(made)))).toEqual(made);
  });

  it('counts what has not ended, and says what cannot be decided', () => {
    const made = part([run(0), { ...run(1), run: { ...run(1).run, status: 'interrupted' } }]);
    expect(made.runs).toMatchObject({ total: 2, finished: 1, open: 1 });
    const counts = countVerdicts(made.claims);
    expect(counts).toEqual({ holds: 0, fails: 0, 'not-enough-data': 3 });
    expect(countWords(counts)).toBe('3 not decidable');
    expect(countWords({ holds: 12, fails: 1, 'not-enough-data': 0 })).toBe('12 hold, 1 fails');
  });
});

describe('reportMarkdown', () => {
  const report = (explanation: string | null): string =>
    reportMarkdown({
      parts: [{ part: part(three), figure: 'fidelity/someone-2020-cpu.svg', explanation }],
      missing: ['other-2021, paper scale: not run yet'],
      createdAt: '2026-01-02T00:00:00.000Z',
    });

  it('says how many claims hold, where each comes from, and what is missing', () => {
    const text = report('A difference in setting.');
    expect(text).toContain('Of 3 claims 2 hold, 1 fail, 0 are not decidable');
    expect(text).toContain('| [someone-2020](#someone-2020-cpu-scale) | cpu | 2 | 1 | 0 | 3 runs | 30 s |');
    expect(text).toContain('- other-2021, paper scale: not run yet');
    expect(text).toContain('- a tenth of the steps');
    expect(text).toContain('*Someone 2020, Figure 1; read in the paper* “It is late.”');
    expect(text).toContain('### What fails, and why\n\nA difference in setting.');
  });

  it('never shows what is only recalled as published', () => {
    const text = report(null);
    expect(text).toContain(
      '*after Someone 2020, Figure 1; from memory, not checked against the paper* As recalled or reported, not as published: It is early.',
    );
    expect(text).not.toContain('“It is early.”');
    expect(text).toContain('not explained yet in the notes');
  });
});

describe('explanationIn', () => {
  it('is the section of the notes on what fails', () => {
    const notes = '# Title\n\n## What fails, and why\n\nOne.\n\n- Two.\n\n## Next\n\nThree.\n';
    expect(explanationIn(notes)).toBe('One.\n\n- Two.');
    expect(explanationIn('## What fails, and why\n\nLast.')).toBe('Last.');
    expect(explanationIn('# Title\n\n## Next\n')).toBeNull();
  });
});

describe('studyFigure', () => {
  it('draws every run of a panel twice, with its steps where they lie', () => {
    const { svg, caption } = studyFigure('A & B', three);
    expect(svg).toContain('<title>A &amp; B</title>');
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(3);
    expect(svg.match(/<circle/g)).toHaveLength(3);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(caption).toMatch(/open triangle: fit step/);
    // Test accuracy 1 is at the panel's top; effort 402 lies log(402/10)/log(1000/10) of the way from the first effort.
    const at = 44 + 246 * (0.03 + 0.97 * (Math.log10(402 / 10) / Math.log10(1000 / 10)));
    expect(svg).toContain(`<circle cx="${at.toFixed(1)}" cy="30.0"`);
  });

  it('survives runs without rows, without values and of one row', () => {
    const empty = runOf(arm, 0, curveOf([], {}));
    const one = runOf(arm, 1, curveOf([0], { trainAccuracy: [Number.NaN], testAccuracy: [0.5] }));
    const lost = runOf(
      { ...arm, thresholds: { metric: 'loss', train: 1, test: 1, sustain: 1 } },
      2,
      curveOf([0, 1], { trainLoss: [0, 0], testLoss: [Number.NaN, 0] }),
    );
    for (const runs of [[empty], [one], [lost], []]) {
      expect(studyFigure('t', runs).svg).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it('says which points and panels it leaves out', () => {
    const effort = Array.from({ length: 2000 }, (_, i) => i);
    const long = accuracyCurve(
      effort,
      effort.map(() => 1),
      effort.map(() => 0),
    );
    const many = Array.from({ length: 30 }, (_, i) => runOf(arm, 0, long, 'finished', { 'model.x': i }));
    const { caption } = studyFigure('t', many);
    expect(caption).toMatch(/Showing [\d,]+ of 96,000 points/);
    expect(caption).toContain('Showing 24 of 30 sweep points');
  });
});
