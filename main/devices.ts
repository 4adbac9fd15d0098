/**
 * Which engines work on this machine. Each is tried in a trainer process of its own, with a time limit: a driver that
 * crashes or hangs takes neither the host nor another engine with it. Tried once per session.
 */
import type { DeviceReport } from '../shared/api.ts';
import { checkDeviceId, devices } from './engine/devices.ts';
import type { TrainerPool } from './scheduler/trainer-pool.ts';

/** A first start compiles shaders and loads libraries of a gigabyte; what takes longer hangs (milliseconds). */
export const PROBE_LIMIT = 90_000;
const LAST_WORDS = 300;

export class Devices {
  readonly #pool: TrainerPool;
  readonly #limit: number;
  readonly #reports = new Map<string, Promise<DeviceReport>>();

  constructor(pool: TrainerPool, limit = PROBE_LIMIT) {
    this.#pool = pool;
    this.#limit = limit;
  }

  /** Of all devices, in their order. */
  async list(): Promise<DeviceReport[]> {
    const reports: DeviceReport[] = [];
    // One after another: what else this machine does, an estimate's measurements say, keeps most of its cores.
    for (const { id } of devices) reports.push(await this.#report(id));
    return reports;
  }

  /**
   * The device asked for, null for the best available. One that does not work here is no fault: its runs fall back to
   * another and say so (`chooseEngine`).
   * @throws LatebloomError 'device-unavailable' for an unknown id
   */
  check(device: string | undefined): string | null {
    if (device === undefined) return null;
    checkDeviceId(device);
    return device;
  }

  /** Why runs cannot use a device; null when they can, or when nobody chose one. */
  async fault(device: string | null): Promise<string | null> {
    if (device === null) return null;
    const { available, reason } = await this.#report(device);
    return available ? null : reason;
  }

  #report(id: string): Promise<DeviceReport> {
    const known = this.#reports.get(id);
    if (known !== undefined) return known;
    const report = this.#probe(id);
    this.#reports.set(id, report);
    // A trainer that cannot be started says nothing about the device.
    report.catch(() => this.#reports.delete(id));
    return report;
  }

  #probe(id: string): Promise<DeviceReport> {
    const title = devices.find((device) => device.id === id)?.title ?? id;
    return new Promise((resolve) => {
      let hangs = false;
      const trainer = this.#pool.acquire({
        onMessage: (message) => {
          if (message.type !== 'device') return;
          clearTimeout(timer);
          resolve(message.report);
          void this.#pool.retire(trainer);
        },
        onExit: (how) => {
          clearTimeout(timer);
          const words = how.replaceAll(/\s+/g, ' ').slice(0, LAST_WORDS);
          const seconds = `${Math.round(this.#limit / 1000)} s`;
          const reason = hangs
            ? `it gave no answer within ${seconds}`
            : `the process that tried it was ${words}`;
          resolve({ id, title, available: false, reason });
        },
      });
      const timer = setTimeout(() => {
        hangs = true;
        trainer.kill();
      }, this.#limit);
      trainer.send({ type: 'probe-device', id });
    });
  }
}
