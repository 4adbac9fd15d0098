import { describe, expect, it, vi } from 'vitest';
import { menuTemplate } from '../../../main/shell/menu.ts';
import { studyFilesIn } from '../../../main/shell/opened-files.ts';
import type { MenuEntry } from '../../../shared/menu.ts';

const entry = (id: string, menu: MenuEntry['menu'], changes: Partial<MenuEntry> = {}): MenuEntry => ({
  id,
  menu,
  title: id,
  enabled: true,
  checked: null,
  accelerator: null,
  separated: false,
  ...changes,
});

const place = (platform: NodeJS.Platform, isPackaged = true) => ({
  platform,
  isPackaged,
  onCommand: vi.fn(),
});
const labels = (template: ReturnType<typeof menuTemplate>): unknown[] =>
  template.map(({ label, role }) => label ?? role);

describe('the application menu', () => {
  const entries = [
    entry('study.new', 'file', { accelerator: 'CmdOrCtrl+N' }),
    entry('study.export', 'file', { separated: true, enabled: false }),
    entry('theme.dark', 'view', { checked: true }),
    entry('run.pause', 'run'),
    entry('help.tour', 'help'),
  ];

  it('has the platform’s own items until the page has said what it can do', () => {
    expect(labels(menuTemplate(place('linux'), []))).toEqual(['File', 'editMenu', 'View', 'windowMenu']);
    expect(labels(menuTemplate(place('darwin'), []))[0]).toBe('appMenu');
  });

  it('has what the page says, greyed, chosen and with lines as it says', () => {
    const template = menuTemplate(place('linux'), entries);
    expect(labels(template)).toEqual(['File', 'editMenu', 'View', 'Run', 'windowMenu', 'help']);
    expect(template[0]?.submenu).toMatchObject([
      { label: 'study.new', enabled: true, accelerator: 'CmdOrCtrl+N' },
      { type: 'separator' },
      { label: 'study.export', enabled: false },
      { type: 'separator' },
      { role: 'quit' },
    ]);
    expect(template[2]?.submenu).toMatchObject([
      { label: 'theme.dark', type: 'radio', checked: true },
      { type: 'separator' },
      { role: 'reload' },
      { type: 'separator' },
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
    ]);
  });

  it('says which item was clicked', () => {
    const where = place('darwin', false);
    const run = menuTemplate(where, entries).find(({ label }) => label === 'Run');
    const [item] = run?.submenu as { click: () => void }[];
    item?.click();
    expect(where.onCommand).toHaveBeenCalledExactlyOnceWith('run.pause');
  });
});

describe('the files of a start', () => {
  it('are its study files, wherever they are and however the desktop writes them', () => {
    const argv = [
      '/opt/Latebloom.study.zip',
      '--flag=x.study.zip',
      'a.study.zip',
      '/b/C.STUDY.ZIP',
      'plain.zip',
    ];
    expect(
      studyFilesIn([...argv, 'file:///home/a%20b.study.zip', 'file://elsewhere/c.zip'], '/work'),
    ).toEqual(['/work/a.study.zip', '/b/C.STUDY.ZIP', '/home/a b.study.zip']);
  });
});
