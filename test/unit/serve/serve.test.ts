import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { HostEvent, HostFrame } from '../../../shared/api.ts';
import { InputError } from '../../../shared/errors.ts';
import { decodeHostFrame, encodeFrame } from '../../../shared/wire.ts';
import type { ConnectionLimits } from '../../../main/serve/connection.ts';
import { newToken } from '../../../main/serve/token.ts';
import { PortInUseError, serveWorkbench, type ServedWorkbench } from '../../../main/serve.ts';
import { FakeApi, type FakeHandlers } from '../../setup/fake-api.ts';

let folder = '';
const opened: { close(): Promise<void> | void }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latebloom-serve-'));
  await mkdir(join(folder, 'renderer', 'assets'), { recursive: true });
  await writeFile(join(folder, 'renderer', 'index.html'), '<!doctype html><title>Latebloom</title>');
  await writeFile(join(folder, 'renderer', 'assets', 'index-BfF2x3aQ.js'), 'export {};');
  await writeFile(join(folder, 'renderer', 'sw.js'), '');
  await writeFile(join(folder, 'secret'), 'secret');
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  await rm(folder, { recursive: true, force: true });
});

interface Served extends ServedWorkbench {
  api: FakeApi;
  token: string;
  reported: unknown[];
}

async function serve(handlers: FakeHandlers = {}, limits?: ConnectionLimits): Promise<Served> {
  const api = new FakeApi(handlers);
  const token = newToken();
  const reported: unknown[] = [];
  const served = await serveWorkbench(api, {
    port: 0,
    token,
    rendererFolder: join(folder, 'renderer'),
    report: (error) => reported.push(error),
    ...(limits === undefined ? {} : { limits }),
  });
  opened.push(served);
  return { ...served, api, token, reported };
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Plain HTTP with any headers and any path, which `fetch` would mend. */
function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, headers, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    request.on('error', reject).end();
  });
}

