import { expect, test } from 'vitest';
import {
  addArm,
  copyOf,
  draftRuns,
  duplicateArm,
  isDraft,
  removeArm,
  renameArm,
  uniqueId,
  type Draft,
} from '../../../shared/draft.ts';
import { parseStudy, type Claim, type Study } from '../../../shared/study.ts';
import { runCount } from '../../../shared/sweep.ts';
import { startingClaim } from './claims-support.ts';
import { linearArm, studyOf } from './support.ts';

const pooled: Claim = {
  ...startingClaim('a', 'both'),
  check: {
    left: { arm: 'a', quantity: 'delay', statistic: 'median' },
    op: '<',
    right: { arm: 'b', quantity: 'delay', statistic: 'median' },
  },
};
const study = studyOf(
  [linearArm('a', 100), linearArm('b', 100), linearArm('c', 100)],
  [startingClaim('a'), startingClaim('c', 'third'), pooled],
);
const draft = study as unknown as Draft;

test('a copy has an id and a title of its own and is otherwise the study', () => {
  const copy = copyOf(study, ['test-study', 'test-study-copy']);
  expect(copy).toEqual({ ...study, id: 'test-study-copy-2', title: 'Copy of Test study' });
  const long: Study = { ...study, id: 'x'.repeat(64), title: 'T'.repeat(200) };
  const first = copyOf(long, []);
  expect(parseStudy(copyOf(long, [first.id])).id).not.toBe(first.id);
  expect(uniqueId('y'.repeat(64), ['y'.repeat(64)])).toBe(`${'y'.repeat(62)}-2`);
});

test('a duplicate stands behind its original and is valid', () => {
  const twice = parseStudy(duplicateArm(duplicateArm(draft, 1), 1));
  expect(twice.arms.map(({ id }) => id)).toEqual(['a', 'b', 'b-copy-2', 'b-copy', 'c']);
  expect({ ...twice.arms[2], id: 'b', title: 'Arm b' }).toEqual(study.arms[1]);
  expect(duplicateArm(draft, 9)).toBe(draft);
  const added = parseStudy(addArm(addArm(draft, 'mlp'), 'mlp'));
  expect(added.arms.slice(3).map(({ id }) => id)).toEqual(['mlp', 'mlp-2']);
});

test('claims about an arm go with it and are named', () => {
  const { draft: left, claims } = removeArm(draft, 0);
  expect(claims).toEqual(['The arm a fits.', 'The arm a fits.']);
  expect(parseStudy(left).claims.map(({ id }) => id)).toEqual(['third']);
  expect(removeArm(draft, 1).claims).toHaveLength(1);
  expect(removeArm(draft, 7)).toEqual({ draft, claims: [] });
});

test('claims follow an arm to its new id', () => {
  const renamed = parseStudy(renameArm(draft, 1, 'bee'));
  expect(renamed.arms[1]?.id).toBe('bee');
  expect(renamed.claims[2]?.check.right).toMatchObject({ arm: 'bee' });
  expect(renamed.claims.slice(0, 2)).toEqual(study.claims.slice(0, 2));
  // An id that is taken, for as long as it is: the claims stay with the arm that had it first.
  const taken = renameArm(draft, 1, 'a');
  expect(taken['claims']).toEqual(draft['claims']);
  expect(renameArm(taken, 1, 'b')).toEqual(draft);
});

test('the number of runs is that of the study, and known before all of it is valid', () => {
  expect(draftRuns(draft)).toBe(runCount(study));
  const swept = {
    ...linearArm('a', 100),
    seeds: [1, 2, 3],
    sweep: [
      { path: 'model.noiseVariance', values: [1, 2] },
      { path: 'trainer.learningRate', values: ['?', 1] },
    ],
  };
  expect(draftRuns({ arms: [swept, { id: 'new' }] })).toBe(12);
  expect(draftRuns({ arms: 'none' })).toBe(0);
  expect(isDraft([])).toBe(false);
});
