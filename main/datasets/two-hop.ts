import { twoHopCounts, type TwoHopSpec } from '../../shared/sequence-spec.ts';
import { Random } from '../../shared/random.ts';
import type { TokenDataset, TokenSplit } from './dataset.ts';

/**
 * Two-hop reasoning over a random knowledge graph: Wang et al. 2024 (arXiv 2405.15071), composition. Every entity h has
 * `factsPerEntity` atomic facts (h, r, t) with different relations and random tails t. An inferred fact (h, r₁, r₂, t)
 * follows from (h, r₁, b) and (b, r₂, t); the bridge b is never said. All atomic facts train, and of the inferred facts
 * `inferredRatio` (the paper's φ) per atomic fact; φ decides how soon the others follow.
 *
 * The last `oodFactsPerEntity` facts of every entity are out of distribution: they train as atomic facts, but no training
 * example composes them. The test examples are held-out compositions of the other facts, and after them compositions of
 * two facts out of distribution, which test loss and accuracy do not count (`counted`) and which have an accuracy of their
 * own. The paper has 2000 entities, 200 relations, 20 facts per entity, of all of which 5 % are out of distribution, and
 * φ from 3.6 to 18; here that share is the same for every entity, so that the numbers of examples are known beforehand.
 *
 * Tokens [n, 3]: (h, r₁, r₂), or (h, r, "·") for an atomic fact, whose answer is read at "·". The paper's sequences are
 * (h, r, t) and (h, r₁, r₂, t), whose loss falls on t alone.
 *
 * Streams: `teacher` draws the graph, `split` chooses the inferred facts and orders the training examples.
 */
export function buildTwoHop(spec: TwoHopSpec, seed: number): TokenDataset {
  const { entities, relations, factsPerEntity: facts, oodFactsPerEntity: outside } = spec;
  const counts = twoHopCounts(spec);
  const graph = Random.stream(seed, 'teacher');
  // Fact number h · facts + i is the i-th of entity h.
  const relation = new Int32Array(entities * facts);
  const tail = new Int32Array(entities * facts);
  for (let h = 0; h < entities; h++) {
    relation.set(graph.permutation(relations).subarray(0, facts), h * facts);
    for (let i = 0; i < facts; i++) tail[h * facts + i] = graph.integer(entities);
  }
  const end = entities + relations;
  const atomic = (fact: number): Example => ({
    tokens: [Math.floor(fact / facts), entities + (relation[fact] as number), end],
    label: tail[fact] as number,
    subclass: 0,
  });
  const inferred = (first: number, second: number, subclass: number): Example => {
    const bridge = tail[first] as number;
    const then = bridge * facts + second;
    const hops = [relation[first] as number, relation[then] as number].map((r) => entities + r);
    return {
      tokens: [Math.floor(first / facts), ...hops],
      label: tail[then] as number,
      subclass,
    };
  };
  const random = Random.stream(seed, 'split');
  /** Compositions number `chosen` of facts that are among `width` of each entity, from number `from` on. */
  const compositions = (chosen: Int32Array, width: number, from: number, subclass: number): Example[] =>
    Array.from(chosen, (number) => {
      const first = Math.floor(number / width);
      const fact = Math.floor(first / width) * facts + from + (first % width);
      return inferred(fact, from + (number % width), subclass);
    });
  const inside = facts - outside;
  const within = random.permutation(counts.inferred);
  const beyond = random.permutation(counts.inferredOutside).subarray(0, counts.testOutside);
  const tested = within.subarray(counts.trainInferred, counts.trainInferred + spec.testSize);
  const train = [
    ...Array.from({ length: counts.atomic }, (_, fact) => atomic(fact)),
    ...compositions(within.subarray(0, counts.trainInferred), inside, 0, 1),
  ];
  const order = random.permutation(train.length);
  return {
    kind: 'tokens',
    vocabulary: entities + relations + 1,
    length: 3,
    classes: entities,
    tokenNames: [...numbered('e', entities), ...numbered('r', relations), '·'],
    classNames: numbered('e', entities),
    subclassNames: ['atomic facts', 'inferred facts', 'inferred facts out of distribution'],
    counted: spec.testSize,
    train: split(Array.from(order, (i) => train[i] as Example)),
    test: split([...compositions(tested, inside, 0, 1), ...compositions(beyond, outside, inside, 2)]),
  };
}

interface Example {
  tokens: number[];
  label: number;
  subclass: number;
}

function split(examples: readonly Example[]): TokenSplit {
  return {
    n: examples.length,
    tokens: Int32Array.from(examples.flatMap(({ tokens }) => tokens)),
    labels: Int32Array.from(examples, ({ label }) => label),
    subclasses: Int32Array.from(examples, ({ subclass }) => subclass),
  };
}

function numbered(letter: string, n: number): string[] {
  return Array.from({ length: n }, (_, i) => `${letter}${i}`);
}
