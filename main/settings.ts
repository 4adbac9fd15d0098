/** What a user sets for the host, kept in the data folder as settings.json. */
import { join } from 'node:path';
import { z } from 'zod';
import type { HostSettings, SettingChanges } from '../shared/api.ts';
import { InputError, printValue } from '../shared/errors.ts';
import { readJson, systemCode, writeJson } from './journal/files.ts';

const settingsFile = z.strictObject({
  schemaVersion: z.literal(1),
  cores: z.int().min(1).max(100_000).nullable(),
  /** Absent in files of before there was a choice. */
  keepCheckpoints: z.boolean().default(true),
});

type Saved = Omit<z.infer<typeof settingsFile>, 'schemaVersion'>;

export class Settings {
  readonly #path: string;
  readonly #coresHere: number;
  #saved: Saved;
  /** For this host only: what its command line says, until the user chooses otherwise. */
  #override: number | null;

  private constructor(path: string, coresHere: number, saved: Saved, override: number | null) {
    this.#path = path;
    this.#coresHere = coresHere;
    this.#saved = saved;
    this.#override = override;
  }

  /**
   * A file that cannot be used is left as it is until something is saved.
   * @param coresHere of this machine
   * @param override cores for this host only; null for what was saved
   */
  static async open(
    home: string,
    coresHere: number,
    override: number | null,
  ): Promise<{ settings: Settings; problems: string[] }> {
    const path = join(home, 'settings.json');
    let saved: Saved = { cores: null, keepCheckpoints: true };
    const problems: string[] = [];
    try {
      const { cores, keepCheckpoints } = settingsFile.parse(await readJson(path));
      saved = { cores, keepCheckpoints };
    } catch (error) {
      const unusable = error instanceof z.ZodError || error instanceof SyntaxError;
      if (unusable)
        problems.push(
          `The settings in ${path} cannot be used: runs use all cores, and keep their last checkpoints.`,
        );
      else if (systemCode(error) !== 'ENOENT') throw error;
    }
    return { settings: new Settings(path, coresHere, saved, override), problems };
  }

  /** Cores that runs use together. A number from a larger machine is cut to this one's. */
  get cores(): number {
    return this.#override ?? Math.min(this.#saved.cores ?? this.#coresHere, this.#coresHere);
  }

  get keepCheckpoints(): boolean {
    return this.#saved.keepCheckpoints;
  }

  get report(): HostSettings {
    const { cores, keepCheckpoints } = this.#saved;
    return { cores: this.#override ?? cores, coresHere: this.#coresHere, keepCheckpoints };
  }

  /** @throws InputError when there are not so many cores */
  async save(changes: SettingChanges): Promise<void> {
    const { cores = null } = changes;
    if (cores !== null && cores > this.#coresHere) {
      const expected = `an integer from 1 to ${this.#coresHere}, the cores of this machine, or null for all`;
      throw new InputError('The settings', [{ path: 'cores', value: printValue(cores), expected }]);
    }
    const saved = { ...this.#saved, ...changes };
    await writeJson(this.#path, { schemaVersion: 1, ...saved });
    this.#saved = saved;
    if (changes.cores !== undefined) this.#override = null;
  }
}
