import { describe, expect, it } from 'vitest';
import { graphicsName, type GraphicsQuery } from '../../../main/engine/graphics.ts';

/** A machine on which these programs answer. */
function machine(
  platform: NodeJS.Platform,
  answers: Record<string, string> = {},
  rest: Partial<GraphicsQuery> = {},
): GraphicsQuery {
  return {
    platform,
    environment: {},
    output: (program) => Promise.resolve(answers[program] ?? null),
    pciDisplays: () => Promise.resolve([]),
    ...rest,
  };
}

const nvidia = { 'nvidia-smi': 'NVIDIA H100 80GB HBM3\n' };

describe('the name of a graphics processor', () => {
  it("is the driver's", async () => {
    expect(await graphicsName('cuda', machine('linux', nvidia))).toBe('NVIDIA H100 80GB HBM3');
    expect(await graphicsName('webgpu', machine('linux', nvidia))).toBe('NVIDIA H100 80GB HBM3');
  });

  it('is unknown where nothing tells', async () => {
    for (const platform of ['linux', 'darwin', 'win32', 'freebsd'] as const)
      expect(await graphicsName('webgpu', machine(platform))).toBeNull();
  });

  it('is the Vulkan driver where one was chosen for WebGPU, which may not be the card', async () => {
    const environment = { VK_ICD_FILENAMES: '/usr/lib/chromium/vk_swiftshader_icd.json' };
    const chosen = machine('linux', nvidia, { environment });
    expect(await graphicsName('webgpu', chosen)).toBe('Vulkan driver vk_swiftshader_icd');
    expect(await graphicsName('cuda', chosen)).toBe('NVIDIA H100 80GB HBM3');
  });

  it('is one of several where there are several', async () => {
    const pciDisplays = () =>
      Promise.resolve([
        { vendor: '8086', device: '46a6' },
        { vendor: '10de', device: '2330' },
      ]);
    const two = machine('linux', nvidia, { pciDisplays });
    expect(await graphicsName('webgpu', two)).toBe('one of NVIDIA H100 80GB HBM3, Intel (PCI 8086:46a6)');
    // Without NVIDIA's driver its card is known by its number.
    const bare = machine('linux', {}, { pciDisplays });
    expect(await graphicsName('webgpu', bare)).toBe('one of Intel (PCI 8086:46a6), NVIDIA (PCI 10de:2330)');
  });

  it('is what the system says on macOS and Windows', async () => {
    const system_profiler =
      '{"SPDisplaysDataType": [{"sppci_model": "Apple M3 Pro", "spdisplays_ndrvs": []}]}';
    expect(await graphicsName('coreml', machine('darwin', { system_profiler }))).toBe('Apple M3 Pro');
    const powershell = 'AMD Radeon RX 7800 XT\r\n';
    expect(await graphicsName('directml', machine('win32', { powershell }))).toBe('AMD Radeon RX 7800 XT');
  });
});
