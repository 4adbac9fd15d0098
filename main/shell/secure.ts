/** Puts the policies in force, for the session and for every web contents that ever comes to be. */
import { shell, type App, type Session, type WebContents } from 'electron';
import { mayDownload, mayOpenExternally, mayUse, navigationVerdict } from './policies.ts';

/** @param report is told when the user's browser could not be opened */
export function secureContents(app: App, report: (error: unknown) => void): void {
  app.on('web-contents-created', (_event, contents) => {
    secure(contents, report);
  });
}

function secure(contents: WebContents, report: (error: unknown) => void): void {
  const openExternally = (url: string): void => {
    shell.openExternal(url).catch(report);
  };
  const judge = (event: { url: string; preventDefault(): void }): void => {
    const verdict = navigationVerdict(event.url, contents.getURL());
    if (verdict === 'allow') return;
    event.preventDefault();
    if (verdict === 'open-externally') openExternally(event.url);
  };
  contents.on('will-navigate', judge);
  contents.on('will-redirect', judge);
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
  });
  contents.setWindowOpenHandler(({ url }) => {
    if (mayOpenExternally(url)) openExternally(url);
    return { action: 'deny' };
  });
}

/** Electron grants every permission that no handler refuses. */
export function secureSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    callback(mayUse(permission, details.requestingUrl));
  });
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
    mayUse(permission, requestingOrigin),
  );
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event, item) => {
    if (!mayDownload(item.getURL())) event.preventDefault();
  });
}
