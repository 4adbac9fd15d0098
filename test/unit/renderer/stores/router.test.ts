import { describe, expect, it } from 'vitest';
import {
  parseRoute,
  routeHash,
  studyHash,
  studyTabs,
  type Route,
} from '../../../../renderer/stores/router.svelte.ts';

type Known = Exclude<Route, { view: 'not-found' }>;

describe('routes', () => {
  const routes: Known[] = [
    { view: 'gallery' },
    { view: 'runs' },
    { view: 'run', id: 'a/b.arm.s0' },
    { view: 'settings' },
    { view: 'help' },
    { view: 'preset', id: 'miller-2023' },
    ...studyTabs.map((tab): Known => ({ view: 'study', id: 'small-20260301-abc', tab, runId: null })),
    { view: 'study', id: 'a/b c', tab: 'replay', runId: 'a/b.arm.s0' },
    { view: 'study', id: 'a/b c', tab: 'compare', runId: null, query: 'x=epochs&hide=a%2Fb' },
    { view: 'comparisons' },
    { view: 'comparisons', query: 'study=a&study=b%3Fc' },
  ];

  it.each(routes)('survive their address: %j', (route) => {
    expect(parseRoute(routeHash(route))).toEqual(route);
  });

  it('open the live view by default', () => {
    expect(parseRoute(studyHash('x'))).toEqual({ view: 'study', id: 'x', tab: 'live', runId: null });
    expect(parseRoute('')).toEqual({ view: 'gallery' });
  });

  it.each([
    '#/nowhere',
    '#/preset',
    '#/preset/',
    '#/study/x/what',
    '#/study/x/compare/run',
    '#/study/x/replay/r/more',
    '#/runs/x',
    '#/comparisons/x',
    '#/run',
    '#/run/x/y',
  ])('do not exist: %s', (hash) => {
    expect(parseRoute(hash).view).toBe('not-found');
  });

  it('read no comparison where there is none', () => {
    expect(parseRoute('#/study/x/claims?x=epochs')).toEqual({
      view: 'study',
      id: 'x',
      tab: 'claims',
      runId: null,
    });
  });

  it('take a part that is no percent-encoding as it stands', () => {
    expect(parseRoute('#/preset/50%')).toEqual({ view: 'preset', id: '50%' });
  });
});
