/** The application menu, made from the commands: what the page that is shown does not offer is greyed. */
import type { MenuEntry, MenuName } from '../../shared/menu.ts';
import type { Command } from './command.ts';

/** In order; `null` is a line. A title stands where no page offers the command, and is the menu's own. */
const menus: Readonly<Record<MenuName, readonly ([id: string, title: string] | null)[]>> = {
  file: [['study.new', 'New Study'], ['bundle.open', 'Open Bundle…'], null, ['study.export', 'Export…']],
  view: [
    ['go.gallery', 'Presets and Studies'],
    ['go.compose', 'Compose'],
    ['go.comparisons', 'Comparisons'],
    ['go.runs', 'Runs'],
    ['go.settings', 'Settings'],
    null,
    ['theme.system', 'Colours as the System'],
    ['theme.light', 'Light Colours'],
    ['theme.dark', 'Dark Colours'],
    null,
    ['help.palette', 'Search or Run a Command'],
  ],
  run: [
    ['run.pause', 'Pause'],
    ['run.resume', 'Resume'],
    ['run.stop', 'Stop'],
  ],
  help: [
    ['go.help', 'Latebloom Help'],
    ['help.shortcuts', 'Keyboard Shortcuts'],
    ['help.tour', 'Show the Tour'],
  ],
};

/** @param theme the id of the command that chose the colours */
export function menuOf(commands: readonly Command[], theme: string): MenuEntry[] {
  const byId = new Map(commands.map((command) => [command.id, command]));
  return (Object.keys(menus) as MenuName[]).flatMap((menu) => {
    let separated = false;
    return menus[menu].flatMap((item): MenuEntry[] => {
      if (item === null) {
        separated = true;
        return [];
      }
      const [id, title] = item;
      const command = byId.get(id);
      const entry: MenuEntry = {
        id,
        menu,
        title,
        enabled: command !== undefined && command.enabled !== false,
        checked: id.startsWith('theme.') ? id === theme : null,
        accelerator: acceleratorOf(command),
        separated,
      };
      separated = false;
      return [entry];
    });
  });
}

/** Only the menu's own: what the page answers to itself would be done twice. */
function acceleratorOf(command: Command | undefined): string | null {
  return command?.accelerator?.replace('Mod', 'CmdOrCtrl') ?? null;
}
