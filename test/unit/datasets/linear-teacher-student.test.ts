import { describe, expect, test } from 'vitest';
import { buildLinearTeacherStudent } from '../../../main/datasets/linear-teacher-student.ts';
import { datasetSizes, type LinearTeacherStudentSpec } from '../../../shared/dataset-spec.ts';

const spec: LinearTeacherStudentSpec = {
  kind: 'linear-teacher-student',
  dimensions: 40,
  trainSize: 300,
  testSize: 200,
};

/** The weights that reproduce the targets of the first `d` examples, by Gaussian elimination. */
function teacherOf(inputs: Float64Array, targets: Float64Array, d: number): number[] {
  const rows = Array.from({ length: d }, (_, i) => [
    ...inputs.subarray(i * d, (i + 1) * d),
    targets[i] as number,
  ]);
  rows.forEach((_, j) => {
    const best = rows.reduce(
      (top, row, i) => (i >= j && Math.abs(row[j] as number) > Math.abs(rows[top]?.[j] as number) ? i : top),
      j,
    );
    [rows[j], rows[best]] = [rows[best] as number[], rows[j] as number[]];
    const pivot = rows[j] as number[];
    rows.forEach((row, i) => {
      if (i === j) return;
      const factor = (row[j] as number) / (pivot[j] as number);
      pivot.forEach((value, k) => (row[k] = (row[k] as number) - factor * value));
    });
  });
  return rows.map((row, j) => (row[d] as number) / (row[j] as number));
}

describe('linear teacher–student data', () => {
  test('one teacher without noise gives the targets of both splits', () => {
    const { train, test: held } = buildLinearTeacherStudent(spec, 5);
    const teacher = teacherOf(train.inputs, train.targets, spec.dimensions);
    for (const { n, inputs, targets } of [train, held]) {
      for (let i = 0; i < n; i++) {
        const expected = teacher.reduce((sum, t, j) => sum + t * (inputs[i * 40 + j] as number), 0);
        expect(targets[i]).toBeCloseTo(expected, 8);
      }
    }
  });

  test('inputs are standard normal; the targets have the variance ½ of the paper’s teacher, over seeds', () => {
    const squares = (values: Float64Array) => values.reduce((sum, v) => sum + v * v, 0) / values.length;
    let variance = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { train } = buildLinearTeacherStudent(spec, seed);
      if (seed === 0) {
        expect(squares(train.inputs)).toBeCloseTo(1, 1);
        expect(squares(train.inputs.map((v) => v * v))).toBeGreaterThan(2.6);
        expect(squares(train.inputs.map((v) => v * v))).toBeLessThan(3.4);
      }
      variance += squares(train.targets) / 40;
    }
    // Standard error 0.02.
    expect(Math.abs(variance - 0.5)).toBeLessThan(0.06);
  });

  test('has the sizes that its spec says, and depends on the seed alone', () => {
    const data = buildLinearTeacherStudent(spec, 1);
    expect(datasetSizes(spec)).toEqual({ train: 300, test: 200, available: 500 });
    expect([data.train.n, data.test.n, data.train.inputs.length]).toEqual([300, 200, 12_000]);
    expect(buildLinearTeacherStudent(spec, 1)).toEqual(data);
    expect(buildLinearTeacherStudent(spec, 2).train.inputs).not.toEqual(data.train.inputs);
  });
});
