/** Hash routes: the address says which view is open, so that back, forward, reload and links work. */

export const studyTabs = ['live', 'compare', 'replay', 'claims', 'findings'] as const;
export type StudyTab = (typeof studyTabs)[number];

export type Route =
  | { view: 'gallery' }
  | { view: 'preset'; id: string }
  /** `query` says how a comparison (`compare/view.ts`) or a replay (`replay/query.ts`) is set up; absent for none. */
  | { view: 'study'; id: string; tab: StudyTab; runId: string | null; query?: string }
  | { view: 'comparisons'; query?: string }
  | { view: 'compose'; id: string | null }
  | { view: 'runs' }
  | { view: 'run'; id: string }
  | { view: 'settings' }
  | { view: 'help' }
  | { view: 'not-found'; address: string };

/** The route a location's hash names. */
export function parseRoute(hash: string): Route {
  const [address = '', query = ''] = splitOnce(hash.replace(/^#\/?/, ''), '?');
  const asked = query === '' ? {} : { query };
  const [view, id, tab, runId, ...rest] = address.split('/').map(decodePart);
  if (rest.length > 0) return { view: 'not-found', address };
  if (view === '' || view === undefined) return { view: 'gallery' };
  if (id === undefined && (view === 'runs' || view === 'settings' || view === 'help')) return { view };
  if (id === undefined && view === 'comparisons') return { view, ...asked };
  if (id === undefined && view === 'compose') return { view, id: null };
  if (id === undefined || id === '') return { view: 'not-found', address };
  if (view === 'compose' && tab === undefined) return { view, id };
  if ((view === 'preset' || view === 'run') && tab === undefined) return { view, id };
  const known = studyTabs.find((one) => one === (tab ?? 'live'));
  if (view !== 'study' || known === undefined) return { view: 'not-found', address };
  if (runId !== undefined && known !== 'replay') return { view: 'not-found', address };
  const takesQuery = known === 'compare' || known === 'replay';
  return { view, id, tab: known, runId: runId ?? null, ...(takesQuery ? asked : {}) };
}

/** The hash of a route, for `href`. */
export function routeHash(route: Exclude<Route, { view: 'not-found' }>): string {
  switch (route.view) {
    case 'gallery':
      return '#/';
    case 'preset':
    case 'run':
      return `#/${route.view}/${encodeURIComponent(route.id)}`;
    case 'study': {
      const base = `#/study/${encodeURIComponent(route.id)}`;
      const run = route.tab === 'replay' && route.runId !== null ? `/${encodeURIComponent(route.runId)}` : '';
      const query = route.tab === 'compare' || route.tab === 'replay' ? asQuery(route.query) : '';
      return route.tab === 'live' ? base : `${base}/${route.tab}${run}${query}`;
    }
    case 'comparisons':
      return `#/comparisons${asQuery(route.query)}`;
    case 'compose':
      return route.id === null ? '#/compose' : `#/compose/${encodeURIComponent(route.id)}`;
    case 'runs':
    case 'settings':
    case 'help':
      return `#/${route.view}`;
  }
}

export function studyHash(id: string, tab: StudyTab = 'live', runId: string | null = null): string {
  return routeHash({ view: 'study', id, tab, runId });
}

function asQuery(query: string | undefined): string {
  return query === undefined || query === '' ? '' : `?${query}`;
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
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

  /** Changes the address and what is shown without a new entry in the window's history. */
  replace(route: Exclude<Route, { view: 'not-found' }>): void {
    history.replaceState(history.state, '', routeHash(route));
    this.route = route;
  }

  go(route: Exclude<Route, { view: 'not-found' }>): void {
    location.hash = routeHash(route);
  }
}
