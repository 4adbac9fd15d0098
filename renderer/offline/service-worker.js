/**
 * Keeps the page itself in the browser, so that stored runs can be replayed after a reload with no host running.
 * The host always wins when it answers: only then is a page newer than the stored one seen at once.
 * `__FILES__` and `__VERSION__` are filled in by the build.
 */
const files = __FILES__;
const cacheName = 'latebloom-__VERSION__';

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(files))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((name) => name !== cacheName).map((name) => caches.delete(name))),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  const stored = () =>
    caches.match(event.request.mode === 'navigate' ? './' : event.request, { ignoreSearch: true });
  event.respondWith(
    fetch(event.request).catch(async (error) => {
      const response = await stored();
      if (response === undefined) throw error;
      return response;
    }),
  );
});
