/**
 * What the graphics processors of this machine are called. ONNX Runtime and TensorFlow do not say on which one they
 * compute, so names come from the driver or the system, and only where one is certain.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

const ASKING_LIMIT = 5000;

export interface GraphicsQuery {
  platform: NodeJS.Platform;
  environment: Readonly<Record<string, string | undefined>>;
  /** What a program prints; null when it is not there or fails. */
  output: (program: string, args: string[]) => Promise<string | null>;
  /** Vendor and device of the display controllers on the PCI bus (Linux). */
  pciDisplays: () => Promise<{ vendor: string; device: string }[]>;
}

const thisMachine: GraphicsQuery = {
  platform: process.platform,
  environment: process.env,
  output: (program, args) =>
    new Promise((resolve) => {
      execFile(program, args, { timeout: ASKING_LIMIT, windowsHide: true }, (error, stdout) => {
        resolve(error === null ? stdout : null);
      });
    }),
  pciDisplays,
};

/** The name of the processor that `hardware` computes on; null where it is not certain. */
export async function graphicsName(
  hardware: 'webgpu' | 'cuda' | 'directml' | 'coreml',
  query: GraphicsQuery = thisMachine,
): Promise<string | null> {
  const { platform, environment } = query;
  if (hardware === 'webgpu' && platform === 'linux') {
    const chosen = environment['VK_DRIVER_FILES'] ?? environment['VK_ICD_FILENAMES'];
    if (chosen !== undefined && chosen !== '')
      return `Vulkan driver ${chosen
        .split(':')
        .map((file) => basename(file, '.json'))
        .join(', ')}`;
  }
  const nvidia = lines(await query.output('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader']));
  const names = hardware === 'cuda' ? nvidia : await allNames(query, nvidia);
  if (names.length === 0) return null;
  return names.length === 1 ? (names[0] as string) : `one of ${names.join(', ')}`;
}

async function allNames(query: GraphicsQuery, nvidia: string[]): Promise<string[]> {
  switch (query.platform) {
    case 'darwin': {
      const text = await query.output('system_profiler', ['SPDisplaysDataType', '-json']);
      return text === null ? [] : macNames(text);
    }
    case 'win32': {
      const command = '(Get-CimInstance Win32_VideoController).Name';
      return lines(await query.output('powershell', ['-NoProfile', '-Command', command]));
    }
    case 'linux': {
      const others = (await query.pciDisplays()).filter(
        ({ vendor }) => vendor !== NVIDIA || nvidia.length === 0,
      );
      return [...nvidia, ...others.map(pciName)];
    }
    default:
      return nvidia;
  }
}

function lines(text: string | null): string[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function macNames(text: string): string[] {
  const { SPDisplaysDataType: displays = [] } = JSON.parse(text) as {
    SPDisplaysDataType?: { sppci_model?: string }[];
  };
  return displays.flatMap(({ sppci_model: name }) => (name === undefined ? [] : [name]));
}

const NVIDIA = '10de';
/** PCI vendors of graphics processors that compute. */
const vendors: Record<string, string> = { [NVIDIA]: 'NVIDIA', '1002': 'AMD', '8086': 'Intel' };

function pciName({ vendor, device }: { vendor: string; device: string }): string {
  return `${vendors[vendor] ?? 'graphics processor'} (PCI ${vendor}:${device})`;
}

async function pciDisplays(): Promise<{ vendor: string; device: string }[]> {
  const bus = '/sys/bus/pci/devices';
  const found: { vendor: string; device: string }[] = [];
  for (const slot of await readdir(bus).catch(() => [])) {
    const read = async (file: string): Promise<string> =>
      (await readFile(join(bus, slot, file), 'utf8')).trim().replace(/^0x/, '');
    // Class 03 is a display controller. A server's own (Aspeed, Matrox) has no compute.
    if (!(await read('class')).startsWith('03')) continue;
    const [vendor, device] = [await read('vendor'), await read('device')];
    if (vendor in vendors) found.push({ vendor, device });
  }
  return found;
}
