/** What can be done from every page. */
import type { Stores } from '../stores/context.ts';
import { themeChoices, type ThemeChoice } from '../stores/theme.svelte.ts';
import type { Route } from '../stores/router.svelte.ts';
import type { Command } from './command.ts';

type Place = Exclude<Route, { view: 'not-found' }>;

const places: { id: string; title: string; route: Place; keys: string; words: string }[] = [
  {
    id: 'gallery',
    title: 'Presets and studies',
    route: { view: 'gallery' },
    keys: 'G P',
    words: 'home gallery',
  },
  {
    id: 'compose',
    title: 'Compose',
    route: { view: 'compose', id: null },
    keys: 'G C',
    words: 'drafts edit',
  },
  {
    id: 'comparisons',
    title: 'Comparisons',
    route: { view: 'comparisons' },
    keys: 'G M',
    words: 'compare saved',
  },
  { id: 'runs', title: 'Runs', route: { view: 'runs' }, keys: 'G R', words: 'queue list all' },
  {
    id: 'settings',
    title: 'Settings',
    route: { view: 'settings' },
    keys: 'G S',
    words: 'preferences devices host storage',
  },
  { id: 'help', title: 'Help', route: { view: 'help' }, keys: 'G H', words: 'documentation words glossary' },
];

export const themeTitles: Record<ThemeChoice, string> = {
  system: 'Colours as the system',
  light: 'Light colours',
  dark: 'Dark colours',
};

export interface AppActions {
  /** Asks for a study file and shows what importing it would change. */
  importFile(): void;
  isDark(): boolean;
}

export function appCommands(
  { router, compose, theme, commands, tour, workbench }: Stores,
  { importFile, isDark }: AppActions,
): Command[] {
  return [
    ...places.map(({ id, title, route, keys, words }): Command => ({
      id: `go.${id}`,
      title,
      group: 'go',
      keys: [keys],
      words,
      run: () => router.go(route),
    })),
    {
      id: 'study.new',
      title: 'New study',
      group: 'create',
      words: 'compose draft create',
      keys: ['N'],
      accelerator: 'Mod+N',
      run: () => router.go({ view: 'compose', id: compose.create() }),
    },
    {
      id: 'bundle.open',
      title: 'Import a study file…',
      group: 'create',
      words: 'open bundle zip',
      keys: ['I'],
      accelerator: 'Mod+O',
      enabled: workbench.isOnline,
      run: importFile,
    },
    {
      id: 'theme.toggle',
      title: 'Switch between light and dark',
      group: 'look',
      words: 'theme toggle mode',
      run: () => theme.set(isDark() ? 'light' : 'dark'),
    },
    ...themeChoices.map((choice): Command => ({
      id: `theme.${choice}`,
      title: themeTitles[choice],
      group: 'look',
      words: 'theme mode',
      detail: theme.choice === choice ? 'chosen' : '',
      run: () => theme.set(choice),
    })),
    {
      id: 'help.palette',
      title: 'Search or run a command',
      group: 'help',
      keys: ['Mod+K'],
      inFields: true,
      run: () => (commands.dialog = 'palette'),
    },
    {
      id: 'help.shortcuts',
      title: 'Keyboard shortcuts',
      group: 'help',
      words: 'keys list',
      keys: ['?'],
      run: () => (commands.dialog = 'shortcuts'),
    },
    {
      id: 'help.tour',
      title: 'Show the tour',
      group: 'help',
      words: 'introduction first steps',
      run: () => tour.start(),
    },
  ];
}
