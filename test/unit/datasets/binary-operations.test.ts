import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TokenDataset, VectorDataset } from '../../../main/datasets/dataset.ts';
import { buildDataset } from '../../../main/datasets/index.ts';
import { permutations } from '../../../main/datasets/permutation-group.ts';
import { datasetSizes, datasetSpec } from '../../../shared/dataset-spec.ts';
import { modularOperation, modularPairs, type ModularOperation } from '../../../shared/modular.ts';

/** Answers by SymPy (modular inverse, permutation group): golden/binary_operations.py. */
const golden = JSON.parse(
  readFileSync(new URL('golden/binary_operations.json', import.meta.url), 'utf8'),
) as {
  modular: Record<string, Record<string, [number, number, number][]>>;
  s5: Record<string, [number, number, number][]>;
};

/** Answers of a whole dataset by operands. */
function answers(data: TokenDataset): Map<string, number> {
  return new Map(
    [data.train, data.test].flatMap((split) =>
      Array.from({ length: split.n }, (_, i): [string, number] => [
        split.tokens.subarray(3 * i, 3 * i + 2).join(),
        split.labels[i] as number,
      ]),
    ),
  );
}

function modular(operation: ModularOperation, p: number): TokenDataset {
  return buildDataset({ kind: 'modular-arithmetic', operation, p, trainFraction: 0.4 }, 3) as TokenDataset;
}

describe.each(modularOperation.options)('%s', (operation) => {
  test.each([7, 97])('has the answers of SymPy mod %i', (p) => {
    const own = answers(modular(operation, p));
    const rows = golden.modular[p]?.[operation] ?? [];
    expect(rows.length).toBeGreaterThanOrEqual(42);
    for (const [x, y, answer] of rows) expect([x, y, own.get(`${x},${y}`)]).toEqual([x, y, answer]);
  });

  test('has every pair once, "=" at the last position', () => {
    const data = modular(operation, 13);
    expect(answers(data).size).toBe(modularPairs(operation, 13));
    expect(data.train.n + data.test.n).toBe(modularPairs(operation, 13));
    expect([data.vocabulary, data.length, data.classes]).toEqual([14, 3, 13]);
    expect(data.train.tokens.filter((_, i) => i % 3 === 2).every((token) => token === 13)).toBe(true);
  });
});

test('sizes of the papers: 9,409 and 9,312 equations mod 97; 3,763 and 5,646 at 40 %; 14,400 for S5', () => {
  const sizes = (operation: ModularOperation, trainFraction: number) =>
    datasetSizes({ kind: 'modular-arithmetic', operation, p: 97, trainFraction });
  expect(sizes('x+y', 0.4)).toEqual({ train: 3763, test: 5646, available: 9409 });
  expect(sizes('x/y', 0.5)).toEqual({ train: 4656, test: 4656, available: 9312 });
  const s5 = datasetSizes({ kind: 'permutation-group', symbols: 5, operation: 'xy', trainFraction: 0.5 });
  expect(s5).toEqual({ train: 7200, test: 7200, available: 14_400 });
  const kumar = datasetSizes({ kind: 'modular-addition', p: 113, trainFraction: 0.3 });
  expect(kumar).toEqual({ train: 3830, test: 8939, available: 12_769 });
});

test('the answer of a division times its divisor is the dividend', () => {
  fc.assert(
    fc.property(fc.constantFrom(2, 3, 5, 13, 31), (p) => {
      for (const [pair, quotient] of answers(modular('x/y', p))) {
        const [x, y] = pair.split(',').map(Number) as [number, number];
        expect((quotient * y) % p).toBe(x);
      }
    }),
  );
});

test('division needs a prime modulus; other operations do not', () => {
  const spec = { kind: 'modular-arithmetic', operation: 'x/y', p: 12, trainFraction: 0.5 };
  expect(datasetSpec.safeParse(spec).error?.issues).toMatchObject([
    { path: ['p'], message: 'a prime number: division needs an inverse of every divisor' },
  ]);
  expect(datasetSpec.safeParse({ ...spec, operation: 'x*y' }).success).toBe(true);
});

describe('permutation groups', () => {
  test.each(['xy', 'xyx^-1', 'xyx'] as const)(
    "S5 %s has the answers of SymPy's permutations",
    (operation) => {
      const spec = { kind: 'permutation-group', symbols: 5, operation, trainFraction: 0.5 } as const;
      const data = buildDataset(spec, 0) as TokenDataset;
      expect([data.vocabulary, data.classes, data.train.n + data.test.n]).toEqual([121, 120, 14_400]);
      const own = answers(data);
      expect(own.size).toBe(14_400);
      for (const [x, y, answer] of golden.s5[operation] ?? []) {
        expect([x, y, own.get(`${x},${y}`)]).toEqual([x, y, answer]);
      }
    },
  );

  test('permutations are in lexicographic order', () => {
    expect(permutations(3).map((one) => one.join(''))).toEqual(['012', '021', '102', '120', '201', '210']);
  });
});

describe('one-hot pairs', () => {
  test('inputs are the one-hot vectors of x and y, with the answer as class', () => {
    const spec = { kind: 'modular-one-hot', operation: 'x/y', p: 7, trainSize: 600, testSize: 200 } as const;
    const data = buildDataset(spec, 1) as VectorDataset;
    expect([data.dimensions, data.classes]).toEqual([14, 7]);
    const table = new Map(golden.modular[7]?.['x/y']?.map(([x, y, answer]) => [`${x},${y}`, answer]));
    const seen = new Set<string>();
    for (const split of [data.train, data.test]) {
      for (let i = 0; i < split.n; i++) {
        const row = [...split.inputs.subarray(14 * i, 14 * i + 14)];
        expect(row.filter((value) => value === 1).length).toBe(2);
        expect(row.filter((value) => value === 0).length).toBe(12);
        const pair = `${row.indexOf(1)},${row.indexOf(1, 7) - 7}`;
        seen.add(pair);
        expect(split.labels[i]).toBe(table.get(pair));
      }
    }
    expect(seen.size).toBe(42);
  });
});
