/** Data made of tokens that are no pair of operands: several tasks, two hops, cellular automata, characters. */
import { describe, expect, test } from 'vitest';
import type { TokenDataset, TokenSplit, VectorDataset } from '../../../main/datasets/dataset.ts';
import { corpusCharacters, longestBeginning, mayFollow } from '../../../main/datasets/corpus-grammar.ts';
import { describeDataset } from '../../../main/datasets/describe.ts';
import { buildDataset } from '../../../main/datasets/index.ts';
import { createLearner } from '../../../main/training/registry.ts';
import { datasetForm, datasetSizes, datasetSpec, type DatasetSpec } from '../../../shared/dataset-spec.ts';
import { startingArm } from '../../../shared/starting-arms.ts';
import type { Arm } from '../../../shared/study.ts';

interface Row {
  tokens: number[];
  label: number;
  subclass: number;
}

function rowsOf({ length }: TokenDataset, { n, tokens, labels, subclasses }: TokenSplit): Row[] {
  return Array.from({ length: n }, (_, i) => ({
    tokens: [...tokens.subarray(i * length, (i + 1) * length)],
    label: labels[i] as number,
    subclass: subclasses?.[i] ?? -1,
  }));
}

function messages(spec: object): (string | undefined)[] {
  return datasetSpec.safeParse(spec).error?.issues.map((issue) => issue.message) ?? [];
}

describe('several tasks', () => {
  const spec = {
    kind: 'multi-task',
    operations: ['x+y', 'x/y', 'x*y'],
    p: 11,
    trainFraction: 0.4,
    memorized: true,
  } as const satisfies DatasetSpec;
  const data = buildDataset(spec, 4) as TokenDataset;
  const train = rowsOf(data, data.train);
  const tested = rowsOf(data, data.test);

  test('every pair of every operation is in one split, with its answer; division asks for the factor', () => {
    // 121, 110 and 121 pairs, of which 48, 44 and 48 train; the random answers are 121 more.
    expect(datasetSizes(spec)).toEqual({ train: 261, test: 212, available: 473 });
    const rows = [...train.filter(({ subclass }) => subclass < 3), ...tested];
    expect(new Set(rows.map(({ tokens }) => tokens.join())).size).toBe(121 + 110 + 121);
    for (const { tokens, label, subclass } of rows) {
      const [task, x, y, equals] = tokens as [number, number, number, number];
      expect([task, equals]).toEqual([11 + subclass, 15]);
      if (subclass === 0) expect(label).toBe((x + y) % 11);
      if (subclass === 1) expect((label * y) % 11).toBe(x);
      if (subclass === 2) expect(label).toBe((x * y) % 11);
    }
  });

  test('the random answers are symmetric, all in training, and not an operation', () => {
    const random = train.filter(({ subclass }) => subclass === 3);
    const answers = new Map(random.map(({ tokens, label }) => [`${tokens[1]},${tokens[2]}`, label]));
    expect(answers.size).toBe(121);
    for (const { tokens, label } of random) expect(answers.get(`${tokens[2]},${tokens[1]}`)).toBe(label);
    expect(new Set(answers.values()).size).toBeGreaterThan(8);
    expect(tested.some(({ subclass }) => subclass === 3)).toBe(false);
  });

  test('is refused with an operation twice, or one that cannot divide', () => {
    expect(messages({ ...spec, operations: ['x+y', 'x+y'] })).toEqual(['each operation once']);
    expect(messages({ ...spec, p: 12 })).toEqual([
      'a prime number: division needs an inverse of every divisor',
    ]);
  });
});

