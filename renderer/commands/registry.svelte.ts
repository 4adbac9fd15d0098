/** The one place where commands live: the palette, the shortcuts, their list and the application menu read it. */
import { onMount } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';
import { getStores } from '../stores/context.ts';
import type { Command } from './command.ts';
import { isCharacterKeys, isChord, isMac, isTaken, type KeyPress, type KeyTarget } from './keys.ts';

const RECENT = 'latebloom.commands';
const MOST_RECENT = 20;
const CHARACTER_KEYS = 'latebloom.character-keys';
/** Between the two keys of "G R", at most. */
const SEQUENCE_MS = 1500;

type Offer = () => readonly Command[];

export interface PagePress extends KeyPress {
  timeStamp: number;
}

export class CommandRegistry {
  /** Which of its dialogs is open. */
  dialog = $state<'palette' | 'shortcuts' | null>(null);
  /** Ids, the last used first. */
  recent = $state.raw<readonly string[]>([]);
  /** Whether shortcuts made of characters alone work. */
  characterKeys = $state(true);
  readonly mac: boolean;
  readonly #offers = new SvelteSet<Offer>();
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;
  /** Made when read: a page's offers may change with every row of a run. What came last is first. */
  readonly #all: readonly Command[] = $derived.by(() => {
    const seen: Command[] = [];
    for (const offer of [...this.#offers].reverse()) {
      for (const command of offer()) if (!seen.some(({ id }) => id === command.id)) seen.push(command);
    }
    return seen;
  });
  #first: { key: string; at: number } | null = null;

  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> = localStorage, mac = isMac()) {
    this.#storage = storage;
    this.mac = mac;
    this.recent = readIds(storage.getItem(RECENT));
    this.characterKeys = storage.getItem(CHARACTER_KEYS) !== 'off';
  }

  /** What can be done on the page that is shown; stored studies and runs are not among it (`entities.ts`). */
  get all(): readonly Command[] {
    return this.#all;
  }

  /** Returns a function that takes the offer back. */
  add(offer: Offer): () => void {
    this.#offers.add(offer);
    return () => this.#offers.delete(offer);
  }

  use(command: Command): void {
    this.recent = [command.id, ...this.recent.filter((id) => id !== command.id)].slice(0, MOST_RECENT);
    this.#storage.setItem(RECENT, JSON.stringify(this.recent));
    command.run();
  }

  setCharacterKeys(on: boolean): void {
    this.characterKeys = on;
    this.#storage.setItem(CHARACTER_KEYS, on ? 'on' : 'off');
  }

  /** Does what a key press asks for. Returns whether it asked for anything. */
  press(press: PagePress, target: KeyTarget | null): boolean {
    const first =
      this.#first !== null && press.timeStamp - this.#first.at <= SEQUENCE_MS ? this.#first.key : null;
    this.#first = null;
    let single: Command | null = null;
    for (const { command, shortcut } of this.#shortcuts()) {
      if (isTaken(target, shortcut, command.inFields === true)) continue;
      const [one = '', two] = shortcut.split(' ');
      if (two === undefined) {
        if (isChord(one, press, this.mac)) single ??= command;
      } else if (first === one && isChord(two, press, this.mac)) {
        command.run();
        return true;
      } else if (isChord(one, press, this.mac)) {
        this.#first = { key: one, at: press.timeStamp };
      }
    }
    single?.run();
    return single !== null;
  }

  #shortcuts(): { command: Command; shortcut: string }[] {
    return this.#all
      .filter(({ enabled }) => enabled !== false)
      .flatMap((command) => (command.keys ?? []).map((shortcut) => ({ command, shortcut })))
      .filter(({ shortcut }) => this.characterKeys || !isCharacterKeys(shortcut));
  }
}

/** Offers a component's commands while it is shown. */
export function offerCommands(offer: Offer): void {
  const { commands } = getStores();
  onMount(() => commands.add(offer));
}

/** What was stored may be of another version, or of no program. */
function readIds(text: string | null): string[] {
  if (text === null) return [];
  try {
    const ids: unknown = JSON.parse(text);
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
