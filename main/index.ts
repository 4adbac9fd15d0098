/** Entry of Electron's main process: what has to happen before `ready`, then the shell. */
import { app, protocol } from 'electron';
import { join } from 'node:path';
import { resolveHome } from './home.ts';
import { openElectronShell } from './shell/electron-shell.ts';
import { appScheme } from './shell/protocol.ts';

protocol.registerSchemesAsPrivileged([appScheme]);
app.enableSandbox();

const home = resolveHome();
// Chromium's profile, with IndexedDB in it, belongs to the data folder; so does the lock for a single instance.
const userData = join(home, 'window');
app.setPath('userData', userData);

if (app.requestSingleInstanceLock()) {
  app
    .whenReady()
    .then(() => openElectronShell(home, userData))
    .catch((error: unknown) => {
      console.error(error);
      app.exit(1);
    });
} else {
  console.log('Latebloom is open already: its window was brought to the front.');
  app.quit();
}
