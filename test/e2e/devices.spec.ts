/** Devices: listed with their reasons, picked in Settings, remembered, recorded by the run. */
import { latebloom, type Host } from './support/host.ts';
import { expect, openPreset, presets, test } from './support/test.ts';

test('a device is picked in Settings and used by the next study', async ({ page, host }) => {
  await host.start();
  await page.goto(host.url);
  await page.getByRole('link', { name: 'Settings' }).click();
  const devices = page.getByRole('region', { name: 'Devices' });
  const rows = devices.getByRole('row');
  await expect(rows).toHaveCount(1 + 9, { timeout: 120_000 });
  await expect(rows.filter({ hasText: 'onnxruntime-cpu' })).toContainText(
    /✓ yes.*ran a training step; largest difference from the reference \S+ \(allowed: 1e-5\)/,
  );
  await expect(rows.filter({ hasText: 'onnxruntime-coreml' })).toContainText(
    process.platform === 'darwin' ? /yes|no/ : /✕ no.*ONNX Runtime has CoreML on macOS only/,
  );
  await devices.getByLabel('New studies start on').selectOption('tfjs-wasm');
  await page.reload();
  await expect(devices.getByLabel('New studies start on')).toHaveValue('tfjs-wasm');

  await openPreset(page, host, presets.miller);
  for (const arm of await page.getByRole('checkbox').all()) await arm.uncheck();
  await page.getByRole('checkbox', { name: /parity of 3 bits hidden among 37/ }).check();
  await page.getByLabel('Seeds per arm').fill('1');
  await expect(page.getByLabel('Device')).toHaveValue('tfjs-wasm');
  await page.getByLabel('Largest effort').fill('1');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('main').getByText('1 run: 1 finished')).toBeVisible({ timeout: 120_000 });
  const { runs } = JSON.parse(await runsJson(host)) as { runs: { backend: unknown }[] };
  expect(runs.map(({ backend }) => backend)).toEqual([
    expect.objectContaining({ engine: 'tfjs-wasm', device: 'cpu', fallback: null }),
  ]);
});

/** What the host has recorded, once it has given its data folder back. */
async function runsJson(host: Host): Promise<string> {
  await host.end('SIGTERM');
  return latebloom(host.home, 'runs', '--json');
}
