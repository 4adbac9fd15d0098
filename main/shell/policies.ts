/** What Electron's window may do, as pure functions: everything that is not named here is denied. */

/**
 * The origin of the window's page. It must not change: IndexedDB belongs to an origin, and stored replays would be
 * left behind.
 */
export const APP_SCHEME = 'app';
export const APP_HOST = 'latebloom';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;

const allowedPermissions: ReadonlySet<string> = new Set([
  // "Copy" buttons of tables and citations; writes sanitized text only, on a user's action.
  'clipboard-sanitized-write',
]);

/** Papers are cited by DOI and arXiv id; nothing else in the window leads outside. */
const externalHosts: ReadonlySet<string> = new Set(['arxiv.org', 'doi.org']);

/** For both the permission request handler and the permission check handler. `page` is the asking page's URL. */
export function mayUse(permission: string, page: string): boolean {
  return allowedPermissions.has(permission) && isAppUrl(page);
}

export type NavigationVerdict = 'allow' | 'open-externally' | 'deny';

/**
 * Where a click on a link, a redirect or `location = …` may lead. The window shows one page and changes its hash;
 * Electron does not report hash changes, so every navigation it reports leaves the page, except a reload.
 */
export function navigationVerdict(target: string, current: string): NavigationVerdict {
  if (isAppUrl(target) && withoutHash(target) === withoutHash(current)) return 'allow';
  return mayOpenExternally(target) ? 'open-externally' : 'deny';
}

/** Whether a URL may be handed to the user's browser: https, an allowed host, its default port, no credentials. */
export function mayOpenExternally(target: string): boolean {
  const url = parseUrl(target);
  return (
    url !== null &&
    url.protocol === 'https:' &&
    externalHosts.has(url.hostname) &&
    url.port === '' &&
    url.username === '' &&
    url.password === ''
  );
}

/** A download is a figure or a study file that the page made itself. */
export function mayDownload(target: string): boolean {
  return (
    target.startsWith(`blob:${APP_ORIGIN}/`) || /^data:(image\/(png|svg\+xml)|text\/csv)[;,]/.test(target)
  );
}

export interface Sender {
  /** The frame's URL. */
  url: string;
  /** Whether the frame is the top frame of our own window. */
  isTopFrame: boolean;
}

/** Whether a message over IPC may be answered; `sender` is null when its frame is gone. */
export function maySend(sender: Sender | null): boolean {
  return sender?.isTopFrame === true && isAppUrl(sender.url);
}

export function isAppUrl(target: string): boolean {
  const url = parseUrl(target);
  // `origin` is "null" for schemes that Node's URL does not know, so its parts are compared.
  return (
    url?.protocol === `${APP_SCHEME}:` && url.host === APP_HOST && url.username === '' && url.password === ''
  );
}

function withoutHash(target: string): string {
  return target.replace(/#.*$/s, '');
}

function parseUrl(target: string): URL | null {
  return URL.canParse(target) ? new URL(target) : null;
}
