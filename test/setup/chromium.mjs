/**
 * Finds a Chromium for the end-to-end tests, installing Debian's where there is none. Playwright's own download is
 * not used: a machine that reaches only package registries cannot have it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const candidates = [
  process.env.LATEBLOOM_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

export function findChromium() {
  return candidates.find((path) => path !== undefined && existsSync(path)) ?? null;
}

function asRoot(command, args) {
  const root = process.getuid?.() === 0;
  const [program, programArgs] = root ? [command, args] : ['sudo', ['-n', command, ...args]];
  return spawnSync(program, programArgs, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status;
}

/** The path of a Chromium. @throws Error saying what to install when there is none and none can be installed. */
export function ensureChromium() {
  const found = findChromium();
  if (found !== null) return found;
  if (existsSync('/usr/bin/apt-get')) {
    console.log('No Chromium found: installing the Debian package "chromium" for the end-to-end tests.');
    asRoot('apt-get', ['update', '-qq']);
    asRoot('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
  }
  const installed = findChromium();
  if (installed === null) {
    throw new Error(
      'The end-to-end tests need Chromium or Chrome. Install one, or name it in LATEBLOOM_CHROMIUM, and run npm test again.',
    );
  }
  return installed;
}
