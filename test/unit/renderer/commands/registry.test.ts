import { describe, expect, it, vi } from 'vitest';
import type { Command } from '../../../../renderer/commands/command.ts';
import type { KeyTarget } from '../../../../renderer/commands/keys.ts';
import { CommandRegistry } from '../../../../renderer/commands/registry.svelte.ts';

class Memory {
  readonly values = new Map<string, string>();
  getItem(key: string): string | null {
    return this.values.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.values.set(key, value);
  }
}

const command = (id: string, changes: Partial<Command> = {}): Command => ({
  id,
  title: id,
  group: 'page',
  run: vi.fn(),
  ...changes,
});

function press(registry: CommandRegistry, key: string, at = 0, target: KeyTarget | null = null): boolean {
  const plain = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  return registry.press({ key, ...plain, timeStamp: at }, target);
}

const ids = (registry: CommandRegistry): string[] => registry.all.map(({ id }) => id);

describe('the registry of commands', () => {
  it('has what is offered while it is offered; of one id the last offer', () => {
    const registry = new CommandRegistry(new Memory(), false);
    const own = command('export', { title: 'of the page' });
    registry.add(() => [command('go'), command('export')]);
    const takeBack = registry.add(() => [own]);
    expect(ids(registry)).toEqual(['export', 'go']);
    expect(registry.all[0]).toBe(own);
    takeBack();
    expect(ids(registry)).toEqual(['go', 'export']);
  });

  it('does what a key asks for, but for what cannot be done now', () => {
    const registry = new CommandRegistry(new Memory(), false);
    const [can, cannot] = [
      command('can', { keys: ['N', 'M'] }),
      command('cannot', { keys: ['X'], enabled: false }),
    ];
    registry.add(() => [can, cannot]);
    expect([press(registry, 'n'), press(registry, 'm'), press(registry, 'x'), press(registry, 'q')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(can.run).toHaveBeenCalledTimes(2);
    expect(cannot.run).not.toHaveBeenCalled();
  });

  it('does nothing while a field is typed in', () => {
    const registry = new CommandRegistry(new Memory(), false);
    registry.add(() => [command('new', { keys: ['N'] })]);
    const field = { closest: (selector: string) => (selector.includes('textarea') ? {} : null) };
    expect(press(registry, 'n', 0, field)).toBe(false);
    expect(press(registry, 'n')).toBe(true);
  });

  it('takes two keys one after the other, before the second one’s own meaning', () => {
    const registry = new CommandRegistry(new Memory(), false);
    const [go, own] = [command('go', { keys: ['G N'] }), command('own', { keys: ['N'] })];
    registry.add(() => [own, go]);
    expect([press(registry, 'g', 100), press(registry, 'n', 900)]).toEqual([false, true]);
    expect([go.run, own.run].map((run) => vi.mocked(run).mock.calls.length)).toEqual([1, 0]);
    press(registry, 'n', 1000);
    expect(own.run).toHaveBeenCalledOnce();
    // Another key in between, and a pause, end it.
    for (const [key, at] of [
      ['g', 2000],
      ['q', 2100],
      ['n', 2200],
      ['g', 3000],
      ['n', 9000],
    ] as const) {
      press(registry, key, at);
    }
    expect(go.run).toHaveBeenCalledOnce();
    expect(own.run).toHaveBeenCalledTimes(3);
  });

  it('turns off the shortcuts of single characters, and remembers it', () => {
    const storage = new Memory();
    const registry = new CommandRegistry(storage, false);
    const offer = (): Command[] => [command('new', { keys: ['N'] }), command('play', { keys: ['Space'] })];
    registry.add(offer);
    registry.setCharacterKeys(false);
    expect([press(registry, 'n'), press(registry, ' ')]).toEqual([false, true]);
    const later = new CommandRegistry(storage, false);
    later.add(offer);
    expect(later.characterKeys).toBe(false);
    expect(press(later, 'n')).toBe(false);
    later.setCharacterKeys(true);
    expect(press(later, 'n')).toBe(true);
  });

  it('remembers what was used last, each once and no more than twenty', () => {
    const storage = new Memory();
    const registry = new CommandRegistry(storage, false);
    for (let i = 0; i < 25; i++) registry.use(command(`c${i}`));
    registry.use(command('c24'));
    registry.use(command('c10'));
    const { recent } = new CommandRegistry(storage, false);
    expect(recent.slice(0, 3)).toEqual(['c10', 'c24', 'c23']);
    expect(recent).toHaveLength(20);
    expect(new Set(recent).size).toBe(20);
  });

  it('starts anew from what it cannot read', () => {
    const storage = new Memory();
    for (const stored of ['{', '"one"', '{"a":1}', '[1, null]']) {
      storage.setItem('latebloom.commands', stored);
      expect(new CommandRegistry(storage, false).recent).toEqual([]);
    }
  });
});
