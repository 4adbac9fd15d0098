/** From a request to the records of a new study: checks, overrides, one run per arm, sweep point and seed. */
import { createHash, randomBytes } from 'node:crypto';
import type { StartRequest } from '../shared/api.ts';
import { canonicalJson } from '../shared/canonical.ts';
import { datasetSizes } from '../shared/dataset-spec.ts';
import { claimArms } from '../shared/claim-operands.ts';
import { InputError, printValue, type InputFault } from '../shared/errors.ts';
import { effortUnitOf, familyOf } from '../shared/model-spec.ts';
import {
  runIdOf,
  unstarted,
  type EnvironmentRecord,
  type RunRecord,
  type StudyRecord,
} from '../shared/run.ts';
import { MAX_EFFORT } from '../shared/effort.ts';
import { parseStudy, studyFaults, type Arm, type Study } from '../shared/study.ts';
import { armAtPoint, pointName, pointsOf, type SweepPoint } from '../shared/sweep.ts';

const MAX_SEED = 4_294_967_295;
const MAX_SEEDS = 1000;
/** Crockford's alphabet, in lower case: no letter looks like a digit. */
const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * The study as it will run. Claims about arms that are left out go with them: nothing could check them.
 * @throws InputError naming every fault of the study, or else of the overrides.
 */
export function applyOverrides(request: StartRequest): Study {
  const study = parseStudy(request.study);
  const faults: InputFault[] = [];
  const { arms: armIds, seeds, maxEffort } = request;
  const known = study.arms.map((arm) => arm.id);
  if (armIds !== undefined) {
    if (armIds.length === 0)
      faults.push({ path: 'arms', value: '[]', expected: `some of ${known.join(', ')}` });
    armIds.forEach((id, i) => {
      if (known.includes(id)) return;
      faults.push({
        path: `arms[${i}]`,
        value: printValue(id),
        expected: `an arm of this study: ${known.join(', ')}`,
      });
    });
  }
  faults.push(
    ...integerFaults('seeds', seeds, MAX_SEEDS),
    ...integerFaults('maxEffort', maxEffort, MAX_EFFORT),
  );
  if (faults.length > 0) throw new InputError('The request', faults);
  const arms = study.arms
    .filter((arm) => armIds === undefined || armIds.includes(arm.id))
    .map((arm) => ({ ...withSeeds(arm, seeds), budget: cappedBudget(arm.budget, maxEffort) }));
  const left = new Set(arms.map((arm) => arm.id));
  const claims = study.claims.filter((claim) => claimArms(claim).every((id) => left.has(id)));
  const asked: Study = { ...study, arms, claims };
  // More seeds than the study has may be more runs than a sweep may have.
  const tooMany = seeds === undefined ? [] : studyFaults(asked);
  if (tooMany.length > 0) throw new InputError('The study with these settings', tooMany);
  return asked;
}

/** Fewer seeds remember how many the study asks for: its claims are not decided by a part of them. */
function withSeeds(arm: Arm, count: number | undefined): Arm {
  if (count === undefined) return arm;
  const planned = arm.seedsFrom ?? arm.seeds.length;
  const chosen: Arm = { ...arm, seeds: takeSeeds(arm.seeds, count), seedsFrom: planned };
  if (count >= planned) delete chosen.seedsFrom;
  return chosen;
}

/** A lowered budget remembers what the study asks for: what a shorter run did not reach decides no claim. */
function cappedBudget(budget: Arm['budget'], maxEffort: number | undefined): Arm['budget'] {
  if (maxEffort === undefined || maxEffort >= budget.maxEffort) return budget;
  const { stopAfterGeneralization, cappedFrom = budget.maxEffort } = budget;
  return {
    maxEffort,
    cappedFrom,
    ...(stopAfterGeneralization === undefined ? {} : { stopAfterGeneralization }),
  };
}

function integerFaults(path: string, value: number | undefined, max: number): InputFault[] {
  if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= max)) return [];
  return [{ path, value: printValue(value), expected: `an integer from 1 to ${max}` }];
}

/** The first `count` seeds, and the next unused integers when there are fewer. */
function takeSeeds(seeds: readonly number[], count: number): number[] {
  const taken = seeds.slice(0, count);
  const used = new Set(seeds);
  let next = (seeds[seeds.length - 1] ?? -1) + 1;
  while (taken.length < count) {
    if (next > MAX_SEED) next = 0;
    if (!used.has(next)) {
      taken.push(next);
      used.add(next);
    }
    next++;
  }
  return taken;
}

export function studyHashOf(study: Study): string {
  return createHash('sha256').update(canonicalJson(study)).digest('hex');
}

/** Records of a study that is about to start; all its runs are queued. */
export function newStudyRecords(
  study: Study,
  environment: EnvironmentRecord,
  now: Date = new Date(),
): { study: StudyRecord; runs: RunRecord[] } {
  const createdAt = now.toISOString();
  const id = `${study.id}-${createdAt.slice(0, 10).replaceAll('-', '')}-${randomSuffix()}`;
  const studyHash = studyHashOf(study);
  const started: StartedStudy = { studyId: id, studyHash, environment, createdAt };
  const runs = study.arms.flatMap((arm) =>
    pointsOf(arm).flatMap((point, i) => {
      const atPoint: ArmAtPoint = { arm: armAtPoint(arm, point), point, name: pointName(arm, i) };
      return arm.seeds.map((seed) => newRun(started, atPoint, seed));
    }),
  );
  return {
    study: {
      schemaVersion: 1,
      id,
      study,
      studyHash,
      createdAt,
      runIds: runs.map((run) => run.id),
      imported: null,
    },
    runs,
  };
}

type StartedStudy = Pick<RunRecord, 'studyId' | 'studyHash' | 'environment' | 'createdAt'>;

interface ArmAtPoint {
  arm: Arm;
  point: SweepPoint;
  /** "p03"; null without a sweep. */
  name: string | null;
}

function newRun(started: StartedStudy, { arm, point, name }: ArmAtPoint, seed: number): RunRecord {
  const family = familyOf[arm.model.kind];
  const { train, test } = datasetSizes(arm.dataset);
  const { batchSize } = arm.trainer;
  return {
    ...started,
    schemaVersion: 1,
    id: runIdOf(started.studyId, arm.id, seed, name),
    armId: arm.id,
    family,
    seed,
    arm,
    point,
    effortUnit: effortUnitOf(arm.model.kind),
    effortsPerEpoch: batchSize === 'full' ? 1 : Math.ceil(train / batchSize),
    trainSize: train,
    testSize: test,
    ...unstarted,
  };
}

function randomSuffix(): string {
  return [...randomBytes(6)].map((byte) => BASE32[byte % 32]).join('');
}
