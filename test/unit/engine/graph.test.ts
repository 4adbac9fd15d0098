import { describe, expect, it } from 'vitest';
import { evaluate, errorFunction } from '../../../main/engine/evaluate.ts';
import * as trace from '../../../main/engine/trace.ts';

const x = trace.input('x', [2, 3], 'float32');
const y = trace.input('y', [4, 3], 'float32');
const wide = trace.input('wide', [2, 3], 'float64');
const indices = trace.input('i', [2], 'int32');

describe('an operation on operands that do not fit', () => {
  const faults: [string, () => unknown, RegExp][] = [
    ['shapes', () => trace.add(x, y), /^add\(float32\[2, 3\], float32\[4, 3\]\): shapes do not broadcast/],
    [
      'element types',
      () => trace.mul(x, wide),
      /^mul\(float32\[2, 3\], float64\[2, 3\]\): element types differ/,
    ],
    [
      'sums of different lengths',
      () => trace.contract('ij,kj->ik', x, trace.input('z', [4, 5], 'float32')),
      /axes "j" of sizes 3 and 5/,
    ],
    ['an equation', () => trace.contract('ij->i', x, y), /is not of the form/],
    ['ranks', () => trace.contract('i,j->ij', x, y), /needs 1 axes where 2 are/],
    ['integers', () => trace.exp(indices), /^exp\(int32\[2\]\): needs floating-point operands/],
    ['sizes', () => trace.reshape(x, [4, 2]), /^reshape\(float32\[2, 3\]\): does not fit into \[4, 2\]/],
    ['axes', () => trace.reduceSum(x, [2], true), /^reduceSum\(float32\[2, 3\]\): has no axes \[2\]/],
    ['a slice beyond the end', () => trace.slice(x, [0, 2], [2, 2]), /does not lie inside/],
    ['indices that are no integers', () => trace.gather(x, y), /^gather\(.*\): indices must be int32/],
    ['a permutation', () => trace.transpose(x, [0, 0]), /is no permutation/],
    ['parts of other shapes', () => trace.concat([x, y], 1), /shapes differ outside axis 1/],
    ['values for a shape', () => trace.constant([1, 2], [3], 'float32'), /2 values do not fill \[3\]/],
  ];
  it.each(faults)('is refused with its name and shapes: %s', (_what, build, message) => {
    expect(build).toThrow(message);
  });

  it('is refused with the line of the model that asked for it', () => {
    let message = '';
    const model = (): trace.Tensor => trace.matMul(x, y);
    try {
      model();
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(
      /contract\(float32\[2, 3\], float32\[4, 3\]\): .* \(at .*graph\.test\.ts:\d+:\d+\)$/,
    );
  });
});

describe('the reference interpreter', () => {
  it('has the error function of the tables (Abramowitz & Stegun, table 7.1; DLMF 7.23)', () => {
    const table: [number, number][] = [
      [0, 0],
      [0.1, 0.1124629160182849],
      [0.5, 0.5204998778130465],
      [1, 0.8427007929497149],
      [2, 0.9953222650189527],
      [3, 0.9999779095030014],
      [4, 0.9999999845827421],
      [7, 1],
    ];
    for (const [at, value] of table) {
      expect(errorFunction(at)).toBeCloseTo(value, 14);
      expect(errorFunction(-at)).toBeCloseTo(-value, 14);
    }
  });

  it('refuses a row that is not there', () => {
    expect(() => evaluate([trace.gather(x, indices)], { x: [1, 2, 3, 4, 5, 6], i: [0, 2] })).toThrow(
      /no row 2/,
    );
  });
});
