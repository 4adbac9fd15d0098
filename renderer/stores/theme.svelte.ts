/** Light, dark, or as the system says; remembered in this browser. */

export const themeChoices = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof themeChoices)[number];

const KEY = 'latebloom.theme';

export class Theme {
  choice = $state<ThemeChoice>('system');

  constructor() {
    const stored = localStorage.getItem(KEY);
    this.set(themeChoices.find((choice) => choice === stored) ?? 'system');
  }

  set(choice: ThemeChoice): void {
    this.choice = choice;
    localStorage.setItem(KEY, choice);
    const root = document.documentElement;
    if (choice === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = choice;
  }
}
