import { describe, expect, it } from 'vitest';
import type { Command } from '../../../../renderer/commands/command.ts';
import { entityCommands, type Stored } from '../../../../renderer/commands/entities.ts';
import { resultWords, searchCommands, type FoundGroup } from '../../../../renderer/commands/search.ts';
import { runRecord, studyRecord } from '../records.ts';

const nothing = (): void => undefined;
const command = (id: string, group: Command['group'], changes: Partial<Command> = {}): Command => ({
  id,
  title: id,
  group,
  run: nothing,
  ...changes,
});
const listed = (groups: readonly FoundGroup[]): Record<string, string[]> =>
  Object.fromEntries(groups.map(({ title, found }) => [title, found.map(({ command: { id } }) => id)]));

const commands = [
  command('pause', 'page'),
  command('stop', 'page', { enabled: false }),
  command('runs', 'go'),
  command('settings', 'go'),
  command('run:a', 'runs', { title: 'MLP, seed 0', detail: 'failed' }),
];

describe('the palette', () => {
  it('lists groups in their order, what was used last before them, and runs when asked for', () => {
    expect(listed(searchCommands(commands, '', []))).toEqual({
      'On this page': ['pause'],
      'Go to': ['runs', 'settings'],
    });
    // What is gone since, and what cannot be done now, is not offered again.
    expect(listed(searchCommands(commands, ' ', ['run:a', 'gone', 'stop', 'settings']))).toEqual({
      Recent: ['run:a', 'settings'],
      'On this page': ['pause'],
      'Go to': ['runs'],
    });
  });

  it('puts the group of the best match first, and finds runs by their status', () => {
    expect(Object.keys(listed(searchCommands(commands, 'set', [])))).toEqual(['Go to']);
    expect(listed(searchCommands(commands, 'failed', []))).toEqual({ Runs: ['run:a'] });
    expect(searchCommands(commands, 'nothing like this', [])).toEqual([]);
    const both = [command('Compare', 'page'), command('Something to compare', 'go')];
    expect(Object.keys(listed(searchCommands([...both].reverse(), 'compare', [])))).toEqual([
      'On this page',
      'Go to',
    ]);
  });

  it('decides between equals by what was used last', () => {
    const equal = [command('a', 'go', { title: 'Open one' }), command('b', 'go', { title: 'Open two' })];
    expect(listed(searchCommands(equal, 'open', ['b']))).toEqual({ 'Go to': ['b', 'a'] });
    const better = [...equal, command('c', 'go', { title: 'Reopen' })];
    expect(listed(searchCommands(better, 'open', ['c']))['Go to']?.at(-1)).toBe('c');
  });

  it('cuts long groups and says so', () => {
    const records = Array.from({ length: 1000 }, (_, i) =>
      runRecord(`s1.x.s${i}`, { seed: i, status: i % 100 === 0 ? 'failed' : 'finished' }),
    );
    const study = studyRecord(
      's1',
      records.map(({ id }) => id),
    );
    const stored: Stored = {
      presets: [],
      studies: [study],
      runs: records,
      runsByStudy: new Map([['s1', records]]),
      drafts: [],
      views: [],
      isOnline: true,
    };
    const opened: string[] = [];
    const all = entityCommands(stored, { open: (hash) => opened.push(hash), start: nothing });
    const runsIn = (query: string): FoundGroup | undefined =>
      searchCommands(all, query, []).find(({ key }) => key === 'runs');
    expect(runsIn('linear')?.found).toHaveLength(8);
    expect(runsIn('linear')?.of).toBe(1000);
    expect(runsIn('linear failed')?.of).toBe(10);
    expect(runsIn('s1.x.s512')?.found.map(({ command: { id } }) => id)).toEqual(['run:s1.x.s512']);
    expect(resultWords(searchCommands(all, 'linear failed', []))).toBe('10 results, the first 8 listed');
    runsIn('s1.x.s512')?.found[0]?.command.run();
    expect(opened).toEqual(['#/run/s1.x.s512']);
    expect(searchCommands(all, 'small', [])[0]?.found[0]?.command).toMatchObject({
      id: 'study:s1',
      detail: expect.stringContaining('990 finished'),
    });
  });

  it('says how many there are', () => {
    expect(resultWords([])).toBe('No results');
    expect(resultWords(searchCommands(commands, 'pause', []))).toBe('1 result');
    expect(resultWords(searchCommands(commands, '', []))).toBe('3 results');
  });
});

describe('stored presets as commands', () => {
  it('are opened always, and started with a host at their quick scale', () => {
    const paper = { ...studyRecord('s', []).study, id: 'lab-2020', title: 'A paper' };
    const cpu = { ...paper, id: 'lab-2020-cpu', scale: { name: 'cpu' as const, changes: ['smaller'] } };
    const started: string[] = [];
    const of = (isOnline: boolean): Command[] =>
      entityCommands(
        {
          presets: [{ study: paper, cpu, notes: '' }],
          studies: [],
          runs: [],
          runsByStudy: new Map(),
          drafts: [],
          views: [],
          isOnline,
        },
        { open: nothing, start: ({ study }) => started.push(study.id) },
      );
    expect(of(false).map(({ title, enabled }) => [title, enabled !== false])).toEqual([
      ['A paper', true],
      ['Run A paper', false],
    ]);
    of(true)[1]?.run();
    expect(started).toEqual(['lab-2020-cpu']);
  });
});
