import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { softwareVulkan } from './setup/software-vulkan.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
// The workers inherit it; a library path counts from a process's start only.
Object.assign(process.env, softwareVulkan());

export default defineConfig({
  root,
  plugins: [svelte()],
  resolve: {
    // The shell is unit-tested without an Electron binary.
    alias: { electron: fileURLToPath(new URL('setup/electron-stub.ts', import.meta.url)) },
    conditions: ['browser'],
  },
  test: {
    setupFiles: [fileURLToPath(new URL('setup/properties.ts', import.meta.url))],
    include: ['test/unit/**/*.test.ts', 'test/fidelity/**/*.test.ts'],
    // Native addons are not safe in worker threads.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
  },
});