describe('two hops', () => {
  const spec = {
    kind: 'two-hop',
    entities: 40,
    relations: 9,
    factsPerEntity: 6,
    oodFactsPerEntity: 2,
    inferredRatio: 2.5,
    testSize: 100,
  } as const satisfies DatasetSpec;
  const data = buildDataset(spec, 1) as TokenDataset;
  const train = rowsOf(data, data.train);
  const tested = rowsOf(data, data.test);
  const end = 49;
  const atomic = train.filter(({ subclass }) => subclass === 0);
  const facts = new Map(atomic.map(({ tokens, label }) => [`${tokens[0]},${tokens[1]}`, label]));

  test('all atomic facts train, six of each entity with different relations', () => {
    expect(atomic.length).toBe(240);
    expect(facts.size).toBe(240);
    for (const { tokens } of atomic) expect(tokens[2]).toBe(end);
  });

  test('every inferred fact follows from two atomic ones, and none occurs twice', () => {
    const inferred = [...train.filter(({ subclass }) => subclass === 1), ...tested];
    // 40 · 4 facts in distribution, 2.5 of their compositions each; 100 and 100 test.
    expect(inferred.length).toBe(400 + 100 + 100);
    expect(new Set(inferred.map(({ tokens }) => tokens.join())).size).toBe(600);
    for (const { tokens, label } of inferred) {
      const bridge = facts.get(`${tokens[0]},${tokens[1]}`);
      expect(facts.get(`${bridge},${tokens[2]}`)).toBe(label);
    }
  });

  test('no training example composes a fact that the last test examples compose', () => {
    const parts = ({ tokens }: Row): string[] => {
      const first = `${tokens[0]},${tokens[1]}`;
      return [first, `${facts.get(first)},${tokens[2]}`];
    };
    const composed = new Set(train.filter(({ subclass }) => subclass === 1).flatMap(parts));
    const [inside, outside] = [tested.slice(0, 100), tested.slice(100)];
    expect(new Set(inside.map(({ subclass }) => subclass))).toEqual(new Set([1]));
    expect(new Set(outside.map(({ subclass }) => subclass))).toEqual(new Set([2]));
    expect(outside.flatMap(parts).filter((fact) => composed.has(fact))).toEqual([]);
  });

  test("has the paper's numbers, and says how many inferred facts there are", () => {
    const paper = { ...spec, entities: 2000, relations: 200, factsPerEntity: 20, oodFactsPerEntity: 1 };
    // 2000 · 20 atomic facts; 18 · 2000 · 19 and 3000 of the 2000 · 19² compositions; 2000 compositions outside.
    expect(datasetSizes({ ...paper, inferredRatio: 18, testSize: 3000 })).toEqual({
      train: 40_000 + 684_000,
      test: 3000 + 2000,
      available: 40_000 + 722_000 + 2000,
    });
    expect(messages({ ...spec, inferredRatio: 4 })).toEqual([
      'less: 640 inferred facts exist, 640 would train and 100 test',
    ]);
    expect(messages({ ...spec, oodFactsPerEntity: 6 })).toContain(
      'fewer than factsPerEntity: one has to stay',
    );
  });

  test('test accuracy counts the facts in distribution alone; the others have a column', async () => {
    const { trainer } = startingArm('mlp');
    const arm = { ...startingArm('mlp'), dataset: spec, trainer: { ...trainer, batchSize: 'full' } } as Arm;
    const learner = await createLearner(arm, 1, { threads: 1, device: null });
    try {
      await learner.advance(30, Infinity);
      const row = await learner.evaluate();
      const at = (name: string): number =>
        row[learner.columns.findIndex((one) => one.name === name)] as number;
      expect(learner.columns.map(({ name }) => name).slice(-2)).toEqual(['subclass:1', 'subclass:2']);
      expect(at('testAccuracy')).toBe(at('subclass:1'));
      expect(learner.columns.at(-1)?.label).toBe(
        'test accuracy on inferred facts out of distribution (not in training)',
      );
    } finally {
      await learner.dispose();
    }
  });
});

describe('cellular automata', () => {
  /** Answers of all states of a ring, by the state as text. */
  function answers(rule: number, cells: number, steps: number): Map<string, number> {
    const trainSize = 2 ** (cells - 1);
    const spec = { kind: 'cellular-automaton', rule, cells, steps, trainSize, testSize: trainSize } as const;
    const data = buildDataset({ ...spec, encoding: 'tokens' }, 0) as TokenDataset;
    const rows = [...rowsOf(data, data.train), ...rowsOf(data, data.test)];
    return new Map(rows.map(({ tokens, label }) => [tokens.slice(0, cells).join(''), label]));
  }

  test('rule 30 from one cell has the middle column 1, 1, 0, 1, 1, 1 (OEIS A051023)', () => {
    [1, 0, 1, 1, 1].forEach((expected, i) =>
      expect(answers(30, 11, i + 1).get('00000100000')).toBe(expected),
    );
  });

  test.each([
    ['90 is the sum of both neighbours', 90, 1, (s: number[]) => ((s[2] ?? 0) + (s[4] ?? 0)) % 2],
    ['90 twice is that of the second neighbours', 90, 2, (s: number[]) => ((s[1] ?? 0) + (s[5] ?? 0)) % 2],
    ['240 copies the left neighbour', 240, 1, (s: number[]) => s[2] ?? 0],
    ['170 copies the right neighbour', 170, 3, (s: number[]) => s[6] ?? 0],
    ['204 keeps the cell', 204, 1, (s: number[]) => s[3] ?? 0],
  ] as const)('rule %s', (_, rule, steps, expected) => {
    const all = answers(rule, 7, steps);
    expect(all.size).toBe(128);
    for (const [state, answer] of all) expect(answer).toBe(expected([...state].map(Number)));
  });

  test('vectors are the tokens as −1 and 1; the deciding cells have to fit', () => {
    const spec = { kind: 'cellular-automaton', rule: 110, cells: 5, steps: 1, trainSize: 20, testSize: 5 };
    const tokens = buildDataset({ ...spec, encoding: 'tokens' } as DatasetSpec, 3) as TokenDataset;
    const vectors = buildDataset({ ...spec, encoding: 'vectors' } as DatasetSpec, 3) as VectorDataset;
    expect(vectors.train.labels).toEqual(tokens.train.labels);
    const cells = rowsOf(tokens, tokens.train).flatMap((row) => row.tokens.slice(0, 5));
    expect([...vectors.train.inputs]).toEqual(cells.map((cell) => 2 * cell - 1));
    expect(messages({ ...spec, encoding: 'tokens', steps: 3 })).toEqual([
      'fewer: the cells that decide, 2 · steps + 1, have to fit on the ring',
    ]);
  });
});

