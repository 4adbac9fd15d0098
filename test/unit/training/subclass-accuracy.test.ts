import { describe, expect, it } from 'vitest';
import type { VectorDataset } from '../../../main/datasets/dataset.ts';
import { accuracyOn, subclassGroups, type SubclassGroup } from '../../../main/training/subclass-accuracy.ts';

function dataset(names: string[], trained: number[], tested: number[]): VectorDataset {
  const split = (subclasses: number[]) => ({
    n: subclasses.length,
    inputs: new Float64Array(subclasses.length),
    labels: new Int32Array(subclasses.length),
    subclasses: Int32Array.from(subclasses),
  });
  return {
    kind: 'vectors',
    dimensions: 1,
    classes: 2,
    subclassNames: names,
    train: split(trained),
    test: split(tested),
  };
}

describe('subclass accuracies', () => {
  it('are one per subclass where there are few, and name how often it occurs in training', () => {
    const groups = subclassGroups(dataset(['a', 'b', 'c'], [0, 0, 1], [2, 0, 1, 0]));
    expect(groups.map(({ column }) => column.label)).toEqual([
      'test accuracy on a (2 in training)',
      'test accuracy on b (1 in training)',
      'test accuracy on c (not in training)',
    ]);
    // Two training examples come first among the hits.
    const hits = [9, 9, 1, 1, 0, 0];
    expect(groups.map((group) => accuracyOn(group, hits, 2))).toEqual([0.5, 0, 1]);
  });

  it('put many subclasses together by how often they occur in training', () => {
    const names = Array.from({ length: 12 }, (_, i) => `s${i}`);
    const trained = names.flatMap((_, i) => (i < 4 ? [] : [i, i, i]));
    const groups = subclassGroups(dataset(names, trained, [...names.keys()]));
    expect(groups.map(({ column }) => column.label)).toEqual([
      'test accuracy on 4 subclasses of 12 (not in training)',
      'test accuracy on 8 subclasses of 12 (3 in training each)',
    ]);
    expect([...(groups[0] as SubclassGroup).rows]).toEqual([0, 1, 2, 3]);
  });

  it('are none without subclasses', () => {
    const plain = dataset([], [], []);
    delete plain.subclassNames;
    expect(subclassGroups(plain)).toEqual([]);
  });
});
