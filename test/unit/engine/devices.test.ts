import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkStep } from '../../../main/engine/check-step.ts';
import { chooseEngine, devices, probeDevice } from '../../../main/engine/devices.ts';
import { compileOnnx } from '../../../main/engine/onnx.ts';
import type { Compile, HostArray } from '../../../main/engine/program.ts';
import { loadTfjs } from '../../../main/engine/tfjs-load.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Those that a machine without drivers can try without harm. */
const harmless = ['onnxruntime-cpu', 'onnxruntime-directml', 'onnxruntime-coreml', 'tfjs-wasm', 'tfjs-cpu'];

describe('devices', () => {
  it('are every engine of the program', () => {
    expect(devices.map(({ id }) => id)).toEqual([
      'onnxruntime-cpu',
      'onnxruntime-webgpu',
      'onnxruntime-cuda',
      'onnxruntime-directml',
      'onnxruntime-coreml',
      'tfjs-node-gpu',
      'tfjs-node',
      'tfjs-wasm',
      'tfjs-cpu',
    ]);
  });

  it.each(harmless)('%s runs a real training step, or says why it cannot', async (id) => {
    const warnings = vi.spyOn(console, 'warn');
    const report = await probeDevice(id);
    expect(warnings).not.toHaveBeenCalled();
    expect(report.id).toBe(id);
    const everywhere = ['onnxruntime-cpu', 'tfjs-wasm', 'tfjs-cpu'].includes(id);
    if (everywhere) expect(report.available).toBe(true);
    if (report.available)
      expect(report.reason).toMatch(/largest difference from the reference \d\S* \(allowed: 1e-5\)/);
    else expect(report.reason).toMatch(/^ONNX Runtime has (DirectML|CoreML) on (Windows|macOS) only$/);
  });

  it('that compute something else are found out', async () => {
    const wrong: Compile = async (outputs, options) => {
      const program = await compileOnnx(outputs, options);
      // As after a moment that was not carried over.
      const state = async (): Promise<Record<string, HostArray>> => {
        const values = await program.state();
        return {
          ...values,
          'table mean': (values['table mean'] as Float32Array).map((value) => value * 0.9),
        };
      };
      return {
        onDevice: false,
        setState: (values) => program.setState(values),
        state,
        run: (feeds) => program.run(feeds),
        runSteps: (feeds, steps) => program.runSteps(feeds, steps),
        dispose: () => program.dispose(),
      };
    };
    await expect(checkStep(wrong)).rejects.toThrow(/differs from the reference by \d\S*, more than 0.00001/);
    expect(await checkStep(compileOnnx)).toBeLessThan(1e-6);
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
    const id = process.platform === 'win32' ? 'onnxruntime-coreml' : 'onnxruntime-directml';
    const { reason } = await probeDevice(id);
    const { backend } = await choose(id);
    expect(backend.engine).toBe('onnxruntime-cpu');
    expect(backend.fallback).toBe(
      `${id} was asked for; onnxruntime-cpu is used: ${id} is not available: ${reason}.`,
    );
  });

  it('is the next best where the asked one is known not to work, without trying it', async () => {
    const { backend } = await chooseEngine({
      device: 'tfjs-cpu',
      precision: 'float32',
      threads: 1,
      fault: 'it crashed when it was tried',
    });
    expect(backend.engine).toBe('onnxruntime-cpu');
    expect(backend.fallback).toBe(
      'tfjs-cpu was asked for; onnxruntime-cpu is used: tfjs-cpu is not available: it crashed when it was tried.',
    );
  });
});
