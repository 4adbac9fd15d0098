import { makeBag } from '../../../main/bundle/bag.ts';
import { jsonBytes } from '../../../main/bundle/layout.ts';
import { readZip, writeZip } from '../../../main/bundle/zip.ts';

export type Files = Map<string, Uint8Array>;

/** The bundle with its files changed as they are, manifests included as they stand. */
export async function tamper(bytes: Uint8Array, change: (files: Files) => void): Promise<Uint8Array> {
  const { top, files } = await readZip(bytes);
  change(files);
  return writeZip(new Map([...files].map(([path, content]) => [`${top}/${path}`, content])));
}

/** The bundle with its payload changed and all checksums made right again: only the content gives it away. */
export async function forge(bytes: Uint8Array, change: (payload: Files) => void): Promise<Uint8Array> {
  const { top, files } = await readZip(bytes);
  const payload: Files = new Map([...files].filter(([path]) => path.startsWith('data/')));
  change(payload);
  const bag = makeBag(payload, { baggingDate: '2026-11-20', software: 'a forger' });
  return writeZip(new Map([...bag.files].map(([path, content]) => [`${top}/${path}`, content])));
}

/** Changes one JSON file of a payload. */
export function editJson<T>(payload: Files, path: string, change: (document: T) => void): void {
  const document = JSON.parse(new TextDecoder().decode(payload.get(path))) as T;
  change(document);
  payload.set(path, jsonBytes(document));
}

interface RawEntry {
  name: string;
  content: Uint8Array;
  /** Unix mode, type included. */
  mode?: number;
  /** Inflated size that the header claims. */
  claimedSize?: number;
  deflated?: Uint8Array;
}

/** A zip made byte by byte (APPNOTE 6.3), so that it can hold what a careful writer refuses. */
export function rawZip(entries: readonly RawEntry[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode = 0o100644, claimedSize = content.length, deflated } of entries) {
    const stored = Buffer.from(deflated ?? content);
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt16LE(deflated === undefined ? 0 : 8, 4);
    common.writeUInt32LE(stored.length, 14);
    common.writeUInt32LE(claimedSize, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, stored]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, tail, nameBytes]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Uint8Array.from(Buffer.concat([...parts, central, end]));
}
