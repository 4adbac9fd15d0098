import { describe, expect, it } from 'vitest';
import {
  ariaKeys,
  isCharacterKeys,
  isChord,
  isTaken,
  keyWords,
  type KeyPress,
} from '../../../../renderer/commands/keys.ts';

const press = (key: string, changes: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...changes,
});

/** An element of which only this selector list's parts hold. */
const within = (...held: string[]) => ({
  closest: (selector: string) => (selector.split(', ').some((part) => held.includes(part)) ? {} : null),
});

describe('a chord', () => {
  it('is Ctrl where there is no ⌘, and the other way round', () => {
    expect(isChord('Mod+K', press('k', { ctrlKey: true }), false)).toBe(true);
    expect(isChord('Mod+K', press('k', { metaKey: true }), false)).toBe(false);
    expect(isChord('Mod+K', press('k', { metaKey: true }), true)).toBe(true);
    // Ctrl K cuts a line in a Mac's text field.
    expect(isChord('Mod+K', press('k', { ctrlKey: true }), true)).toBe(false);
    expect(isChord('Mod+K', press('k'), false)).toBe(false);
    expect(isChord('K', press('k', { ctrlKey: true }), false)).toBe(false);
  });

  it('asks for Shift with letters, not with symbols', () => {
    expect(isChord('Mod+Shift+Z', press('Z', { ctrlKey: true, shiftKey: true }), false)).toBe(true);
    expect(isChord('Mod+Z', press('Z', { ctrlKey: true, shiftKey: true }), false)).toBe(false);
    expect(isChord('?', press('?', { shiftKey: true }), false)).toBe(true);
    expect(isChord('?', press('?'), false)).toBe(true);
    expect(isChord('N', press('N', { shiftKey: true }), false)).toBe(false);
    expect(isChord('N', press('n', { altKey: true }), false)).toBe(false);
  });

  it('names keys that have no character', () => {
    expect(isChord('Space', press(' '), false)).toBe(true);
    expect(isChord('ArrowLeft', press('ArrowLeft'), false)).toBe(true);
    expect(isChord('ArrowLeft', press('ArrowLeft', { shiftKey: true }), false)).toBe(false);
  });
});

describe('a key that the page’s own element wants', () => {
  it('is left to fields, but for those that say so', () => {
    const field = within('textarea');
    expect(isTaken(field, '?', false)).toBe(true);
    expect(isTaken(field, 'Mod+Z', false)).toBe(true);
    expect(isTaken(field, 'Mod+K', true)).toBe(false);
    // What types a character never acts in a field.
    expect(isTaken(field, '?', true)).toBe(true);
    expect(isTaken(within('select'), 'N', false)).toBe(true);
    expect(isTaken(null, '?', false)).toBe(false);
  });

  it('is left to dialogs altogether', () => {
    expect(isTaken(within('dialog'), 'Mod+K', true)).toBe(true);
  });

  it('is left to what scrolls, slides or is pressed', () => {
    expect(isTaken(within('[tabindex="0"]'), 'ArrowLeft', false)).toBe(true);
    expect(isTaken(within('[tabindex="0"]'), 'N', false)).toBe(false);
    expect(isTaken(within('button'), 'Space', false)).toBe(true);
    expect(isTaken(within('button'), 'ArrowLeft', false)).toBe(false);
    expect(isTaken(within('input'), 'Home', false)).toBe(true);
    expect(isTaken(within('div'), 'Space', false)).toBe(false);
  });
});

describe('a shortcut in words', () => {
  it('has the names on the keyboard', () => {
    expect(keyWords('Mod+Shift+Z', false)).toEqual([['Ctrl', 'Shift', 'Z']]);
    expect(keyWords('Mod+K', true)).toEqual([['⌘', 'K']]);
    expect(keyWords('G R', false)).toEqual([['G'], ['R']]);
    expect(keyWords('ArrowLeft', false)).toEqual([['←']]);
    expect(ariaKeys('Mod+K', false)).toBe('Control+K');
    expect(ariaKeys('Mod+K', true)).toBe('Meta+K');
  });

  it('is of characters where it has nothing else', () => {
    expect(['?', 'N', 'G R', '1'].map(isCharacterKeys)).toEqual([true, true, true, true]);
    expect(['Mod+K', 'ArrowLeft', 'Space', 'Home'].map(isCharacterKeys)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
