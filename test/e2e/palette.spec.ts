/** Everything by name and by key: the palette, the shortcuts and their list, on real runs. */
import { faultsOf } from './support/axe.ts';
import { latebloom } from './support/host.ts';
import { expect, openTab, presets, test } from './support/test.ts';

test('the palette finds commands, presets, studies and runs, and does what it says', async ({
  page,
  host,
}) => {
  test.setTimeout(400_000);
  latebloom(
    host.home,
    'run',
    'miller-2023',
    '--arms',
    'linear-decoys',
    '--seeds',
    '3',
    '--max-effort',
    '300',
  );
  await host.start();
  await page.goto(host.url);
  const field = page.getByRole('combobox', { name: 'Search or run a command' });
  const options = page.getByRole('listbox', { name: 'Commands' }).getByRole('option');
  const chosen = page.getByRole('dialog').getByRole('option', { selected: true });
  const said = page.getByRole('dialog').getByRole('status');
  await expect(page.getByRole('table').getByRole('link', { name: presets.miller })).toBeVisible();

  // From the bar at the top, with everything that there is, in named groups.
  await page.getByRole('button', { name: 'Search or run a command' }).click();
  await expect(field).toBeFocused();
  await expect(page.getByRole('group', { name: 'Go to' }).getByRole('option')).toHaveCount(6);
  await expect(page.getByRole('group', { name: 'Recent' })).toHaveCount(0);
  expect(await faultsOf(page, 'palette')).toEqual([]);
  await field.fill('linear finished');
  await expect(said).toHaveText('3 results');
  await expect(page.getByRole('group', { name: 'Runs' }).getByRole('option')).toHaveCount(3);
  await field.fill('nothing is called this');
  await expect(said).toHaveText('No results');
  await expect(field).toHaveAttribute('aria-expanded', 'false');
  expect(await faultsOf(page, 'palette without results')).toEqual([]);

  // Arrows move the choice, which the field points at; Enter opens it.
  await field.fill('grk neural');
  await expect(chosen).toContainText(presets.miller);
  await page.keyboard.press('ArrowDown');
  await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
  await expect(field).toHaveAttribute(
    'aria-activedescendant',
    (await options.nth(1).getAttribute('id')) ?? '',
  );
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(options.last()).toHaveAttribute('aria-selected', 'true');
  await field.fill('settings');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/settings$/);
  await expect(page.locator('dialog')).toHaveCount(0);

  // With the keys, also from a field; what was used last stands first.
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('group', { name: 'Recent' }).getByRole('option')).toHaveText([/Settings/]);
  await page.keyboard.press('Escape');
  await expect(page.locator('dialog')).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await field.fill('dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.keyboard.press('Control+k');
  await field.fill('s300');
  await expect(said).toHaveText('No results');
  await field.fill('linear-decoys.s1');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('seed 1');

  // The page that is shown says what it can do.
  await page.keyboard.press('Control+k');
  await field.fill('study of this run');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/study\//);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('group', { name: 'On this page' })).toContainText('Export this study…');
  await field.fill('exp');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Export this study' })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();

  // A preset starts, and can be paused.
  await page.keyboard.press('Control+k');
  await field.fill('run merrill');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Merrill');
  await expect(page.getByText(/\d running/).first()).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('Control+k');
  await field.fill('pause the runs');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^15 runs: 15 paused$/)).toBeVisible({ timeout: 60_000 });
});

test('every listed shortcut works, and none while typing', async ({ page, host }) => {
  test.setTimeout(400_000);
  latebloom(
    host.home,
    'run',
    'miller-2023',
    '--arms',
    'linear-decoys',
    '--seeds',
    '1',
    '--max-effort',
    '300',
  );
  await host.start();
  await page.goto(host.url);
  await page.getByRole('table').getByRole('link', { name: presets.miller }).click();
  await openTab(page, 'Replay');
  const where = page.getByRole('region', { name: 'Replay' }).locator('p.where');
  await expect(where).toBeVisible();

  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(list.getByRole('region', { name: 'Shortcuts' })).toContainText('To the first row');
  await expect(list).toContainText(/One row on\s*→/);
  await expect(list).toContainText(/One row on, on the scrubber\s*↑/);
  expect(await faultsOf(page, 'shortcuts')).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(list).toHaveCount(0);

  // Replay's.
  await page.keyboard.press('Home');
  await expect(where).toContainText('row 1 of');
  await page.keyboard.press('ArrowRight');
  await expect(where).toContainText('row 2 of');
  await page.keyboard.press('ArrowLeft');
  await expect(where).toContainText('row 1 of');
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Pause', exact: true }).last()).toBeVisible();
  await page.keyboard.press('End');
  const scrubber = page.getByRole('slider', { name: /Replay position/ });
  await scrubber.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowUp');
  await expect(where).toContainText('row 2 of');
  // A key of the scrubber moves once, not twice.
  await page.keyboard.press('ArrowRight');
  await expect(where).toContainText('row 3 of');
  await page.keyboard.press('PageUp');
  await expect(where).not.toContainText('row 3 of');

  // Tabs, places, and one key after another.
  await page.keyboard.press('4');
  await expect(page).toHaveURL(/\/claims$/);
  await page.keyboard.press('e');
  const exporting = page.getByRole('dialog', { name: 'Export this study' });
  await expect(exporting).toBeVisible();
  await page.keyboard.press('Escape');
  // Keys are a dialog's until it is taken out, a moment after it is out of sight.
  await expect(page.locator('dialog')).toHaveCount(0);
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await expect(page).toHaveURL(/#\/runs$/);

  // In a field they are letters.
  const filter = page.getByLabel('Filter by words');
  await filter.fill('');
  await filter.pressSequentially('ng?');
  await expect(filter).toHaveValue('ng?');
  await expect(page.locator('dialog')).toHaveCount(0);
  await expect(page).toHaveURL(/#\/runs$/);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Search or run a command' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(filter).toBeFocused();
  await filter.fill('');
  await filter.blur();

  // A draft's undo acts in its fields, too.
  await page.keyboard.press('n');
  await expect(page).toHaveURL(/#\/compose\/.+/);
  const title = page.getByLabel('title', { exact: true }).first();
  const before = await title.inputValue();
  await title.fill('Another title');
  await page.keyboard.press('Control+z');
  await expect(title).toHaveValue(before);
  await page.keyboard.press('Control+Shift+z');
  await expect(title).toHaveValue('Another title');

  // Who talks to the program turns single characters off.
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await list.getByRole('checkbox').uncheck();
  await list.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('button', { name: 'Keyboard shortcuts' })).toBeFocused();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.keyboard.press('?');
  await expect(page.locator('dialog')).toHaveCount(0);
  await expect(page).toHaveURL(/#\/settings$/);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog')).toBeVisible();
});
