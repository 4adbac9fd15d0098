/** The list of shortcuts, made from the commands that answer to them: it cannot say what does not work. */
import { commandGroups, groupTitles, type Command } from './command.ts';
import { isCharacterKeys } from './keys.ts';

export interface ListedShortcut {
  id: string;
  title: string;
  keys: readonly string[];
  /** Where the keys have to be pressed; empty for anywhere but in a field. */
  where: string;
  /** Whether it goes with the shortcuts of single characters. */
  isOfCharacters: boolean;
}

export interface ShortcutGroup {
  title: string;
  shortcuts: ListedShortcut[];
}

/** @param inShell whether the desktop's menu is there, which has shortcuts of its own */
export function shortcutList(commands: readonly Command[], inShell: boolean): ShortcutGroup[] {
  return commandGroups.flatMap((group): ShortcutGroup[] => {
    const shortcuts = commands
      .filter((command) => command.group === group)
      .flatMap((command) => rowsOf(command, inShell));
    return shortcuts.length === 0 ? [] : [{ title: groupTitles[group], shortcuts }];
  });
}

function rowsOf(
  { id, title, keys, inFields, local, accelerator }: Command,
  inShell: boolean,
): ListedShortcut[] {
  const anywhere = [...(keys ?? []), ...(inShell && accelerator !== undefined ? [accelerator] : [])];
  const rows: ListedShortcut[] = [];
  if (anywhere.length > 0) {
    rows.push({
      id,
      title,
      keys: anywhere,
      where: inFields === true ? 'in fields, too' : '',
      isOfCharacters: anywhere.every(isCharacterKeys),
    });
  }
  if (local !== undefined) {
    rows.push({ id: `${id} local`, title, keys: local.keys, where: local.where, isOfCharacters: false });
  }
  return rows;
}
