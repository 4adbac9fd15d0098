import { describe, expect, it } from 'vitest';
import { countWords } from '../../../../renderer/components/preview-words.ts';

describe('countWords', () => {
  it.each([
    [[5, 5, 5], null, '5 of each of 3'],
    [[1250, 84], ['fern', 'moss'], 'fern: 1,250; moss: 84'],
    [[3, 4], null, '0: 3; 1: 4'],
    [Array.from({ length: 40 }, (_, i) => (i % 10 < 6 ? 33 : 0)), null, '33 of each of 24; 16 have none'],
    [Array.from({ length: 20 }, (_, i) => 1000 + i), null, '1,000 to 1,019 of each of 20'],
  ])('%j', (counts, names, text) => {
    expect(countWords(counts, names)).toBe(text);
  });
});
