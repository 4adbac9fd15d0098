/**
 * The application menu: what the platform expects, with what the page that is shown can do. The page says the latter
 * (`shared/menu.ts`); until it has, the menu has the platform's own items.
 */
import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuEntry, MenuName } from '../../shared/menu.ts';

export interface MenuPlace {
  platform: NodeJS.Platform;
  isPackaged: boolean;
  /** Told the id of an item of the page that was clicked. */
  onCommand: (id: string) => void;
}

export function setApplicationMenu(place: MenuPlace, entries: readonly MenuEntry[] = []): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(place, entries)));
}

export function menuTemplate(
  { platform, isPackaged, onCommand }: MenuPlace,
  entries: readonly MenuEntry[],
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const own = (menu: MenuName): MenuItemConstructorOptions[] =>
    entries
      .filter((entry) => entry.menu === menu)
      .flatMap((entry) => [...(entry.separated ? [line] : []), itemOf(entry, onCommand)]);
  const withLine = (items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
    items.length === 0 ? [] : [...items, line];
  return [
    ...(isMac ? ([{ role: 'appMenu' }] as const) : []),
    { label: 'File', submenu: [...withLine(own('file')), { role: isMac ? 'close' : 'quit' }] },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        ...withLine(own('view')),
        { role: 'reload' },
        ...(isPackaged ? [] : ([{ role: 'toggleDevTools' }] as const)),
        line,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        line,
        { role: 'togglefullscreen' },
      ],
    },
    ...ownMenu('Run', own('run')),
    { role: 'windowMenu' },
    ...(entries.length === 0 ? [] : [{ role: 'help', submenu: own('help') } as const]),
  ];
}

const line: MenuItemConstructorOptions = { type: 'separator' };

function ownMenu(label: string, submenu: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return submenu.length === 0 ? [] : [{ label, submenu }];
}

function itemOf(
  { id, title, enabled, checked, accelerator }: MenuEntry,
  onCommand: (id: string) => void,
): MenuItemConstructorOptions {
  return {
    label: title,
    enabled,
    ...(checked === null ? {} : { type: 'radio', checked }),
    ...(accelerator === null ? {} : { accelerator }),
    click: () => {
      onCommand(id);
    },
  };
}
