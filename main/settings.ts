/** What a user sets for the host, kept in the data folder as settings.json. */
import { join } from 'node:path';
import { z } from 'zod';
import type { HostSettings } from '../shared/api.ts';
import { InputError, printValue } from '../shared/errors.ts';
import { readJson, systemCode, writeJson } from './journal/files.ts';

const settingsFile = z.strictObject({
  schemaVersion: z.literal(1),
  cores: z.int().min(1).max(100_000).nullable(),
});

export class Settings {
  readonly #path: string;
  readonly #coresHere: number;
  #chosen: number | null;
  /** For this host only: what its command line says, until the user chooses otherwise. */
  #override: number | null;

  private constructor(path: string, coresHere: number, chosen: number | null, override: number | null) {
    this.#path = path;
    this.#coresHere = coresHere;
    this.#chosen = chosen;
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
    let chosen: number | null = null;
    const problems: string[] = [];
    try {
      chosen = settingsFile.parse(await readJson(path)).cores;
    } catch (error) {
      const unusable = error instanceof z.ZodError || error instanceof SyntaxError;
      if (unusable) problems.push(`The settings in ${path} cannot be used: all cores are.`);
      else if (systemCode(error) !== 'ENOENT') throw error;
    }
    return { settings: new Settings(path, coresHere, chosen, override), problems };
  }

  /** Cores that runs use together. A number from a larger machine is cut to this one's. */
  get cores(): number {
    return this.#override ?? Math.min(this.#chosen ?? this.#coresHere, this.#coresHere);
  }

  get report(): HostSettings {
    return { cores: this.#override ?? this.#chosen, coresHere: this.#coresHere };
  }

  /** @param cores null for all @throws InputError when there are not so many */
  async save(cores: number | null): Promise<void> {
    if (cores !== null && cores > this.#coresHere) {
      const expected = `an integer from 1 to ${this.#coresHere}, the cores of this machine, or null for all`;
      throw new InputError('The settings', [{ path: 'cores', value: printValue(cores), expected }]);
    }
    await writeJson(this.#path, { schemaVersion: 1, cores });
    this.#chosen = cores;
    this.#override = null;
  }
}
