import type { CharacterCorpusSpec } from '../../shared/sequence-spec.ts';
import { Random } from '../../shared/random.ts';
import { corpusCharacters, drawSentence, longestBeginning, mayFollow } from './corpus-grammar.ts';
import type { TokenDataset, TokenSplit } from './dataset.ts';

/**
 * The next character of a text, where the text so far decides it. After Zhu et al. 2024 (arXiv 2401.10463), critical data
 * size: below a number of training examples a language model memorizes only, above it generalizes. They classify reviews
 * (IMDB, Yelp) with an encoder; this is a corpus that can be shipped: sentences of a small grammar written for this
 * program (`corpus-grammar.ts`), one example from each sentence, and never an ambiguous one, so that an accuracy of 1
 * can be reached.
 *
 * Every other example asks for the ending of the verb, "s" or ".", for which one has to know whether the subject at the
 * other end of the sentence is one or many (`agreement`); the others for a character inside or between words
 * (`spelling`). No beginning of a sentence occurs twice, and none of the training examples in the test.
 *
 * Tokens [n, length]: the sentence so far, filled up on the left. The streams `data` and `test` draw the examples.
 */
export function buildCharacterCorpus(spec: CharacterCorpusSpec, seed: number): TokenDataset {
  const known = new Set<string>();
  const train = draw(spec.trainSize, Random.stream(seed, 'data'), known);
  const test = draw(spec.testSize, Random.stream(seed, 'test'), known);
  return {
    kind: 'tokens',
    vocabulary: corpusCharacters.length + 1,
    length: longestBeginning,
    classes: corpusCharacters.length,
    tokenNames: [...corpusCharacters, '·'],
    classNames: corpusCharacters.map((character) => (character === ' ' ? 'space' : character)),
    subclassNames: ['spelling', 'agreement'],
    isText: true,
    train,
    test,
  };
}

/** Adds the beginnings that it takes to `known`. */
function draw(n: number, random: Random, known: Set<string>): TokenSplit {
  const length = longestBeginning;
  const padding = corpusCharacters.length;
  const split = {
    n,
    tokens: new Int32Array(n * length).fill(padding),
    labels: new Int32Array(n),
    subclasses: new Int32Array(n),
  };
  for (let i = 0; i < n;) {
    const { text, ending } = drawSentence(random);
    const isAgreement = i % 2 === 1;
    const at = isAgreement ? ending : 1 + random.integer(text.length - 1);
    const beginning = text.slice(0, at);
    if (known.has(beginning) || (!isAgreement && at === ending) || mayFollow(beginning).size !== 1) continue;
    known.add(beginning);
    [...beginning].forEach((character, k) => {
      split.tokens[i * length + length - at + k] = corpusCharacters.indexOf(character);
    });
    split.labels[i] = corpusCharacters.indexOf(text[at] as string);
    split.subclasses[i] = isAgreement ? 1 : 0;
    i++;
  }
  return split;
}
