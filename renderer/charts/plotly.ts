/**
 * Plotly, loaded when the first chart is drawn: it is 4.5 MB and the gallery needs none of it. The default bundle
 * draws SVG scatter traces under the production content security policy, without `unsafe-eval`.
 */
import type PlotlyModule from 'plotly.js-dist-min';

export type Plotly = typeof PlotlyModule;

let loading: Promise<Plotly> | null = null;

/** One load for all charts. A failed load is not remembered: the next chart tries again. */
export function loadPlotly(): Promise<Plotly> {
  loading ??= import('plotly.js-dist-min').then(
    (module) => module.default,
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}
