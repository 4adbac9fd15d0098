/** What a study may say about data that is made of sequences of other tokens than two operands. */
import { z } from 'zod';
import { dividesByUnits, modularOperation, primeWords } from './modular.ts';
import { splitSizes, trainFraction } from './split-spec.ts';

/** Several operations mod p in one vocabulary, each named by a task token. After Li et al. 2025; Huang et al. 2024. */
export const multiTaskSpec = z
  .strictObject({
    kind: z.literal('multi-task'),
    operations: z.array(modularOperation).min(1).max(10),
    p: z.int().min(2).max(500).describe('modulus: an integer from 2 to 500'),
    trainFraction,
    memorized: z
      .boolean()
      .exactOptional()
      .describe('whether a table of random answers, all in training, is one more task'),
  })
  .refine(({ operations }) => new Set(operations).size === operations.length, {
    path: ['operations'],
    error: 'each operation once',
  })
  .refine(({ operations, p }) => operations.every((operation) => dividesByUnits({ operation, p })), {
    path: ['p'],
    error: primeWords,
  });

/** Facts of a random knowledge graph and compositions of two of them. Wang et al. 2024. */
export const twoHopSpec = z
  .strictObject({
    kind: z.literal('two-hop'),
    entities: z.int().min(2).max(5000),
    relations: z.int().min(1).max(1000),
    factsPerEntity: z.int().min(1).max(100).describe('atomic facts of every entity: at most relations'),
    oodFactsPerEntity: z
      .int()
      .min(0)
      .max(99)
      .describe('those of them that no training example composes: fewer than factsPerEntity'),
    inferredRatio: z.number().gt(0).max(100).describe('inferred per atomic training fact, the φ, above 0'),
    testSize: z.int().min(1).max(100_000).describe('held-out inferred facts, and at most so many others'),
  })
  .refine(({ factsPerEntity, relations }) => factsPerEntity <= relations, {
    path: ['factsPerEntity'],
    error: 'at most relations: the facts of an entity have different ones',
  })
  .refine(({ factsPerEntity, oodFactsPerEntity }) => oodFactsPerEntity < factsPerEntity, {
    path: ['oodFactsPerEntity'],
    error: 'fewer than factsPerEntity: one has to stay',
  })
  .superRefine((spec, context) => {
    const { inferred, trainInferred } = twoHopCounts(spec);
    if (spec.oodFactsPerEntity >= spec.factsPerEntity || trainInferred + spec.testSize <= inferred) return;
    const message = `less: ${inferred} inferred facts exist, ${trainInferred} would train and ${spec.testSize} test`;
    context.addIssue({ code: 'custom', path: ['inferredRatio'], message });
  });

/** One cell of an elementary cellular automaton after some steps. After Žunkovič & Ilievski 2022. */
export const cellularAutomatonSpec = z
  .strictObject({
    kind: z.literal('cellular-automaton'),
    rule: z.int().min(0).max(255).describe("Wolfram's number of the rule, from 0 to 255"),
    cells: z.int().min(3).max(20).describe('cells of the ring, from 3 to 20'),
    steps: z.int().min(1).max(9).describe('steps until the middle cell is asked for, from 1 to 9'),
    encoding: z.enum(['vectors', 'tokens']).describe('vectors of −1 and 1, or sequences of tokens'),
    ...splitSizes,
  })
  .refine(({ cells, steps }) => 2 * steps + 1 <= cells, {
    path: ['steps'],
    error: 'fewer: the cells that decide, 2 · steps + 1, have to fit on the ring',
  });

/** The next character of sentences of a small grammar, where it is certain. After Zhu et al. 2024. */
export const characterCorpusSpec = z.strictObject({
  kind: z.literal('character-corpus'),
  trainSize: z.int().min(1).max(50_000),
  testSize: z.int().min(1).max(50_000),
});

export type MultiTaskSpec = z.infer<typeof multiTaskSpec>;
export type TwoHopSpec = z.infer<typeof twoHopSpec>;
export type CellularAutomatonSpec = z.infer<typeof cellularAutomatonSpec>;
export type CharacterCorpusSpec = z.infer<typeof characterCorpusSpec>;

/** How many facts of each sort there are; `Outside`: compositions of two facts out of distribution. */
export function twoHopCounts(spec: TwoHopSpec): {
  atomic: number;
  inferred: number;
  inferredOutside: number;
  trainInferred: number;
  testOutside: number;
} {
  const { entities, factsPerEntity, oodFactsPerEntity: outside, inferredRatio, testSize } = spec;
  const inside = factsPerEntity - outside;
  const inferredOutside = entities * outside ** 2;
  return {
    atomic: entities * factsPerEntity,
    inferred: entities * inside ** 2,
    inferredOutside,
    trainInferred: Math.floor(inferredRatio * entities * inside + 1e-9),
    testOutside: Math.min(testSize, inferredOutside),
  };
}

/** The longest sentence of the grammar without its end; letters, space and full stop (`main/datasets/corpus-grammar.ts`). */
export const corpusShape = { dimensions: 46, classes: 28 };
