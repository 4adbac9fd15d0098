/** Which engines work on this machine, as a trainer process of its own finds out. */
import type { DeviceReport } from '../shared/api.ts';
import { fromErrorReport, LatebloomError } from '../shared/errors.ts';
import { checkDeviceId } from './engine/devices.ts';
import type { TrainerPool } from './scheduler/trainer-pool.ts';

export class Devices {
  readonly #pool: TrainerPool;
  #reports: Promise<DeviceReport[]> | null = null;

  constructor(pool: TrainerPool) {
    this.#pool = pool;
  }

  /** Tried once per session; tried again after a failure. @throws LatebloomError 'trainer-died' */
  async list(): Promise<DeviceReport[]> {
    this.#reports ??= this.#probe().catch((error: unknown) => {
      this.#reports = null;
      throw error;
    });
    return this.#reports;
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

  #probe(): Promise<DeviceReport[]> {
    return new Promise((resolve, reject) => {
      const trainer = this.#pool.acquire({
        onMessage: (message) => {
          if (message.type === 'devices') resolve(message.devices);
          else if (message.type === 'devices-failed') reject(fromErrorReport(message.error));
          else return;
          void this.#pool.retire(trainer);
        },
        onExit: (how) => {
          reject(
            new LatebloomError('trainer-died', `The engines could not be tried: the trainer was ${how}.`),
          );
        },
      });
      trainer.send({ type: 'list-devices' });
    });
  }
}
