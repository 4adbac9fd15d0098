/** The renderer's files: from the path in a URL to bytes and headers, never from outside their folder. */
import { readFile } from 'node:fs/promises';
import { extname, isAbsolute, relative, resolve, sep } from 'node:path';

export interface Asset {
  bytes: Buffer<ArrayBuffer>;
  headers: { 'Content-Type': string; 'Cache-Control': string };
}

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

export function contentTypeOf(path: string): string {
  return contentTypes[extname(path).toLowerCase()] ?? 'application/octet-stream';
}

/** Vite names a file after its content (`assets/index-BfF2x3aQ.js`): that name never changes its meaning. */
export function cacheControlOf(path: string): string {
  if (/^\/assets\/[^/]+-[\w-]{8}\.\w+$/.test(path)) return 'public, max-age=31536000, immutable';
  return path.endsWith('.html') ? 'no-store' : 'no-cache';
}

/**
 * The file that the path of a URL (percent-encoded, with its leading slash) names in `folder`; null when the path
 * leaves the folder, names one of its hidden files, or is no path.
 */
export function resolveAsset(folder: string, urlPath: string): string | null {
  const path = decodePath(urlPath);
  if (path === null || !path.startsWith('/') || /[\0\\:]/.test(path)) return null;
  const file = resolve(folder, `.${path === '/' ? '/index.html' : path}`);
  const inside = relative(folder, file);
  if (inside === '' || isAbsolute(inside)) return null;
  // Covers ".." as well: no file of the renderer begins with a dot.
  return inside.split(sep).some((part) => part.startsWith('.')) ? null : file;
}

/** The file with its headers; null when there is none. @throws Error when it is there and cannot be read. */
export async function readAsset(folder: string, urlPath: string): Promise<Asset | null> {
  const file = resolveAsset(folder, urlPath);
  if (file === null) return null;
  try {
    const bytes = await readFile(file);
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    return { bytes, headers: { 'Content-Type': contentTypeOf(file), 'Cache-Control': cacheControlOf(path) } };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
    throw error;
  }
}

function decodePath(urlPath: string): string | null {
  try {
    return decodeURIComponent(urlPath);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
