/** The files of a bag, wherever they lie: what each one's checksum is, and its content when it is asked for. */
import { createHash } from 'node:crypto';

export interface FileInfo {
  size: number;
  /** SHA-512, hex. */
  sha512: string;
}

export interface BagFiles {
  /** Path below the top folder → size and checksum. */
  readonly index: ReadonlyMap<string, FileInfo>;
  /** The content of a file that is in the index. */
  read: (path: string) => Promise<Uint8Array>;
}

export function infoOf(content: Uint8Array): FileInfo {
  return { size: content.length, sha512: createHash('sha512').update(content).digest('hex') };
}
