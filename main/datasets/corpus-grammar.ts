/**
 * Sentences of a small English grammar, written for this program:
 *   the [adjective] noun[s] [preposition the [adjective] noun[s]] verb[s].
 * The verb has an s where the first noun has none; the second noun, which stands nearer, does not matter. A state
 * machine over characters, so that one can say which characters may follow a beginning.
 */
import type { Random } from '../../shared/random.ts';

const nouns = ['bird', 'cat', 'dog', 'duck', 'frog', 'goat', 'hen', 'horse', 'lamb', 'mole', 'owl', 'pig'];
const verbs = ['jump', 'look', 'play', 'rest', 'run', 'sing', 'sleep', 'wait', 'walk', 'yawn'];
const adjectives = ['big', 'black', 'calm', 'fat', 'old', 'red', 'shy', 'white'];
const prepositions = ['behind', 'by', 'near', 'under'];

/** Text, and the node that is reached with it. */
interface Edge {
  text: string;
  to: string;
}

const edges: Record<string, Edge[]> = {
  start: [{ text: 'the ', to: 'described' }],
  described: [
    { text: '', to: 'noun' },
    ...adjectives.map((word): Edge => ({ text: `${word} `, to: 'noun' })),
  ],
  noun: nouns.flatMap((word): Edge[] => [
    { text: word, to: 'one' },
    { text: `${word}s`, to: 'many' },
  ]),
  end: [],
};
for (const number of ['one', 'many']) {
  edges[number] = [
    { text: ' ', to: `${number}:verb` },
    ...prepositions.map((word): Edge => ({ text: ` ${word} the `, to: `${number}:described` })),
  ];
  edges[`${number}:described`] = [
    { text: '', to: `${number}:noun` },
    ...adjectives.map((word): Edge => ({ text: `${word} `, to: `${number}:noun` })),
  ];
  edges[`${number}:noun`] = nouns.flatMap((word): Edge[] =>
    [word, `${word}s`].map((text) => ({ text: `${text} `, to: `${number}:verb` })),
  );
  edges[`${number}:verb`] = verbs.map((word): Edge => ({ text: word, to: `${number}:ending` }));
  edges[`${number}:ending`] = [{ text: number === 'one' ? 's.' : '.', to: 'end' }];
}

function edgesOf(node: string): Edge[] {
  return edges[node] as Edge[];
}

/** Letters, the space and the full stop, in this order. */
export const corpusCharacters = [...'abcdefghijklmnopqrstuvwxyz .'];

/** The longest beginning of a sentence that something follows. */
export const longestBeginning = longest('start') - 1;

/** Each node is asked once: there are hundreds of thousands of ways through them. */
function longest(node: string, known = new Map<string, number>()): number {
  const found =
    known.get(node) ?? Math.max(0, ...edgesOf(node).map(({ text, to }) => text.length + longest(to, known)));
  known.set(node, found);
  return found;
}

/** A sentence, every choice with equal chances, and where its verb's ending begins. */
export function drawSentence(random: Random): { text: string; ending: number } {
  let [node, text, ending] = ['start', '', 0];
  while (node !== 'end') {
    const choices = edgesOf(node);
    const edge = choices[random.integer(choices.length)] as Edge;
    if (node.endsWith(':ending')) ending = text.length;
    text += edge.text;
    node = edge.to;
  }
  return { text, ending };
}

/** The characters that may follow this beginning of a sentence; none where it is no beginning. */
export function mayFollow(beginning: string): Set<string> {
  const following = new Set<string>();
  const walk = (node: string, rest: string): void => {
    for (const { text, to } of edgesOf(node)) {
      if (text.startsWith(rest) && text.length > rest.length) following.add(text[rest.length] as string);
      else if (rest.startsWith(text)) walk(to, rest.slice(text.length));
    }
  };
  walk('start', beginning);
  return following;
}
