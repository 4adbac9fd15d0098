/** A view against axe-core's rules, its colours in both themes. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright/test';

export async function faultsOf(page: Page, view: string): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    const axe = new AxeBuilder({ page });
    // Only colours change with the theme.
    if (theme === 'dark') axe.withRules(['color-contrast', 'link-in-text-block']);
    for (const { id, help, nodes } of (await axe.analyze()).violations) {
      for (const { target, failureSummary } of nodes) {
        found.push(`${view}, ${theme}: ${id} (${help}) at ${target.join(' ')}: ${failureSummary ?? ''}`);
      }
    }
  }
  return found;
}
