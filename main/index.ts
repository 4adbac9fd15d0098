/** Entry of Electron's main process: what has to happen before `ready`, then the shell. */
import { app, protocol } from 'electron';
import { join } from 'node:path';
import { resolveHome } from './home.ts';
import { openElectronShell } from './shell/electron-shell.ts';
import { OpenedFiles, studyFilesIn } from './shell/opened-files.ts';
import { appScheme } from './shell/protocol.ts';

protocol.registerSchemesAsPrivileged([appScheme]);
app.enableSandbox();

const home = resolveHome();
// Chromium's profile, with IndexedDB in it, belongs to the data folder; so does the lock for a single instance.
const userData = join(home, 'window');
app.setPath('userData', userData);

// A Mac names a file before the program is ready, others name it when they start it.
const opened = new OpenedFiles();
app.on('open-file', (event, path) => {
  event.preventDefault();
  opened.add([path]);
});
const files = studyFilesIn(process.argv, process.cwd());

// The instance that has the lock hears of this one's files: Chromium shuffles the arguments that it hears of.
if (app.requestSingleInstanceLock({ files })) {
  opened.add(files);
  app
    .whenReady()
    .then(() => openElectronShell(home, userData, opened))
    .catch((error: unknown) => {
      console.error(error);
      app.exit(1);
    });
} else {
  console.log('Latebloom is open already: its window was brought to the front.');
  app.quit();
}
