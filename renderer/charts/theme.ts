/** The colours a chart takes from the page, read from the CSS variables of `theme.css`. */

import type { ChartTheme } from '../../shared/charts/look.ts';

export { printTheme, type ChartTheme } from '../../shared/charts/look.ts';

const variables: Record<keyof ChartTheme, string> = {
  background: '--surface',
  text: '--text',
  muted: '--muted',
  line: '--line',
};

/** The colours as they apply at `element`, resolved by the browser to `rgb(…)`. */
export function readTheme(element: HTMLElement): ChartTheme {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const read = (variable: string): string => {
    probe.style.color = `var(${variable})`;
    return getComputedStyle(probe).color;
  };
  const theme: ChartTheme = {
    background: read(variables.background),
    text: read(variables.text),
    muted: read(variables.muted),
    line: read(variables.line),
  };
  probe.remove();
  return theme;
}

/** Calls back when the page may have changed its colours. Returns a function that stops watching. */
export function watchTheme(changed: () => void): () => void {
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  const root = new MutationObserver(changed);
  scheme.addEventListener('change', changed);
  root.observe(document.documentElement, {
    attributes: true,
    attributeFilter: ['class', 'style', 'data-theme'],
  });
  return () => {
    scheme.removeEventListener('change', changed);
    root.disconnect();
  };
}