describe('the character corpus', () => {
  const data = buildDataset({ kind: 'character-corpus', trainSize: 400, testSize: 200 }, 2) as TokenDataset;
  const rows = [...rowsOf(data, data.train), ...rowsOf(data, data.test)];
  const textOf = ({ tokens }: Row): string => tokens.map((token) => corpusCharacters[token] ?? '').join('');

  test('knows what may follow a beginning', () => {
    expect(mayFollow('')).toEqual(new Set('t'));
    expect(mayFollow('the cat')).toEqual(new Set('s '));
    expect(mayFollow('the cat near the old dogs sing')).toEqual(new Set('s'));
    expect(mayFollow('the cats sing')).toEqual(new Set('.'));
    expect(mayFollow('the dog s')).toEqual(new Set('il'));
    expect(mayFollow('the cat sings.')).toEqual(new Set());
    expect(mayFollow('a cat')).toEqual(new Set());
  });

  test('its longest beginning is that of the form, and no answer is in doubt', () => {
    expect(datasetForm({ kind: 'character-corpus', trainSize: 1, testSize: 1 })).toMatchObject({
      dimensions: longestBeginning,
      classes: corpusCharacters.length,
    });
    for (const row of rows) expect([...mayFollow(textOf(row))]).toEqual([corpusCharacters[row.label]]);
  });

  test('the ending of the verb goes by the first noun, whatever the second one is', () => {
    const endings = rows.filter(({ subclass }) => subclass === 1);
    expect(endings.length).toBe(300);
    let misleading = 0;
    for (const row of endings) {
      const words = textOf(row).split(' ');
      const place = words.findIndex((word) => ['behind', 'by', 'near', 'under'].includes(word));
      const last = words.at(-2) as string;
      const subject = place < 0 ? last : (words[place - 1] as string);
      expect(corpusCharacters[row.label]).toBe(subject.endsWith('s') ? '.' : 's');
      if (subject.endsWith('s') !== last.endsWith('s')) misleading++;
    }
    expect(misleading).toBeGreaterThan(80);
  });

  test('its preview shows text', () => {
    const { table, classNames } = describeDataset({ kind: 'character-corpus', trainSize: 8, testSize: 2 }, 0);
    expect(table.columns).toEqual(['text so far', 'answer', 'subclass']);
    for (const [text = ''] of table.rows) expect(text).toMatch(/^t[a-z ]*$/);
    expect(classNames?.slice(-2)).toEqual(['space', '.']);
  });
});

describe('a number of training examples in the place of a share', () => {
  test('splits modular data', () => {
    const spec = { kind: 'modular-addition', p: 113, trainSize: 3000 } as const;
    expect(datasetSizes(spec)).toEqual({ train: 3000, test: 9769, available: 12_769 });
    const data = buildDataset(spec, 0) as TokenDataset;
    const shared = buildDataset({ kind: 'modular-addition', p: 113, trainFraction: 0.5 }, 0) as TokenDataset;
    expect(data.train.n).toBe(3000);
    expect(data.train.tokens).toEqual(shared.train.tokens.subarray(0, 9000));
    expect(datasetSizes({ kind: 'modular-arithmetic', operation: 'x/y', p: 97, trainSize: 12 }).test).toBe(
      9300,
    );
  });

  test('is one of the two', () => {
    const neither = { kind: 'modular-addition', p: 113 };
    const words = ['a number, greater than 0 and less than 1, or a trainSize in its place, not both'];
    expect(messages(neither)).toEqual(words);
    expect(messages({ ...neither, trainFraction: 0.5, trainSize: 20 })).toEqual(words);
  });
});
