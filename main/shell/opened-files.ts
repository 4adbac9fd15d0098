/** Study files that the desktop opens from outside: a double click, "Open with", a second start, the menu. */
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenedFile } from '../../shared/bridge.ts';
import { LatebloomError, toErrorReport } from '../../shared/errors.ts';
import { MAX_BUNDLE_BYTES } from '../../shared/wire.ts';

/** What a study file is called; the desktop's file association says the same (`electron-builder.yml`). */
const STUDY_FILE = /\.study\.zip$/i;

/** The study files that a start names, as absolute paths. The first argument is the program itself. Linux desktops give file: URLs. */
export function studyFilesIn(argv: readonly string[], workingDirectory: string): string[] {
  return argv
    .slice(1)
    .filter((argument) => !argument.startsWith('-'))
    .map((argument) => (argument.startsWith('file:///') ? fileURLToPath(argument) : argument))
    .filter((argument) => STUDY_FILE.test(argument))
    .map((argument) => resolve(workingDirectory, argument));
}

/** Files that wait until the window takes them: the first ones come before there is a window. */
export class OpenedFiles {
  readonly #waiting: string[] = [];
  readonly #listeners = new Set<() => void>();

  add(paths: readonly string[]): void {
    this.#waiting.push(...paths);
    if (paths.length > 0) for (const listener of this.#listeners) listener();
  }

  /** Called whenever files come in. */
  onFile(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** The next file with its bytes, or with why it cannot be read; null for none. */
  async take(): Promise<OpenedFile | null> {
    const path = this.#waiting.shift();
    if (path === undefined) return null;
    const name = basename(path);
    try {
      return { name, ok: true, bytes: await readStudyFile(path) };
    } catch (error) {
      return { name, ok: false, error: toErrorReport(error) };
    }
  }
}

async function readStudyFile(path: string): Promise<Uint8Array> {
  const cannot = (why: string, next: string): LatebloomError =>
    new LatebloomError('bad-input', `${basename(path)} cannot be imported: ${why}.`, next);
  const choose = 'Choose a .study.zip that Latebloom exported.';
  let size: number;
  try {
    const found = await stat(path);
    if (!found.isFile()) throw cannot('it is not a file', choose);
    ({ size } = found);
  } catch (error) {
    if (error instanceof LatebloomError) throw error;
    throw cannot(`it cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`, choose);
  }
  if (size === 0) throw cannot('it is empty', choose);
  if (size > MAX_BUNDLE_BYTES) {
    throw cannot(
      'it is larger than 512 MB',
      'Import it from a terminal, which has no such limit: latebloom import <file>.',
    );
  }
  return new Uint8Array(await readFile(path));
}
