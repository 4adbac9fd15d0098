import { describe, expect, it } from 'vitest';
import { controlCommands } from '../../../../renderer/commands/control.ts';
import type { Command } from '../../../../renderer/commands/command.ts';
import { menuOf } from '../../../../renderer/commands/menu.ts';
import { shortcutList } from '../../../../renderer/commands/shortcut-list.ts';
import { menuEntries } from '../../../../shared/menu.ts';
import { runRecord } from '../records.ts';

const nothing = (): void => undefined;

describe('the list of shortcuts', () => {
  const commands: Command[] = [
    { id: 'go', title: 'Runs', group: 'go', keys: ['G R'], run: nothing },
    { id: 'plain', title: 'No keys', group: 'go', run: nothing },
    {
      id: 'next',
      title: 'One row on',
      group: 'page',
      keys: ['ArrowRight'],
      local: { keys: ['ArrowUp'], where: 'on the scrubber' },
      run: nothing,
    },
    { id: 'undo', title: 'Undo', group: 'page', keys: ['Mod+Z'], inFields: true, run: nothing },
    { id: 'new', title: 'New', group: 'create', accelerator: 'Mod+N', run: nothing },
  ];

  it('has every command with keys, by group, and where they have to be pressed', () => {
    expect(shortcutList(commands, false)).toEqual([
      {
        title: 'On this page',
        shortcuts: [
          { id: 'next', title: 'One row on', keys: ['ArrowRight'], where: '', isOfCharacters: false },
          {
            id: 'next local',
            title: 'One row on',
            keys: ['ArrowUp'],
            where: 'on the scrubber',
            isOfCharacters: false,
          },
          { id: 'undo', title: 'Undo', keys: ['Mod+Z'], where: 'in fields, too', isOfCharacters: false },
        ],
      },
      {
        title: 'Go to',
        shortcuts: [{ id: 'go', title: 'Runs', keys: ['G R'], where: '', isOfCharacters: true }],
      },
    ]);
  });

  it('has the menu’s own where there is a menu', () => {
    expect(shortcutList(commands, true).at(-1)?.shortcuts).toMatchObject([{ id: 'new', keys: ['Mod+N'] }]);
  });
});

describe('the application menu', () => {
  const commands: Command[] = [
    { id: 'study.new', title: 'New study', group: 'create', accelerator: 'Mod+N', run: nothing },
    { id: 'study.export', title: 'Export this study…', group: 'page', keys: ['E'], run: nothing },
    { id: 'run.pause', title: 'Pause this run', group: 'page', enabled: false, run: nothing },
  ];
  const entries = menuOf(commands, 'theme.dark');
  const entry = (id: string) => entries.find((one) => one.id === id);

  it('is what the host takes', () => {
    expect(menuEntries.parse(entries)).toEqual(entries);
    expect([...new Set(entries.map(({ menu }) => menu))]).toEqual(['file', 'view', 'run', 'help']);
  });

  it('greys what the page does not offer or cannot do now', () => {
    expect(entry('study.export')).toMatchObject({ enabled: true, separated: true, accelerator: null });
    expect(entry('study.new')).toMatchObject({ enabled: true, accelerator: 'CmdOrCtrl+N' });
    expect(entry('run.pause')).toMatchObject({ enabled: false, title: 'Pause' });
    expect(entry('run.stop')?.enabled).toBe(false);
  });

  it('says which colours are chosen', () => {
    expect(entries.filter(({ checked }) => checked !== null).map(({ id, checked }) => [id, checked])).toEqual(
      [
        ['theme.system', false],
        ['theme.light', false],
        ['theme.dark', true],
      ],
    );
  });
});

describe('pause, resume, stop and retry', () => {
  const runs = [
    runRecord('s1.x.s0', { status: 'running' }),
    runRecord('s1.x.s1', { status: 'paused' }),
    runRecord('s2.x.s0', { studyId: 's2', status: 'interrupted' }),
    runRecord('s2.x.s1', { studyId: 's2', status: 'failed' }),
  ];

  it('take the runs that they fit; an imported run cannot go on', () => {
    const asked: [string, string[]][] = [];
    const commands = controlCommands({
      runs,
      isImported: ({ studyId }) => studyId === 's2',
      what: 'all runs',
      isFree: true,
      control: (action, chosen) => asked.push([action, chosen.map(({ id }) => id)]),
    });
    expect(commands.map(({ title, enabled }) => [title, enabled])).toEqual([
      ['Pause all runs', true],
      ['Resume all runs', true],
      ['Stop all runs', true],
      ['Retry all runs', false],
    ]);
    for (const { enabled, run } of commands) if (enabled === true) run();
    expect(asked).toEqual([
      ['pause', ['s1.x.s0']],
      ['resume', ['s1.x.s1']],
      ['stop', ['s1.x.s0', 's1.x.s1', 's2.x.s0']],
    ]);
  });

  it('wait for the host', () => {
    const held = { runs, isImported: () => false, what: 'all runs', isFree: false, control: nothing };
    expect(controlCommands(held).some(({ enabled }) => enabled)).toBe(false);
  });
});
