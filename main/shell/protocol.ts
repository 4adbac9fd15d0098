/** The app:// protocol: the window's page and files, with the headers that a file:// URL cannot have. */
import type { CustomScheme } from 'electron';
import { readAsset } from './assets.ts';
import { securityHeaders } from './headers.ts';
import { APP_SCHEME, isAppUrl } from './policies.ts';

/**
 * To be registered before Electron's `ready`. `standard` is what gives the page an origin and with it IndexedDB;
 * `secure` makes it a secure context.
 */
export const appScheme: CustomScheme = {
  scheme: APP_SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

/** A handler for `protocol.handle`. */
export function appProtocolHandler(folder: string): (request: Request) => Promise<Response> {
  return async (request) => {
    const headers = securityHeaders();
    const refuse = (status: number, text: string): Response =>
      new Response(text, { status, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' } });
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'Only GET and HEAD.');
    if (!isAppUrl(request.url)) return refuse(403, 'Not an address of Latebloom.');
    const asset = await readAsset(folder, new URL(request.url).pathname);
    if (asset === null) return refuse(404, 'No such file.');
    const body = request.method === 'HEAD' ? null : asset.bytes;
    return new Response(body, { headers: { ...headers, ...asset.headers } });
  };
}
