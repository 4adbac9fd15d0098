import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonWords, legendParts, legendWords } from '../../../../shared/charts/legend-words.ts';

const statistic = 'median and range (min–max), n = 3';

describe('the words of a legend', () => {
  it('that all its lines have are said once', () => {
    const arm = 'Network on six tasks, with random bits, dimensions';
    const words = legendWords([
      `${arm} = 0, test accuracy: ${statistic}`,
      `${arm} = 10, test accuracy: ${statistic}`,
    ]);
    expect(words.own).toEqual(['dimensions = 0', 'dimensions = 10']);
    expect(commonWords(words)).toBe(`Network on six tasks, with random bits; test accuracy: ${statistic}`);
  });

  it('never part in the middle of what is said', () => {
    const words = legendWords([`train accuracy: ${statistic}`, `test accuracy: ${statistic}`]);
    expect(words).toEqual({ head: '', tail: `: ${statistic}`, own: ['train accuracy', 'test accuracy'] });
    expect(legendWords(['lambda = 0.5, n = 13', 'lambda = 0.8, n = 3']).tail).toBe('');
  });

  it('stay where they are when they are short, alone, or the whole label', () => {
    expect(commonWords(legendWords(['a, x', 'a, y']))).toBeNull();
    expect(legendWords(['A long label, of one line'])).toEqual({
      head: '',
      tail: '',
      own: ['A long label, of one line'],
    });
    expect(legendWords(['The very same, twice', 'The very same, twice']).own).toEqual(['twice', 'twice']);
  });

  it('are those of a series where there are several: its values are left, in their order', () => {
    const line = (series: string | null, label: string) => ({
      key: label,
      label,
      ...(series === null ? {} : { series }),
    });
    const parts = legendParts([
      line('train', `rate = 1, train accuracy: ${statistic}`),
      line('train', `rate = 2, train accuracy: ${statistic}`),
      line('test', `rate = 1, test accuracy: ${statistic}`),
      line('test', `rate = 2, test accuracy: ${statistic}`),
      line(null, 'another arm'),
    ]);
    expect(parts.map(({ common, entries }) => [common, ...entries.map(({ words }) => words)])).toEqual([
      [`train accuracy: ${statistic}`, 'rate = 1', 'rate = 2'],
      [`test accuracy: ${statistic}`, 'rate = 1', 'rate = 2'],
      [null, 'another arm'],
    ]);
    const one = legendParts([line(null, `a: ${statistic}`), line(null, `b: ${statistic}`)]);
    expect(one.map(({ common }) => common)).toEqual([`All: ${statistic}`]);
  });

  it('are lost nowhere', () => {
    const part = fc.constantFrom('a network', 'train accuracy', 'seed 1', statistic, '', 'a');
    const label = fc
      .array(part, { minLength: 1, maxLength: 5 })
      .chain((parts) => fc.constantFrom(', ', ': ').map((between) => parts.join(between)))
      .filter((text) => text !== '');
    fc.assert(
      fc.property(fc.array(label, { maxLength: 6 }), (labels) => {
        const { head, tail, own } = legendWords(labels);
        expect(own.map((words) => head + words + tail)).toEqual(labels);
        expect(own.every((words) => words !== '')).toBe(true);
      }),
    );
  });
});
