/** The archive around a bag: the same files give the same bytes, and nothing hostile gets out of a foreign one. */
import { Buffer } from 'node:buffer';
import yauzl from 'yauzl';
import yazl from 'yazl';
import { BundleError } from '../../shared/errors.ts';
import { byName, defaultLimits, type BundleLimits } from './layout.ts';

/**
 * DOS times carry no time zone: yazl writes the local time components, so that a date built from local components
 * gives the same bytes everywhere. The UTC timestamp field is left out for the same reason.
 */
const entryOptions = {
  mtime: new Date(1980, 0, 2),
  mode: 0o100644,
  forceDosTimestamp: true,
  compressionLevel: 9,
};

/** @param files path inside the archive → content. Entries are written sorted by path. */
export async function writeZip(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const archive = new yazl.ZipFile();
  const chunks: Buffer[] = [];
  const done = new Promise<void>((resolve, reject) => {
    archive.on('error', reject);
    archive.outputStream.on('error', reject);
    archive.outputStream.on('data', (chunk: Buffer) => chunks.push(chunk));
    archive.outputStream.on('end', resolve);
  });
  for (const [path, content] of [...files].sort(([a], [b]) => byName(a, b))) {
    archive.addBuffer(
      Buffer.from(content.buffer, content.byteOffset, content.byteLength),
      path,
      entryOptions,
    );
  }
  archive.end();
  await done;
  return Uint8Array.from(Buffer.concat(chunks));
}

export interface Archive {
  /** The single top folder's name. */
  top: string;
  /** Path below the top folder → content. */
  files: Map<string, Uint8Array>;
}

/**
 * Reads a whole archive into memory.
 * @throws BundleError for anything that is not a plain archive with one top folder: absolute paths, `..`, links,
 * duplicate names, encryption, too many entries, or more bytes than the limit, counted while they come out.
 */
export async function readZip(bytes: Uint8Array, limits: BundleLimits = defaultLimits): Promise<Archive> {
  const archive = await openArchive(bytes);
  const files = new Map<string, Uint8Array>();
  const seen = new Map<string, string>();
  const tops = new Set<string>();
  let entries = 0;
  let total = 0;
  try {
    if (archive.entryCount > limits.entries) throw tooMany(limits);
    for await (const entry of eachEntry(archive)) {
      entries += 1;
      if (entries > limits.entries) throw tooMany(limits);
      const name = entryName(entry);
      // Names that differ only by case or Unicode form are one file on macOS and Windows.
      const folded = name.normalize('NFC').toLowerCase();
      const twin = seen.get(folded);
      if (twin !== undefined)
        throw new BundleError(name, 'entry appears twice in the archive', twin === name ? '' : `as ${twin}`);
      seen.set(folded, name);
      const slash = name.indexOf('/');
      if (slash <= 0) throw new BundleError(name, 'file outside the top folder');
      tops.add(name.slice(0, slash));
      if (tops.size > 1) throw new BundleError(name, 'more than one top folder', [...tops].join(', '));
      if (name.endsWith('/')) continue;
      const content = await readEntry(archive, entry, name, limits.bytes - total, limits);
      total += content.length;
      files.set(name.slice(slash + 1), content);
    }
  } finally {
    archive.close();
  }
  const [top] = tops;
  if (top === undefined) throw new BundleError('the archive', 'empty');
  return { top, files };
}

function tooMany(limits: BundleLimits): BundleError {
  return new BundleError('the archive', 'too many entries', `at most ${limits.entries} are read`);
}

async function openArchive(bytes: Uint8Array): Promise<yauzl.ZipFile> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    // Names are decoded here, so that a bad one is reported with the entry it belongs to.
    return await yauzl.fromBufferPromise(buffer, {
      lazyEntries: true,
      decodeStrings: false,
      autoClose: false,
    });
  } catch (error) {
    throw new BundleError('the archive', 'not a readable zip file', reason(error));
  }
}

async function* eachEntry(archive: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  const iterator = archive.eachEntry();
  for (;;) {
    let next: IteratorResult<yauzl.Entry, unknown>;
    try {
      next = await iterator.next();
    } catch (error) {
      throw new BundleError('the archive', 'damaged directory', reason(error));
    }
    if (next.done === true) return;
    yield next.value;
  }
}

function entryName(entry: yauzl.Entry): string {
  let name: string;
  try {
    name = yauzl.getFileNameLowLevel(
      entry.generalPurposeBitFlag,
      entry.fileNameRaw,
      entry.extraFields ?? [],
      true,
    );
  } catch (error) {
    throw new BundleError('the archive', 'entry with an unreadable name', reason(error));
  }
  const printed = JSON.stringify(name).slice(1, -1);
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) throw new BundleError(printed, 'absolute path');
  if (name.includes('\\')) throw new BundleError(printed, 'backslash in the path');
  if (name.split('/').some((part) => part === '..' || part === '.')) {
    throw new BundleError(printed, 'path that leaves its folder');
  }
  // A folder's entry ends with a slash.
  if (name.replace(/\/$/, '').split('/').includes('') || hasControlCharacter(name)) {
    throw new BundleError(printed, 'malformed path');
  }
  // The upper half holds the Unix mode: only plain files and folders are let in.
  const type = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (type === 0o120000) throw new BundleError(printed, 'symbolic link');
  if (type !== 0 && type !== 0o100000 && type !== 0o040000) throw new BundleError(printed, 'special file');
  return name;
}

function hasControlCharacter(name: string): boolean {
  for (let i = 0; i < name.length; i++)
    if (name.charCodeAt(i) < 0x20 || name.charCodeAt(i) === 0x7f) return true;
  return false;
}

async function readEntry(
  archive: yauzl.ZipFile,
  entry: yauzl.Entry,
  name: string,
  budget: number,
  limits: BundleLimits,
): Promise<Uint8Array> {
  if (entry.isEncrypted()) throw new BundleError(name, 'encrypted entry');
  const tooBig = (): BundleError =>
    new BundleError(name, 'archive inflates beyond the limit', `at most ${limits.bytes} bytes are read`);
  // The header is only a claim: an honest one saves the work, a false one is caught below and by yauzl.
  if (entry.uncompressedSize > budget) throw tooBig();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const stream = await archive.openReadStreamPromise(entry);
    for await (const chunk of stream) {
      const part = chunk as Buffer;
      size += part.length;
      if (size > budget) {
        stream.destroy();
        throw tooBig();
      }
      chunks.push(part);
    }
  } catch (error) {
    if (error instanceof BundleError) throw error;
    throw new BundleError(name, 'damaged archive entry', reason(error));
  }
  return Uint8Array.from(Buffer.concat(chunks));
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
