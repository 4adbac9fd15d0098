import { describe, expect, it } from 'vitest';
import { compilerFor, listDevices } from '../../../main/engine/devices.ts';

describe('devices', () => {
  it('runs a real training step on every engine, and says why where it cannot', async () => {
    const reports = await listDevices();
    const available = Object.fromEntries(reports.map((report) => [report.id, report.available]));
    expect(available).toMatchObject({ 'onnxruntime-cpu': true, 'tfjs-wasm': true, 'tfjs-cpu': true });
    for (const report of reports) {
      if (report.available) expect(report.reason).toMatch(/largest difference from the reference \d/);
      else expect(report.reason).toMatch(/is not available: ./);
    }
  });

  it('names the valid devices when one is unknown', async () => {
    await expect(compilerFor('abacus')).rejects.toMatchObject({
      code: 'device-unavailable',
      nextStep: expect.stringContaining('onnxruntime-cpu') as string,
    });
  });
});
