import { afterEach, describe, expect, it, vi } from 'vitest';
import { chooseEngine, listDevices } from '../../../main/engine/devices.ts';
import { loadTfjs } from '../../../main/engine/tfjs-load.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('devices', () => {
  it('runs a real training step on every engine, and says why where it cannot', async () => {
    const warnings = vi.spyOn(console, 'warn');
    const reports = await listDevices();
    expect(warnings).not.toHaveBeenCalled();
    const available = Object.fromEntries(reports.map((report) => [report.id, report.available]));
    expect(available).toMatchObject({ 'onnxruntime-cpu': true, 'tfjs-wasm': true, 'tfjs-cpu': true });
    for (const report of reports) {
      if (report.available) expect(report.reason).toMatch(/largest difference from the reference \d/);
      else expect(report.reason).toMatch(/./);
    }
  });

  it('names the valid devices when one is unknown', async () => {
    const request = { device: 'abacus', precision: 'float32', threads: 1 } as const;
    await expect(chooseEngine(request)).rejects.toMatchObject({
      code: 'device-unavailable',
      nextStep: expect.stringContaining('onnxruntime-cpu') as string,
    });
  });

  it('loads packages that register the same kernels without a word', async () => {
    const tf = await loadTfjs('tfjs-cpu');
    const warnings = vi.spyOn(console, 'warn');
    const again = tf.getKernelsForBackend('cpu');
    for (const kernel of again) tf.registerKernel(kernel);
    expect(again.length).toBeGreaterThan(50);
    expect(warnings).not.toHaveBeenCalled();
  });
});

describe('the engine of a run', () => {
  const choose = (device: string | null, precision: 'float32' | 'float64' = 'float32') =>
    chooseEngine({ device, precision, threads: 2 });

  it('is ONNX Runtime when nobody chooses', async () => {
    expect((await choose(null)).backend).toEqual({
      engine: 'onnxruntime-cpu',
      engineVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
      device: 'cpu',
      precision: 'float32',
      threads: 2,
      fallback: null,
    });
  });

  it.each(['tfjs-cpu', 'tfjs-wasm'])(
    'is %s when asked for, on the one thread that it has',
    async (device) => {
      const { backend } = await choose(device);
      expect(backend).toMatchObject({ engine: device, threads: 1, precision: 'float32', fallback: null });
      expect(backend.engineVersion).toMatch(/^\d+\.\d+\.\d+$/);
    },
  );

  it('is the next best where the asked one lacks float64, and says so', async () => {
    const { backend } = await choose('tfjs-cpu', 'float64');
    expect(backend).toMatchObject({ engine: 'onnxruntime-cpu', precision: 'float64' });
    expect(backend.fallback).toBe(
      'tfjs-cpu was asked for; onnxruntime-cpu is used: tfjs-cpu has no float64.',
    );
  });

  it('is the next best where the asked one does not work, and says why', async () => {
    const broken = (await listDevices()).find((report) => !report.available);
    if (broken === undefined) return;
    const { backend } = await choose(broken.id);
    expect(backend.engine).toBe('onnxruntime-cpu');
    expect(backend.fallback).toBe(
      `${broken.id} was asked for; onnxruntime-cpu is used: ${broken.id} is not available: ${broken.reason}.`,
    );
  });
});