class Client {
  readonly socket: WebSocket;
  readonly events: HostEvent[] = [];
  #nextId = 0;
  readonly #waiting = new Map<number, (frame: HostFrame & { kind: 'response' }) => void>();

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      const frame = decodeHostFrame(data);
      if (frame.kind === 'event') this.events.push(frame.event);
      else this.#waiting.get(frame.id)?.(frame);
    });
  }

  static connect(
    { port, token }: { port: number; token: string },
    options: { origin?: string; host?: string } = {},
  ): Promise<Client> {
    const { origin = `http://127.0.0.1:${port}`, host = `127.0.0.1:${port}` } = options;
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/api?token=${token}`, {
        origin,
        headers: { Host: host },
      });
      opened.push({ close: () => socket.terminate() });
      const client = new Client(socket);
      socket.once('open', () => resolve(client));
      socket.once('unexpected-response', (_request, response) =>
        reject(new Error(String(response.statusCode))),
      );
      socket.once('error', reject);
    });
  }

  /** The whole response frame. */
  ask(method: string, request: unknown): Promise<HostFrame & { kind: 'response' }> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.socket.send(encodeFrame({ id, method: method as 'hello', request }));
    });
  }

  closed(): Promise<number> {
    return new Promise((resolve) => this.socket.once('close', resolve));
  }
}

describe('files', () => {
  it('serves the page without the token, with every header that keeps it safe', async () => {
    const { port } = await serve();
    const { status, headers, body } = await ask(port, '/?token=x');
    expect(status).toBe(200);
    expect(body).toContain('<title>Latebloom</title>');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    expect(headers['referrer-policy']).toBe('no-referrer');
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${port} ws://localhost:${port}`);
  });

  it('caches files named after their content for ever, others never unasked', async () => {
    const { port } = await serve();
    const asset = await ask(port, '/assets/index-BfF2x3aQ.js');
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(asset.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect((await ask(port, '/sw.js')).headers['cache-control']).toBe('no-cache');
  });

  it.each([
    '/../secret',
    '/..%2fsecret',
    '/%2e%2e/secret',
    '/%2e%2e%2fsecret',
    '/assets/..%2f..%2fsecret',
    '/..%5csecret',
    '/%00',
    '/%',
    '//127.0.0.1/secret',
    'http://127.0.0.1/secret',
    '/assets',
    '/assets/',
    '/index.html/x',
  ])('does not serve %s', async (path) => {
    const { port } = await serve();
    const { status, body } = await ask(port, path);
    expect([400, 404]).toContain(status);
    expect(body).not.toContain('secret');
  });

  it('refuses a foreign Host, for files too', async () => {
    const { port } = await serve();
    expect((await ask(port, '/', { Host: `evil.example:${port}` })).status).toBe(403);
    expect((await ask(port, '/', { Host: `localhost:${port}` })).status).toBe(200);
  });

  it('answers GET and HEAD only', async () => {
    const { port } = await serve();
    expect(await ask(port, '/', {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await ask(port, '/', {}, method);
      expect(status).toBe(405);
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('listens on the loopback address only', async () => {
    const { port } = await serve();
    const refused = await new Promise<string>((resolve) => {
      // Any 127.x address is this machine; a server on 0.0.0.0 would answer at this one as well.
      const socket = connect({ host: '127.0.0.2', port });
      socket
        .on('connect', () => resolve('connected'))
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
    expect(refused).toBe('ECONNREFUSED');
  });

  it('says which port is taken', async () => {
    const { port } = await serve();
    const second = serveWorkbench(new FakeApi(), { port, token: newToken(), rendererFolder: folder });
    await expect(second).rejects.toBeInstanceOf(PortInUseError);
    await expect(second).rejects.toThrow(String(port));
  });
});

describe('the API', () => {
  it('asks for the token, the origin and the host', async () => {
    const { port, token } = await serve();
    await expect(Client.connect({ port, token: newToken() })).rejects.toThrow('401');
    await expect(Client.connect({ port, token: '' })).rejects.toThrow('401');
    await expect(Client.connect({ port, token }, { origin: 'http://evil.example' })).rejects.toThrow('403');
    await expect(Client.connect({ port, token }, { host: `evil.example:${port}` })).rejects.toThrow('403');
    await expect(Client.connect({ port, token })).resolves.toBeInstanceOf(Client);
  });

  it('tells a page over HTTP whether its token is right', async () => {
    const { port, token } = await serve();
    const own = { 'Sec-Fetch-Site': 'same-origin' };
    expect((await ask(port, `/api?token=${token}`, own)).status).toBe(426);
    expect((await ask(port, '/api?token=wrong', own)).status).toBe(401);
    expect((await ask(port, `/api?token=${token}`, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await ask(port, `/api?token=${token}`)).status).toBe(403);
  });

  it('answers calls with columns and bytes', async () => {
    const served = await serve({
      readBatches: ({ runId }) => [
        { runId, seq: 0, columns: { effort: Float64Array.of(0, Number.NaN, -0) } },
      ],
      exportStudy: () => ({
        fileName: 'a.study.zip',
        bytes: new Uint8Array(300_000).fill(7),
        manifestHash: 'h',
      }),
    });
    const client = await Client.connect(served);
    const batches = await client.ask('readBatches', { runId: 'r', fromSeq: 0, limit: 1 });
    expect(batches).toMatchObject({
      ok: true,
      value: [{ columns: { effort: Float64Array.of(0, Number.NaN, -0) } }],
    });
    const exported = await client.ask('exportStudy', { studyId: 's', licence: 'MIT', author: 'A' });
    expect(exported.ok && (exported.value as { bytes: Uint8Array }).bytes).toEqual(
      new Uint8Array(300_000).fill(7),
    );
  });

  it('answers errors as reports, and does not pass a bad request on', async () => {
    const served = await serve({
      hello: () => {
        throw new TypeError('broken');
      },
      checkStudy: () => {
        throw new InputError('The study', [{ path: 'arms', value: 'nothing', expected: 'an array' }]);
      },
    });
    const client = await Client.connect(served);
    const bad = await client.ask('deleteStudy', { studyId: '../x' });
    expect(bad).toMatchObject({ ok: false, error: { code: 'bad-input', faults: [{ path: 'studyId' }] } });
    expect(served.api.calls).toEqual([]);
    expect(await client.ask('checkStudy', { json: {} })).toMatchObject({
      ok: false,
      error: { name: 'InputError' },
    });
    expect(served.reported).toEqual([]);
    expect(await client.ask('hello', null)).toMatchObject({
      ok: false,
      error: { code: 'internal', message: 'broken' },
    });
    expect(served.reported).toHaveLength(1);
    expect(await client.ask('format', null)).toMatchObject({ ok: false, error: { name: 'WireError' } });
  });

  it('ends a connection that does not speak the protocol', async () => {
    const served = await serve();
    const text = await Client.connect(served);
    text.socket.send('hello');
    expect(await text.closed()).toBe(1003);
    const garbage = await Client.connect(served);
    garbage.socket.send(Uint8Array.of(0xc1, 0xc1));
    expect(await garbage.closed()).toBe(1007);
  });

  it('tells every window what happens, until it is closed', async () => {
    const served = await serve({ studies: () => [] });
    const [first, second] = [await Client.connect(served), await Client.connect(served)];
    const event: HostEvent = { type: 'study-deleted', studyId: 's' };
    served.api.emit(event);
    await Promise.all([first.ask('studies', null), second.ask('studies', null)]);
    expect(first.events).toEqual([event]);
    expect(second.events).toEqual([event]);
    first.socket.close();
    await first.closed();
    await second.ask('studies', null);
    expect(served.api.listeners.size).toBe(1);
  });

  it('close() tells the windows to go, leaves nobody listening and frees the port', async () => {
    const served = await serve();
    const client = await Client.connect(served);
    const closed = client.closed();
    await served.close();
    expect(await closed).toBe(1001);
    expect(served.api.listeners.size).toBe(0);
    const again = await serveWorkbench(new FakeApi(), {
      port: served.port,
      token: newToken(),
      rendererFolder: folder,
    });
    await again.close();
  });
});

describe('a window that reads slowly', () => {
  const batch = (seq: number): HostEvent => ({
    type: 'batch',
    batch: { runId: 'r', seq, columns: { effort: new Float64Array(128 * 1024) } },
  });
  const notice: HostEvent = { type: 'notice', level: 'info', message: 'x'.repeat(1024 * 1024) };
  const limits = { dropBatchesAbove: 2 * 1024 * 1024, endAbove: 8 * 1024 * 1024, callsInFlight: 4 };

  it('loses batches, in whole, and hears everything else', async () => {
    const served = await serve({ studies: () => [] }, limits);
    const client = await Client.connect(served);
    client.socket.pause();
    for (let seq = 0; seq < 200; seq++) served.api.emit(batch(seq));
    served.api.emit({ type: 'study-deleted', studyId: 's' });
    client.socket.resume();
    await client.ask('studies', null);
    const seqs = client.events.flatMap((event) => (event.type === 'batch' ? [event.batch.seq] : []));
    expect(seqs.length).toBeGreaterThan(0);
    expect(seqs.length).toBeLessThan(200);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(client.events.at(-1)).toEqual({ type: 'study-deleted', studyId: 's' });
  });

  it('is let go when what cannot be dropped piles up', async () => {
    const served = await serve({}, limits);
    const client = await Client.connect(served);
    client.socket.pause();
    for (let i = 0; i < 100 && served.api.listeners.size > 0; i++) {
      served.api.emit(notice);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(served.api.listeners.size).toBe(0);
  });

  it('is not read from while its calls are not answered', async () => {
    const answers: (() => void)[] = [];
    const served = await serve(
      { studies: () => new Promise((resolve) => answers.push(() => resolve([]))) },
      limits,
    );
    const client = await Client.connect(served);
    // Each call fills a network packet of its own, so that a pause takes hold between them.
    const calls = Array.from({ length: 40 }, () => client.ask('studies', null));
    const importing = client.ask('importBundle', { bytes: new Uint8Array(32 * 1024 * 1024) });
    await expect.poll(() => answers.length).toBeGreaterThanOrEqual(limits.callsInFlight);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(served.api.calls.some(({ method }) => method === 'importBundle')).toBe(false);
    const pump = setInterval(() => answers.splice(0).forEach((answer) => answer()), 5);
    await Promise.all(calls);
    expect(await importing).toMatchObject({ ok: false, error: { code: 'not-found' } });
    clearInterval(pump);
  });
});
