/** Stores the page in the browser where it is served over HTTP; Electron's page needs no host to load. */
export async function keepPageForOfflineUse(): Promise<void> {
  if (!('serviceWorker' in navigator) || location.protocol === 'app:') return;
  const registration = await navigator.serviceWorker.register('./service-worker.js');
  try {
    // The browser looks for a newer version at its leisure; the page stored for offline use should be this one.
    await registration.update();
  } catch (error) {
    // A TypeError says that no host answers: the stored page stays as it is.
    if (!(error instanceof TypeError)) throw error;
  }
}
