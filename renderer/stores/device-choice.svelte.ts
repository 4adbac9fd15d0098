/** The device that new studies start on, unless another is picked for one; remembered in this browser. */

const KEY = 'latebloom.device';

export class DeviceChoice {
  /** A device id; empty for the best available. */
  id = $state('');

  constructor() {
    this.id = localStorage.getItem(KEY) ?? '';
  }

  set(id: string): void {
    this.id = id;
    localStorage.setItem(KEY, id);
  }
}
