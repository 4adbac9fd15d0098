/** Hash routes: the address says which view is open, so that back, forward, reload and links work. */

export const studyTabs = ['live', 'compare', 'replay', 'claims'] as const;
export type StudyTab = (typeof studyTabs)[number];

export type Route =
  | { view: 'gallery' }
  | { view: 'preset'; id: string }
  | { view: 'study'; id: string; tab: StudyTab; runId: string | null }
  | { view: 'compose'; id: string | null }
  | { view: 'runs' }
  | { view: 'settings' }
  | { view: 'not-found'; address: string };

/** The route a location's hash names. */
export function parseRoute(hash: string): Route {
  const address = hash.replace(/^#\/?/, '');
  const [view, id, tab, runId, ...rest] = address.split('/').map(decodePart);
  if (rest.length > 0) return { view: 'not-found', address };
  if (view === '' || view === undefined) return { view: 'gallery' };
  if (id === undefined && (view === 'runs' || view === 'settings')) return { view };
  if (id === undefined && view === 'compose') return { view, id: null };
  if (id === undefined || id === '') return { view: 'not-found', address };
  if (view === 'compose' && tab === undefined) return { view, id };
  if (view === 'preset' && tab === undefined) return { view, id };
  const known = studyTabs.find((one) => one === (tab ?? 'live'));
  if (view !== 'study' || known === undefined) return { view: 'not-found', address };
  if (runId !== undefined && known !== 'replay') return { view: 'not-found', address };
  return { view, id, tab: known, runId: runId ?? null };
}

/** The hash of a route, for `href`. */
export function routeHash(route: Exclude<Route, { view: 'not-found' }>): string {
  switch (route.view) {
    case 'gallery':
      return '#/';
    case 'preset':
      return `#/preset/${encodeURIComponent(route.id)}`;
    case 'study': {
      const base = `#/study/${encodeURIComponent(route.id)}`;
      const run = route.tab === 'replay' && route.runId !== null ? `/${encodeURIComponent(route.runId)}` : '';
      return route.tab === 'live' ? base : `${base}/${route.tab}${run}`;
    }
    case 'compose':
      return route.id === null ? '#/compose' : `#/compose/${encodeURIComponent(route.id)}`;
    case 'runs':
    case 'settings':
      return `#/${route.view}`;
  }
}

export function studyHash(id: string, tab: StudyTab = 'live', runId: string | null = null): string {
  return routeHash({ view: 'study', id, tab, runId });
}

/** A part of an address that is not valid percent-encoding stands for itself. */
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}

export class Router {
  route = $state.raw<Route>(parseRoute(location.hash));

  constructor() {
    addEventListener('hashchange', () => {
      this.route = parseRoute(location.hash);
    });
  }

  go(route: Exclude<Route, { view: 'not-found' }>): void {
    location.hash = routeHash(route);
  }
}
