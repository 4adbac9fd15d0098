/** What every page and file is served with, by the app:// protocol and by the local server alike. */

/**
 * The content security policy. Nothing is loaded from elsewhere and no code is evaluated from text; styles may be
 * inline because Plotly sets them, images may be `data:` and `blob:` because exported figures are.
 * `connectSources` are added for a WebSocket, which not every browser takes 'self' to mean.
 */
export function contentSecurityPolicy(connectSources: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src ${["'self'", ...connectSources].join(' ')}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}

export function securityHeaders(connectSources: readonly string[] = []): Record<string, string> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(connectSources),
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    // The token stands in the address.
    'Referrer-Policy': 'no-referrer',
  };
}
