import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  exportBundle,
  readBundle,
  verifyBundle,
  type BundleInput,
  type BundleRun,
} from '../../../main/bundle/index.ts';
import { contentIdOf } from '../../../main/content-id.ts';
import { bundleRunSchema } from '../../../main/bundle/schemas.ts';
import { canonicalJson } from '../../../shared/canonical.ts';
import { runIdOf } from '../../../shared/run.ts';
import { parseStudy, type Arm, type Study } from '../../../shared/study.ts';
import { armAtPoint, pointName, pointsOf, type SweepPoint } from '../../../shared/sweep.ts';
import { inputOf, runOf, study as plainStudy } from './fixtures.ts';

const [mlp, linear] = plainStudy.arms as [Arm, Arm];
const arm: Arm = {
  ...mlp,
  sweep: [
    { path: 'model.initScale', values: [1, 8] },
    { path: 'trainer.batchSize', values: ['full', 5] },
  ],
};
const at = { 'trainer.batchSize': 5, 'model.initScale': 8 };
const claims = plainStudy.claims.map((claim) => ({
  ...claim,
  check: { ...claim.check, left: { ...claim.check.left, at } },
}));
const study: Study = parseStudy({ ...plainStudy, arms: [arm, linear], claims });
const studyHash = createHash('sha256').update(canonicalJson(study)).digest('hex');

function sweptRun(point: SweepPoint, name: string | null, seed: number): BundleRun {
  const { run, curve } = runOf('mlp', seed);
  const id = runIdOf('two-families-1', 'mlp', seed, name);
  const changed = { ...run, id, arm: armAtPoint(arm, point), point, studyHash };
  const ownCurve = { ...curve, runId: id };
  return { run: { ...changed, contentId: contentIdOf(changed, ownCurve) }, curve: ownCurve };
}

const sweptRuns = pointsOf(arm).flatMap((point, i) =>
  [0, 1].map((seed) => sweptRun(point, pointName(arm, i), seed)),
);

function input(runs: BundleRun[]): BundleInput {
  const base = inputOf(runs);
  return { ...base, study: { ...base.study, study, studyHash } };
}

describe('a bundle of a study with a sweep', () => {
  it('brings back every point, and names it', async () => {
    const { bytes } = await exportBundle(input(sweptRuns));
    expect(await verifyBundle(bytes)).toMatchObject({ ok: true, faults: [] });
    const content = await readBundle(bytes);
    expect(content.study.study).toEqual(study);
    expect(content.runs.map(({ run }) => [run.id, run.point, run.arm])).toEqual(
      sweptRuns.map(({ run }) => [run.id, run.point, run.arm]),
    );
    expect(content.runs[7]?.run.id).toBe('two-families-1.mlp.p03.s1');
  });

  it.each([
    [
      'a point that is not in the study',
      { 'model.initScale': 2, 'trainer.batchSize': 'full' },
      'its sweep point {"model.initScale":2,"trainer.batchSize":"full"} is not in the study',
    ],
    ['no point', {}, 'its sweep point {} is not in the study'],
    [
      'the point of another run',
      { 'model.initScale': 1, 'trainer.batchSize': 5 },
      'its arm is not mlp of the study',
    ],
  ])('is refused with %s', async (_, point, fault) => {
    const [first, ...rest] = sweptRuns as [BundleRun, ...BundleRun[]];
    const wrong = { ...first, run: { ...first.run, point: point as SweepPoint } };
    await expect(exportBundle(input([wrong, ...rest]))).rejects.toThrow(fault);
  });

  it('is refused where one point is there twice', async () => {
    const [first] = sweptRuns as [BundleRun];
    const id = `${first.run.id}0`;
    const twin = { run: { ...first.run, id }, curve: { ...first.curve, runId: id } };
    await expect(exportBundle(input([first, twin]))).rejects.toThrow(
      'is the same computation as two-families-1.mlp.p00.s0: mlp, initScale = 1, batchSize = full, seed 0',
    );
  });

  it('reads a run from before there were sweeps', () => {
    const { run } = runOf('mlp', 0);
    const known = Object.keys(bundleRunSchema.shape).filter((name) => name !== 'point');
    const old = Object.fromEntries(Object.entries(run).filter(([name]) => known.includes(name)));
    expect(bundleRunSchema.parse(old)).toEqual({ ...old, point: {} });
  });
});
