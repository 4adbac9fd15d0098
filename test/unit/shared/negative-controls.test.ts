import { expect, test } from 'vitest';
import { readPresets } from '../../../main/presets.ts';
import { familyOf, type ModelKind } from '../../../shared/model-spec.ts';
import { negativeControls } from '../../../shared/negative-controls.ts';
import { startingArm, startingTrainers } from '../../../shared/starting-arms.ts';
import type { Arm } from '../../../shared/study.ts';
import { studyOf } from './support.ts';

const presets = (await readPresets()).flatMap(({ study }) => study.arms);
const arms = [...presets, ...(Object.keys(familyOf) as ModelKind[]).map(startingArm)];

function control(arm: Arm, kind: string): Arm {
  const found = negativeControls(arm).find((one) => one.kind === kind);
  if (found === undefined || found.arm === null) throw new Error(found?.why);
  return studyOf([found.arm]).arms[0] as Arm;
}

test('every control of every arm is a valid arm, or there is a reason for having none', () => {
  let made = 0;
  for (const arm of arms) {
    for (const one of negativeControls(arm)) {
      expect(one.arm === null).toBe(one.why !== '');
      if (one.arm === null) continue;
      made += 1;
      studyOf([arm, one.arm]);
      expect(one.arm.title).toContain(one.title);
    }
  }
  expect(made).toBeGreaterThan(15);
});

test('without weight decay there is none anywhere', () => {
  const arm: Arm = {
    ...startingArm('mlp'),
    trainer: {
      ...startingTrainers.adamw,
      weightDecay: 0,
      decayToward: 'initial-weights',
      groups: [
        { role: 'readout', weightDecay: 2 },
        { role: 'bias', learningRate: 1 },
      ],
    },
    sweep: [
      { path: 'trainer.groups[0].weightDecay', values: [1, 2] },
      { path: 'model.initScale', values: [1, 8] },
    ],
  };
  studyOf([arm]);
  expect(control(arm, 'without-weight-decay')).toEqual({
    ...arm,
    id: 'mlp-no-decay',
    title: 'Network on hidden parity, without weight decay',
    trainer: {
      ...startingTrainers.adamw,
      weightDecay: 0,
      groups: [
        { role: 'readout', weightDecay: 0 },
        { role: 'bias', learningRate: 1 },
      ],
    },
    sweep: [{ path: 'model.initScale', values: [1, 8] }],
  });
  expect(() => control(startingArm('ridge-path'), 'without-weight-decay')).toThrow('no weight decay');
  expect(() => control(startingArm('gp-classifier'), 'without-weight-decay')).toThrow('no weight decay');
});

test('shuffled labels wrap the dataset, below added inputs, and sweeps follow', () => {
  const nanda = presets.find(({ measures = [] }) => measures.includes('progress-measures')) as Arm;
  const shuffled = control(nanda, 'shuffled-labels');
  expect(shuffled.dataset).toEqual({ kind: 'random-labels', share: 1, of: nanda.dataset });
  expect(nanda.measures).toContain('progress-measures');
  expect(shuffled.measures ?? []).not.toContain('progress-measures');
  const concealed = presets.find(({ dataset }) => dataset.kind === 'concealment') as Arm;
  const deep = control(concealed, 'shuffled-labels');
  expect(deep.dataset).toMatchObject({ kind: 'concealment', of: { kind: 'random-labels' } });
  expect(deep.sweep?.map(({ path }) => path)).toEqual(['dataset.of.of.operation', 'dataset.dimensions']);
  expect(() => control(deep, 'shuffled-labels')).toThrow('already');
  expect(() => control(startingArm('gp-regression'), 'shuffled-labels')).toThrow('numbers');
});
