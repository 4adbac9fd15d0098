/** Stores the page in the browser where it is served over HTTP; Electron's page needs no host to load. */
export async function keepPageForOfflineUse(): Promise<void> {
  if (!('serviceWorker' in navigator) || location.protocol === 'app:') return;
  await navigator.serviceWorker.register('./service-worker.js');
}
