/** What a command is: one thing a user can do, wherever it is offered (palette, shortcut, application menu). */

/** In the order in which the palette lists them. */
export const groupTitles = {
  page: 'On this page',
  go: 'Go to',
  create: 'New and open',
  presets: 'Presets',
  studies: 'Studies',
  runs: 'Runs',
  comparisons: 'Saved comparisons',
  drafts: 'Drafts',
  look: 'Colours',
  help: 'Help',
} as const;

export type CommandGroup = keyof typeof groupTitles;
export const commandGroups = Object.keys(groupTitles) as CommandGroup[];

export interface Command {
  /** The same from day to day: recent commands and the application menu go by it. */
  id: string;
  title: string;
  group: CommandGroup;
  /** Beside the title: a run's status, how long it takes. */
  detail?: string;
  /** Further words by which it is found. */
  words?: string;
  /** Shortcuts that work anywhere on the page (`keys.ts`); each does the same. */
  keys?: readonly string[];
  /** Its shortcuts work while typing in a field, too. */
  inFields?: boolean;
  /** Keys of one element, which handles them by the same table. */
  local?: { keys: readonly string[]; where: string };
  /** The desktop menu's own shortcut, where a browser has another use for the keys. */
  accelerator?: string;
  /** Whether it can be done now; absent for yes. The palette leaves out what cannot, the menu greys it. */
  enabled?: boolean;
  run: () => void;
}
