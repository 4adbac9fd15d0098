import fc from 'fast-check';
import { expect, test } from 'vitest';
import { studyDifferences } from '../../../shared/study-diff.ts';
import { linearArm, studyOf } from './support.ts';
import { startingClaim } from './claims-support.ts';

const study = studyOf([linearArm('a', 100), linearArm('b', 100)], [startingClaim('a')]);

test('equal studies do not differ, in whatever order their arms stand', () => {
  expect(studyDifferences(study, structuredClone(study))).toEqual([]);
  expect(studyDifferences(study, { ...study, arms: [...study.arms].reverse() })).toEqual([]);
});

test('every changed, added and removed setting is said once', () => {
  const [a, b] = study.arms;
  const changed = {
    ...study,
    title: 'Mine',
    claims: [],
    arms: [
      { ...a, trainer: { ...a?.trainer, momentum: 0.5 }, seeds: [0, 1] },
      { ...b, id: 'c', title: 'Another' },
    ],
  };
  expect(studyDifferences(study, changed)).toEqual([
    { path: 'title', before: '"Test study"', after: '"Mine"' },
    { path: 'arms[a].trainer.momentum', before: '0', after: '0.5' },
    { path: 'arms[a].seeds', before: '[0]', after: '[0,1]' },
    { path: 'arms[c]', before: null, after: 'Another' },
    { path: 'arms[b]', before: 'Arm b', after: null },
    { path: 'claims[fits]', before: 'The arm a fits.', after: null },
  ]);
  const swept = { ...study, arms: [{ ...a, sweep: [{ path: 'model.noiseVariance', values: [1, 2] }] }, b] };
  expect(studyDifferences(study, swept)).toEqual([
    { path: 'arms[a].sweep[model.noiseVariance]', before: null, after: '[1,2]' },
  ]);
});

test('a dataset of another kind, and a long list, are said in a few words', () => {
  const rows = Array.from({ length: 40 }, (_, i) => [i, i]);
  const table = (list: unknown) => ({ arms: [{ id: 'a', dataset: { rows: list } }] });
  expect(studyDifferences(table(rows), table(rows.slice(1)))).toEqual([
    { path: 'arms[a].dataset.rows', before: 'a list of 40 entries', after: 'a list of 39 entries' },
  ]);
});

test('values differ exactly where there is a difference to show', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
      const same = JSON.stringify(before) === JSON.stringify(after);
      if (same) expect(studyDifferences(before, after)).toEqual([]);
      expect(studyDifferences(before, before)).toEqual([]);
      const found = studyDifferences(before, after);
      const back = studyDifferences(after, before);
      expect(back.map(({ path }) => path).sort()).toEqual(found.map(({ path }) => path).sort());
    }),
  );
});
