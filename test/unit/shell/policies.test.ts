import { describe, expect, it } from 'vitest';
import {
  isAppUrl,
  mayDownload,
  mayOpenExternally,
  maySend,
  mayUse,
  navigationVerdict,
} from '../../../main/shell/policies.ts';

const page = 'app://latebloom/index.html';

/** Look like our page, and are not. */
const foreign = [
  'app://evil/index.html',
  'app://latebloom.evil.example/',
  'app://latebloom:80/',
  'app://user@latebloom/',
  'app://latebloom@evil/',
  'https://latebloom/',
  'http://latebloom/index.html',
  'file:///etc/passwd',
  'devtools://devtools/bundled/inspector.html',
  'data:text/html,app://latebloom/',
  'javascript:alert(1)',
  'blob:app://latebloom/0',
  'about:blank',
  'about:srcdoc',
  'app:latebloom',
  'latebloom',
  '',
];

describe('isAppUrl', () => {
  it.each([page, 'app://latebloom', 'app://latebloom/', `${page}#/runs`])('is true for %s', (url) => {
    expect(isAppUrl(url)).toBe(true);
  });
  it.each(foreign)('is false for %j', (url) => {
    expect(isAppUrl(url)).toBe(false);
  });
});

describe('permissions', () => {
  // https://www.electronjs.org/docs/latest/api/session: every permission either handler is asked for.
  const permissions = [
    'accessibility-events',
    'background-sync',
    'clipboard-read',
    'deprecated-sync-clipboard-read',
    'display-capture',
    'fileSystem',
    'fullscreen',
    'geolocation',
    'hid',
    'idle-detection',
    'keyboardLock',
    'media',
    'mediaKeySystem',
    'midi',
    'midiSysex',
    'notifications',
    'openExternal',
    'pointerLock',
    'screen-wake-lock',
    'serial',
    'speaker-selection',
    'storage-access',
    'top-level-storage-access',
    'unknown',
    'usb',
    'window-management',
    'a-permission-of-the-future',
  ];
  it.each(permissions)('denies %s', (permission) => {
    expect(mayUse(permission, page)).toBe(false);
  });
  it('lets our page write to the clipboard, and nobody else', () => {
    expect(mayUse('clipboard-sanitized-write', page)).toBe(true);
    expect(mayUse('clipboard-sanitized-write', 'app://latebloom')).toBe(true);
    for (const url of foreign) expect(mayUse('clipboard-sanitized-write', url)).toBe(false);
  });
});

describe('navigation', () => {
  it.each([
    ['its own page', page, page, 'allow'],
    ['its own page at a hash', `${page}#/compare`, `${page}#/runs`, 'allow'],
    ['another of our files', 'app://latebloom/assets/x.js', page, 'deny'],
    ['our page with a query', `${page}?x=1`, page, 'deny'],
    ['a paper', 'https://arxiv.org/abs/2301.05217', page, 'open-externally'],
    ['a DOI', 'https://doi.org/10.1000/182', page, 'open-externally'],
    ['the web', 'https://example.org/', page, 'deny'],
    ['anything, when the window shows something else', 'about:blank', 'about:blank', 'deny'],
  ])('to %s', (_name, target, current, verdict) => {
    expect(navigationVerdict(target, current)).toBe(verdict);
  });
  it.each(foreign)('is denied to %j', (target) => {
    expect(navigationVerdict(target, page)).toBe('deny');
  });
});

describe('links to the outside', () => {
  it.each([
    'https://arxiv.org/abs/2310.17247',
    'https://doi.org/10.48550/arXiv.2310.17247',
    'https://arxiv.org:443/',
  ])('may be %s', (url) => {
    expect(mayOpenExternally(url)).toBe(true);
  });
  it.each([
    'http://arxiv.org/abs/1',
    'https://arxiv.org:8443/',
    'https://arxiv.org.evil.example/',
    'https://evil.example/arxiv.org',
    'https://evil.example#arxiv.org',
    'https://arxiv.org@evil.example/',
    'https://user:password@arxiv.org/',
    'https://xarxiv.org/',
    'https://export.arxiv.org/',
    'file://arxiv.org/etc/passwd',
    'smb://arxiv.org/share',
    'ms-msdt:arxiv.org',
    'javascript:fetch("https://arxiv.org")',
    'arxiv.org',
    '',
  ])('may not be %j', (url) => {
    expect(mayOpenExternally(url)).toBe(false);
  });
});

describe('downloads', () => {
  it.each([
    'blob:app://latebloom/6a1f6cf0-5c51-4d2c-8c6f-3d7f0e1b2c3d',
    'data:image/png;base64,AAAA',
    'data:image/svg+xml,%3Csvg%3E',
    'data:text/csv;charset=utf-8,a%2Cb',
  ])('may be %s', (url) => {
    expect(mayDownload(url)).toBe(true);
  });
  it.each([
    'https://example.org/x.exe',
    'blob:https://example.org/1',
    'blob:app://latebloom.evil/1',
    'data:text/html,<script>',
    'data:application/octet-stream,x',
    'file:///etc/passwd',
    'app://latebloom/index.html',
  ])('may not be %s', (url) => {
    expect(mayDownload(url)).toBe(false);
  });
});

describe('senders', () => {
  it('are the top frame of our window with our page in it', () => {
    expect(maySend({ url: page, isTopFrame: true })).toBe(true);
  });
  it('are not frames inside it, nor frames that are gone, nor other pages', () => {
    expect(maySend({ url: page, isTopFrame: false })).toBe(false);
    expect(maySend(null)).toBe(false);
    for (const url of foreign) expect(maySend({ url, isTopFrame: true })).toBe(false);
  });
});
