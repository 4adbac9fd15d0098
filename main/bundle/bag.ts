/** BagIt 1.0 (RFC 8493): the files that let anyone check that a bundle is whole, with `sha512sum -c` alone. */
import { createHash } from 'node:crypto';
import { infoOf, type BagFiles, type FileInfo } from './files.ts';
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
  const index = new Map([...payload].map(([path, content]) => [path, infoOf(content)]));
  const { tags, manifestHash } = makeTags(index, info);
  return { files: new Map([...payload, ...tags]), manifestHash };
}

/** The tag files of a bag whose payload is known by its checksums. */
export function makeTags(
  payload: ReadonlyMap<string, FileInfo>,
  info: BagInfo,
): { tags: Map<string, Uint8Array>; manifestHash: string } {
  const manifest = textBytes(manifestOf(payload));
  const manifestHash = manifestHashOf(manifest);
  const octets = [...payload.values()].reduce((sum, { size }) => sum + size, 0);
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
  const tagIndex = new Map([...tags].map(([path, content]) => [path, infoOf(content)]));
  tags.set(TAG_MANIFEST_FILE, textBytes(manifestOf(tagIndex)));
  return { tags, manifestHash };
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

function manifestOf(files: ReadonlyMap<string, FileInfo>): string {
  return [...files]
    .sort(([a], [b]) => byName(a, b))
    .map(([path, { sha512 }]) => `${sha512}  ${path}\n`)
    .join('');
}

/** The tag files that say what a bag is, read whole: they are small. */
export type Tags = ReadonlyMap<string, Uint8Array>;

/** A tag file larger than this is none: a line of a manifest is some 200 bytes. */
const MAX_TAG_BYTES = 64 * 1024 * 1024;

/** The tag files of a bag. */
export async function readTags(files: BagFiles): Promise<Map<string, Uint8Array>> {
  const tags = new Map<string, Uint8Array>();
  for (const name of [BAG_FILE, BAG_INFO_FILE, MANIFEST_FILE, TAG_MANIFEST_FILE]) {
    const info = files.index.get(name);
    if (info !== undefined && info.size <= MAX_TAG_BYTES) tags.set(name, await files.read(name));
  }
  return tags;
}

/** What makes these files no bag that we read: missing tag files, another BagIt version, files to be fetched. */
export function structureFaults({ index }: BagFiles, tags: Tags): BundleFault[] {
  const faults: BundleFault[] = [];
  for (const name of [BAG_FILE, BAG_INFO_FILE, MANIFEST_FILE, TAG_MANIFEST_FILE]) {
    if (!index.has(name)) faults.push({ file: name, fault: 'missing' });
    else if (!tags.has(name)) faults.push({ file: name, fault: 'too large' });
  }
  const bagit = tags.get(BAG_FILE);
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
  if (index.has('fetch.txt')) {
    faults.push({ file: 'fetch.txt', fault: 'refers to files outside the bundle, which are never fetched' });
  }
  return faults;
}

/** Every payload file is in the manifest and every tag file in the tag manifest, with its checksum, and nothing else. */
export function checksumFaults({ index }: BagFiles, tags: Tags): BundleFault[] {
  const payload = [...index.keys()].filter((name) => name.startsWith('data/'));
  const others = [...index.keys()].filter((name) => !name.startsWith('data/') && name !== TAG_MANIFEST_FILE);
  return [
    ...manifestFaults(index, tags, MANIFEST_FILE, payload),
    ...manifestFaults(index, tags, TAG_MANIFEST_FILE, others),
    ...oxumFaults(index, tags, payload),
  ];
}

function manifestFaults(
  index: BagFiles['index'],
  tags: Tags,
  manifest: string,
  names: string[],
): BundleFault[] {
  const faults: BundleFault[] = [];
  const listed = new Set<string>();
  const lines = new TextDecoder().decode(tags.get(manifest)).split('\n');
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
    const info = index.get(name);
    if (info === undefined) faults.push({ file: name, fault: `missing, but listed in ${manifest}` });
    else if (info.sha512 !== checksum.toLowerCase()) {
      faults.push({ file: name, fault: `checksum differs from ${manifest}` });
    }
  });
  for (const name of names) {
    if (!listed.has(name)) faults.push({ file: name, fault: `not listed in ${manifest}` });
  }
  return faults;
}

function oxumFaults(index: BagFiles['index'], tags: Tags, payload: string[]): BundleFault[] {
  const stated = readFields(tags.get(BAG_INFO_FILE) ?? new Uint8Array(0)).get('payload-oxum');
  const octets = payload.reduce((sum, name) => sum + (index.get(name)?.size ?? 0), 0);
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
