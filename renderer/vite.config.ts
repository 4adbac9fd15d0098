import { svelte } from '@sveltejs/vite-plugin-svelte';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

/** Emits the service worker with the list of files it keeps, and a version that changes when any of them does. */
function offlineWorker(): Plugin {
  const source = readFileSync(fileURLToPath(new URL('offline/service-worker.js', import.meta.url)), 'utf8');
  return {
    name: 'latebloom-offline-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const assets = Object.keys(bundle).filter((name) => /\.(js|css|svg|woff2)$/.test(name));
        const files = JSON.stringify(['./', ...assets.map((name) => `./${name}`)]);
        const version = createHash('sha256').update(files).digest('hex').slice(0, 12);
        this.emitFile({
          type: 'asset',
          fileName: 'service-worker.js',
          source: source.replace('__FILES__;', `${files};`).replace("-__VERSION__'", `-${version}'`),
        });
      },
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [svelte(), offlineWorker()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome120',
    // Plotly alone is 4.5 MB; it is served from loopback or from disk.
    chunkSizeWarningLimit: 6000,
  },
});
