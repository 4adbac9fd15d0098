/**
 * Who may talk to the local server. A page of another site can send requests to 127.0.0.1, also under a name of its
 * own that it points there (DNS rebinding): `Host` and `Origin` tell, and the token stands against other users of the
 * machine.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Why a request is refused; null when it may pass. */
export type Refusal = { status: 401 | 403; reason: string } | null;

/** Every request: `Host` must be this server's own address. */
export function refuseHost(host: string | undefined, port: number): Refusal {
  if (host === `127.0.0.1:${port}` || host === `localhost:${port}`) return null;
  return {
    status: 403,
    reason:
      `Latebloom answers only at http://127.0.0.1:${port}. ` +
      `From another machine, forward the same port: ssh -L ${port}:127.0.0.1:${port} HOST`,
  };
}

/** Requests to the API: a page of this very address, with the token. */
export function refuseApi(
  request: { host: string | undefined; origin: string | undefined; token: string | null },
  own: { port: number; token: string },
): Refusal {
  const foreignHost = refuseHost(request.host, own.port);
  if (foreignHost !== null) return foreignHost;
  if (request.origin !== `http://${request.host}`) {
    return { status: 403, reason: 'The API answers only to the page that this server serves.' };
  }
  if (request.token === null || !sameToken(request.token, own.token)) {
    return {
      status: 401,
      reason: 'The address lacks the right token: open the one that Latebloom printed when it started.',
    };
  }
  return null;
}

/** Compares without telling by its duration how much is right, nor how long the token is. */
export function sameToken(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
