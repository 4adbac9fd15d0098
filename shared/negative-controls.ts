/**
 * Arms beside an arm in which no delayed generalization is expected: if one shows it all the same, something other than
 * the supposed cause is at work.
 */
import { datasetForm, datasetSpec } from './dataset-spec.ts';
import { measureMisfit } from './measure-spec.ts';
import { acceptedDatasets } from './model-spec.ts';
import type { Arm } from './study.ts';

export interface NegativeControl {
  kind: 'without-weight-decay' | 'shuffled-labels';
  title: string;
  /** The arm; or null, and `why` there is none. */
  arm: Arm | null;
  why: string;
}

/** Both controls of a valid arm. */
export function negativeControls(arm: Arm): NegativeControl[] {
  return [withoutWeightDecay(arm), shuffledLabels(arm)];
}

function withoutWeightDecay(arm: Arm): NegativeControl {
  const control = { kind: 'without-weight-decay', title: 'without weight decay' } as const;
  const { trainer } = arm;
  const swept = (arm.sweep ?? []).some(({ path }) => decays.test(path));
  const groups = trainer.kind === 'direct' ? undefined : trainer.groups;
  const decaying =
    trainer.kind !== 'direct' &&
    (trainer.weightDecay > 0 || swept || (groups ?? []).some(({ weightDecay = 0 }) => weightDecay > 0));
  if (trainer.kind === 'direct' || !decaying) {
    return { ...control, arm: null, why: 'the arm has no weight decay' };
  }
  const plain = { ...trainer, weightDecay: 0 };
  if (groups !== undefined) {
    plain.groups = groups.map((group) =>
      group.weightDecay === undefined ? group : { ...group, weightDecay: 0 },
    );
  }
  if (plain.kind === 'adamw') delete plain.decayToward;
  const changed = withSweep({ ...arm, trainer: plain }, (path) => (decays.test(path) ? null : path));
  return { ...control, arm: named(changed, 'no-decay', control.title), why: '' };
}

const decays = /^trainer\.(?:weightDecay|decayToward|groups\[\d+\]\.weightDecay)$/;

function shuffledLabels(arm: Arm): NegativeControl {
  const control = { kind: 'shuffled-labels', title: 'shuffled labels' } as const;
  const { dataset, model } = arm;
  const none = (why: string): NegativeControl => ({ ...control, arm: null, why });
  if (datasetForm(dataset).form === 'regression')
    return none('the targets of the dataset are numbers, not labels');
  const isConcealed = dataset.kind === 'concealment';
  const inner = isConcealed ? dataset.of : dataset;
  if (inner.kind === 'random-labels') return none('the labels of the arm are shuffled already');
  if (!isConcealed && !acceptedDatasets[model.kind].includes('random-labels')) {
    return none(`the model "${model.kind}" does not read shuffled labels`);
  }
  const shuffled = { kind: 'random-labels', share: 1, of: inner };
  const result = datasetSpec.safeParse(isConcealed ? { ...dataset, of: shuffled } : shuffled);
  if (!result.success) return none('the dataset has too few examples');
  const from = isConcealed ? 'dataset.of.' : 'dataset.';
  const changed = withSweep({ ...arm, dataset: result.data }, (path) =>
    path.startsWith(from) ? `${from}of.${path.slice(from.length)}` : path,
  );
  const measures = changed.measures?.filter((kind) => measureMisfit(kind, model, result.data) === null);
  delete changed.measures;
  if (measures !== undefined && measures.length > 0) changed.measures = measures;
  return { ...control, arm: named(changed, 'shuffled', control.title), why: '' };
}

/** The arm with the paths of its sweep changed; null leaves an axis out. */
function withSweep(arm: Arm, change: (path: string) => string | null): Arm {
  const changed = { ...arm };
  const axes = (arm.sweep ?? []).flatMap((axis) => {
    const path = change(axis.path);
    return path === null ? [] : [{ ...axis, path }];
  });
  delete changed.sweep;
  return axes.length === 0 ? changed : { ...changed, sweep: axes };
}

function named(arm: Arm, tail: string, words: string): Arm {
  return {
    ...arm,
    id: `${arm.id.slice(0, 60 - tail.length)}-${tail}`,
    title: `${arm.title.slice(0, 196 - words.length)}, ${words}`,
  };
}
