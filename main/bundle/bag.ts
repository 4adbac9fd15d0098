/** BagIt 1.0 (RFC 8493): the files that let anyone check that a bundle is whole, with `sha512sum -c` alone. */
import { createHash } from 'node:crypto';
import {
  BAG_FILE,
  BAG_INFO_FILE,
  byName,
  MANIFEST_FILE,
  TAG_MANIFEST_FILE,
  textBytes,
  type BundleFault,
} from './layout.ts';

export interface BagInfo {
  /** YYYY-MM-DD */
  baggingDate: string;
  software: string;
}

const declaration = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

/** The whole bag around payload files (paths start with `data/`). */
export function makeBag(
  payload: ReadonlyMap<string, Uint8Array>,
  info: BagInfo,
): { files: Map<string, Uint8Array>; manifestHash: string } {
  const manifest = textBytes(manifestOf(payload));
  const manifestHash = manifestHashOf(manifest);
  const octets = [...payload.values()].reduce((sum, content) => sum + content.length, 0);
  const bagInfo = [
    `Bagging-Date: ${info.baggingDate}`,
    `Payload-Oxum: ${octets}.${payload.size}`,
    `External-Identifier: ${identifierOf(manifestHash)}`,
    `Bag-Software-Agent: ${info.software}`,
    '',
  ].join('\n');
  const tags = new Map([
    [BAG_FILE, textBytes(declaration)],
    [BAG_INFO_FILE, textBytes(bagInfo)],
    [MANIFEST_FILE, manifest],
  ]);
  tags.set(TAG_MANIFEST_FILE, textBytes(manifestOf(tags)));
  return { files: new Map([...payload, ...tags]), manifestHash };
}

/** The study's identity: SHA-256 (hex) of `manifest-sha512.txt`. */
export function manifestHashOf(manifest: Uint8Array): string {
  return createHash('sha256').update(manifest).digest('hex');
}

/** A UUID of version 8 (RFC 9562) made from the manifest hash: the same payload has the same identifier. */
function identifierOf(manifestHash: string): string {
  const variant = ((parseInt(manifestHash.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `urn:uuid:${manifestHash.slice(0, 8)}-${manifestHash.slice(8, 12)}-8${manifestHash.slice(13, 16)}-${variant}${manifestHash.slice(17, 20)}-${manifestHash.slice(20, 32)}`;
}

function manifestOf(files: ReadonlyMap<string, Uint8Array>): string {
  return [...files]
    .sort(([a], [b]) => byName(a, b))
    .map(([path, content]) => `${sha512(content)}  ${path}\n`)
    .join('');
}

function sha512(content: Uint8Array): string {
  return createHash('sha512').update(content).digest('hex');
}

/** What makes these files no bag that we read: missing tag files, another BagIt version, files to be fetched. */
export function structureFaults(files: ReadonlyMap<string, Uint8Array>): BundleFault[] {
  const faults: BundleFault[] = [];
  for (const name of [BAG_FILE, BAG_INFO_FILE, MANIFEST_FILE, TAG_MANIFEST_FILE]) {
    if (!files.has(name)) faults.push({ file: name, fault: 'missing' });
  }
  const bagit = files.get(BAG_FILE);
  if (bagit !== undefined) {
    const fields = readFields(bagit);
    const version = fields.get('bagit-version');
    if (version !== '1.0') {
      faults.push({
        file: BAG_FILE,
        fault: `unsupported BagIt version ${version ?? '(none)'}; this reads 1.0`,
      });
    }
    const encoding = fields.get('tag-file-character-encoding');
    if (encoding !== 'UTF-8') {
      faults.push({
        file: BAG_FILE,
        fault: `unsupported encoding ${encoding ?? '(none)'}; this reads UTF-8`,
      });
    }
  }
  if (files.has('fetch.txt')) {
    faults.push({ file: 'fetch.txt', fault: 'refers to files outside the bundle, which are never fetched' });
  }
  return faults;
}

/** Every payload file is in the manifest and every tag file in the tag manifest, with its checksum, and nothing else. */
export function checksumFaults(files: ReadonlyMap<string, Uint8Array>): BundleFault[] {
  const payload = [...files.keys()].filter((name) => name.startsWith('data/'));
  const tags = [...files.keys()].filter((name) => !name.startsWith('data/') && name !== TAG_MANIFEST_FILE);
  return [
    ...manifestFaults(files, MANIFEST_FILE, payload),
    ...manifestFaults(files, TAG_MANIFEST_FILE, tags),
    ...oxumFaults(files, payload),
  ];
}

function manifestFaults(
  files: ReadonlyMap<string, Uint8Array>,
  manifest: string,
  names: string[],
): BundleFault[] {
  const faults: BundleFault[] = [];
  const listed = new Set<string>();
  const lines = new TextDecoder().decode(files.get(manifest)).split('\n');
  if (lines.pop() !== '') faults.push({ file: manifest, fault: 'last line is incomplete' });
  lines.forEach((line, i) => {
    const match = /^([0-9a-fA-F]{128}) [ *](.+)$/.exec(line.replace(/\r$/, ''));
    const [, checksum, name] = match ?? [];
    if (checksum === undefined || name === undefined) {
      faults.push({ file: manifest, fault: `line ${i + 1} is no checksum line` });
      return;
    }
    if (listed.has(name)) faults.push({ file: name, fault: `listed twice in ${manifest}` });
    listed.add(name);
    const content = files.get(name);
    if (content === undefined) faults.push({ file: name, fault: `missing, but listed in ${manifest}` });
    else if (sha512(content) !== checksum.toLowerCase()) {
      faults.push({ file: name, fault: `checksum differs from ${manifest}` });
    }
  });
  for (const name of names) {
    if (!listed.has(name)) faults.push({ file: name, fault: `not listed in ${manifest}` });
  }
  return faults;
}

function oxumFaults(files: ReadonlyMap<string, Uint8Array>, payload: string[]): BundleFault[] {
  const stated = readFields(files.get(BAG_INFO_FILE) ?? new Uint8Array(0)).get('payload-oxum');
  const octets = payload.reduce((sum, name) => sum + (files.get(name)?.length ?? 0), 0);
  const actual = `${octets}.${payload.length}`;
  return stated === actual
    ? []
    : [{ file: BAG_INFO_FILE, fault: `Payload-Oxum is ${stated ?? 'missing'}, the payload has ${actual}` }];
}

/** "Label: value" lines, labels in lower case. */
function readFields(content: Uint8Array): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of new TextDecoder().decode(content).split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return fields;
}
