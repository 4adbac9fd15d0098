import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refuseApi, refuseHost, sameToken } from '../../../main/serve/guard.ts';
import { newToken } from '../../../main/serve/token.ts';

const port = 47113;
const token = newToken();
const own = { port, token };

describe('refuseHost', () => {
  it.each(['127.0.0.1:47113', 'localhost:47113'])('passes %s', (host) => {
    expect(refuseHost(host, port)).toBeNull();
  });

  it.each([
    undefined,
    '',
    '127.0.0.1',
    'localhost',
    '127.0.0.1:47114',
    'evil.example:47113',
    '127.0.0.1.evil.example:47113',
    'localhost.evil.example:47113',
    '127.0.0.1:47113.evil.example',
    '127.0.0.1:47113@evil.example',
    '[::1]:47113',
    '0.0.0.0:47113',
    '127.1:47113',
    '2130706433:47113',
  ])('refuses %s', (host) => {
    expect(refuseHost(host, port)?.status).toBe(403);
  });

  it('tells how to come from another machine', () => {
    expect(refuseHost('box:80', port)?.reason).toContain('ssh -L 47113:127.0.0.1:47113');
  });
});

describe('refuseApi', () => {
  const good = { host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}`, token };

  it('passes our own page with the token', () => {
    expect(refuseApi(good, own)).toBeNull();
    expect(refuseApi({ ...good, host: 'localhost:47113', origin: 'http://localhost:47113' }, own)).toBeNull();
  });

  it.each([
    undefined,
    'null',
    'http://evil.example',
    'http://127.0.0.1',
    'http://127.0.0.1:47114',
    'https://127.0.0.1:47113',
    'http://localhost:47113',
    'http://127.0.0.1:47113.evil.example',
    'http://127.0.0.1:47113/',
  ])('refuses the origin %s', (origin) => {
    expect(refuseApi({ ...good, origin }, own)?.status).toBe(403);
  });

  it('refuses a foreign host even with its own origin (DNS rebinding)', () => {
    const rebound = { ...good, host: 'evil.example:47113', origin: 'http://evil.example:47113' };
    expect(refuseApi(rebound, own)?.status).toBe(403);
  });

  it.each([null, '', 'undefined', token.slice(1), `${token}A`, token.toUpperCase()])(
    'refuses the token %s',
    (given) => {
      expect(refuseApi({ ...good, token: given }, own)?.status).toBe(401);
    },
  );
});

describe('sameToken', () => {
  it('is equality of texts', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(sameToken(a, b)).toBe(a === b);
        expect(sameToken(a, a)).toBe(true);
      }),
    );
  });
});
