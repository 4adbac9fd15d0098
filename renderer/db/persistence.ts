/** Whether the browser keeps the stored copies when disk space runs short. */

export interface StorageReport {
  /** `kept`: never evicted by itself. `may-be-evicted`: the browser declined. `unknown`: it cannot say. */
  persistence: 'kept' | 'may-be-evicted' | 'unknown';
  /** Bytes used by this origin and bytes it may use, as the browser estimates them; null where it does not say. */
  usage: number | null;
  quota: number | null;
}

/** Asks the browser to keep the store, where it has not granted that yet, and reports what it answered. */
export async function requestPersistence(
  storage: StorageManager | undefined = navigator.storage,
): Promise<StorageReport> {
  if (storage === undefined) return { persistence: 'unknown', usage: null, quota: null };
  const kept = (await storage.persisted()) || (await storage.persist());
  const { usage, quota } = await storage.estimate();
  return { persistence: kept ? 'kept' : 'may-be-evicted', usage: usage ?? null, quota: quota ?? null };
}
