/**
 * The workbench for a browser: the renderer's files over HTTP and the API over a WebSocket, on this machine's loopback
 * address only. The page itself is public; everything behind it needs the token.
 */
import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WorkbenchApi } from '../shared/api.ts';
import { LatebloomError } from '../shared/errors.ts';
import { API_PATH, MAX_BUNDLE_BYTES } from '../shared/wire.ts';
import { defaultLimits, serveConnection, type ConnectionLimits } from './serve/connection.ts';
import { refuseApi, refuseHost, type Refusal } from './serve/guard.ts';
import { readAsset } from './shell/assets.ts';
import { securityHeaders } from './shell/headers.ts';

const LOOPBACK = '127.0.0.1';
/** Room for a call's frame around a study file. */
const MAX_FRAME_BYTES = MAX_BUNDLE_BYTES + 64 * 1024;
const MAX_WINDOWS = 64;
const KEEP_ALIVE_MS = 30_000;
const CLOSE_GRACE_MS = 1000;
const GOING_AWAY = 1001;

export interface ServeOptions {
  /** 0 takes any free port. */
  port: number;
  token: string;
  /** The built renderer. */
  rendererFolder: string;
  limits?: ConnectionLimits;
  /** Told of internal errors; the console's by default. */
  report?: (error: unknown) => void;
}

export interface ServedWorkbench {
  /** With the token. */
  url: string;
  port: number;
  /** Ends the windows' connections and frees the port; the workbench stays open. */
  close(): Promise<void>;
}

export class PortInUseError extends LatebloomError {
  readonly port: number;

  constructor(port: number) {
    super('conflict', `Port ${port} is in use by another program.`, 'Choose another one with --port.');
    this.port = port;
  }
}

/** @throws PortInUseError */
export async function serveWorkbench(api: WorkbenchApi, options: ServeOptions): Promise<ServedWorkbench> {
  const { token, rendererFolder, limits = defaultLimits } = options;
  const report = options.report ?? ((error: unknown) => console.error(error));
  let port = options.port;
  let headers: Record<string, string> = {};

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      report(error);
      if (response.headersSent) response.destroy();
      else reply(response, 500, 'The file could not be read.');
    });
  });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
  });

  const reply = (response: ServerResponse, status: number, text: string, extra = {}): void => {
    response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8', ...extra });
    response.end(`${text}\n`);
  };

  const apiRefusal = (request: IncomingMessage, url: URL): Refusal =>
    refuseApi(
      { host: request.headers.host, origin: originOf(request), token: url.searchParams.get('token') },
      { port, token },
    );

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const foreign = refuseHost(request.headers.host, port);
    if (foreign !== null) return reply(response, foreign.status, foreign.reason);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return reply(response, 405, 'Only GET and HEAD.', { Allow: 'GET, HEAD' });
    }
    const url = urlOf(request);
    if (url === null) return reply(response, 400, 'Not an address.');
    if (url.pathname === API_PATH) {
      // A page that cannot connect asks here why: 426 means that its token is right.
      const refusal = apiRefusal(request, url);
      if (refusal !== null) return reply(response, refusal.status, refusal.reason);
      return reply(response, 426, 'The API is a WebSocket.', { Upgrade: 'websocket', Connection: 'Upgrade' });
    }
    const asset = await readAsset(rendererFolder, url.pathname);
    if (asset === null) return reply(response, 404, 'No such file.');
    response.writeHead(200, { ...headers, ...asset.headers, 'Content-Length': asset.bytes.byteLength });
    response.end(request.method === 'HEAD' ? undefined : asset.bytes);
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that goes away during the handshake is no concern of the host.
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    const url = urlOf(request);
    if (url?.pathname !== API_PATH) return refuseUpgrade(socket, 404, 'No such address.');
    const refusal = apiRefusal(request, url);
    if (refusal !== null) return refuseUpgrade(socket, refusal.status, refusal.reason);
    if (sockets.clients.size >= MAX_WINDOWS) return refuseUpgrade(socket, 503, 'Too many windows.');
    sockets.handleUpgrade(request, socket, head, (client) => {
      socket.off('error', ignore);
      request.socket.setKeepAlive(true, KEEP_ALIVE_MS);
      serveConnection(client, api, report, limits);
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortInUseError(options.port) : error);
    });
    server.listen(options.port, LOOPBACK, resolve);
  });
  port = (server.address() as AddressInfo).port;
  headers = securityHeaders([`ws://127.0.0.1:${port}`, `ws://localhost:${port}`]);

  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    const closed = [closeOf(server)];
    server.close();
    for (const client of sockets.clients) {
      closed.push(closeOf(client));
      client.close(GOING_AWAY, 'Latebloom was closed.');
    }
    const grace = setTimeout(() => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
    }, CLOSE_GRACE_MS);
    server.closeIdleConnections();
    await Promise.all(closed);
    clearTimeout(grace);
  };
  return {
    url: `http://${LOOPBACK}:${port}/?token=${token}`,
    port,
    close: () => (closing ??= close()),
  };
}

/** Unlike `events.once`, does not take an error on the way for the end. */
function closeOf(emitter: { once(event: 'close', listener: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => {
    emitter.once('close', () => {
      resolve();
    });
  });
}

/** Browsers leave `Origin` out of same-origin GET requests and say so in a header that pages cannot set. */
function originOf(request: IncomingMessage): string | undefined {
  const { origin, host } = request.headers;
  if (origin !== undefined || request.headers.upgrade !== undefined) return origin;
  return request.headers['sec-fetch-site'] === 'same-origin' ? `http://${host}` : undefined;
}

function urlOf(request: IncomingMessage): URL | null {
  const target = request.url ?? '';
  // An absolute or scheme-relative target would name another host.
  if (!/^\/(?!\/)/.test(target) || !URL.canParse(target, `http://${LOOPBACK}`)) return null;
  return new URL(target, `http://${LOOPBACK}`);
}

function refuseUpgrade(socket: Duplex, status: number, reason: string): void {
  const body = `${reason}\n`;
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
