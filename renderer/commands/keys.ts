/**
 * Shortcuts as text: `Mod+K` (Ctrl, on a Mac ⌘), `Mod+Shift+Z`, `?`, `ArrowLeft`, `Space`; two keys one after the
 * other with a space between them: `G R`.
 */

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** What an element says of itself; of `Element`. */
export interface KeyTarget {
  closest(selector: string): unknown;
}

/** Whether one key press is this chord. */
export function isChord(chord: string, press: KeyPress, mac: boolean): boolean {
  const parts = chord.split('+');
  const key = parts.at(-1) as string;
  const wantsMod = parts.includes('Mod');
  if (press.altKey || (mac ? press.metaKey : press.ctrlKey) !== wantsMod) return false;
  if (mac ? press.ctrlKey : press.metaKey) return false;
  if (press.key.toLowerCase() !== keyValue(key)) return false;
  // Which symbols need Shift depends on the keyboard: "?" is asked for, not Shift and a key.
  const isSymbol = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  return isSymbol || press.shiftKey === parts.includes('Shift');
}

function keyValue(key: string): string {
  return key === 'Space' ? ' ' : key.toLowerCase();
}

const fields =
  'textarea, select, [contenteditable], input:not([type="checkbox"], [type="radio"], [type="range"], [type="file"])';
/** What has a use of its own for arrows, Home, End and Space. */
const movable = 'input, select, textarea, [contenteditable], [tabindex="0"]';
const pressable = 'button, summary, a';
const movingKeys = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown'];

/** Whether the element in which a key was pressed wants it itself; null for none. */
export function isTaken(target: KeyTarget | null, shortcut: string, inFields: boolean): boolean {
  const within = (selector: string): boolean => (target?.closest(selector) ?? null) !== null;
  if (within('dialog')) return true;
  if (within(fields)) return !inFields || !shortcut.startsWith('Mod+');
  if (shortcut === 'Space') return within(movable) || within(pressable);
  return movingKeys.includes(shortcut) && within(movable);
}

/** Whether it is made of characters alone: a user of speech input may want these off (WCAG 2.1.4). */
export function isCharacterKeys(shortcut: string): boolean {
  return !shortcut.includes('Mod+') && shortcut.split(' ').every((key) => key.length === 1);
}

const keyNames: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  PageUp: 'Page Up',
  PageDown: 'Page Down',
};

/** A shortcut's keys as they stand on a keyboard: the keys of each chord. */
export function keyWords(shortcut: string, mac: boolean): string[][] {
  const named = (key: string): string => {
    if (key === 'Mod') return mac ? '⌘' : 'Ctrl';
    if (key === 'Shift') return mac ? '⇧' : 'Shift';
    return keyNames[key] ?? key;
  };
  return shortcut.split(' ').map((chord) => chord.split('+').map(named));
}

/** For `aria-keyshortcuts`; a sequence has no word there. */
export function ariaKeys(shortcut: string, mac: boolean): string {
  return shortcut.replace('Mod', mac ? 'Meta' : 'Control');
}

export function isMac(): boolean {
  return typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
}
