/** What is done to a gradient before the update rule sees it, as a graph over the flat vector of all parameters. */
import type { GradientFilterSpec } from '../../shared/trainer-spec.ts';
import { add, concat, contract, div, mul, slice, sqrt, sub, type Tensor } from '../engine/trace.ts';

export interface GradientFilter {
  /** Names of what it keeps from step to step, each as long as the parameters, zero at the start. */
  readonly moments: readonly string[];
  /** Those of them that hold past gradients and nothing else. */
  readonly history: readonly string[];
  /** Names of the scalars that `schedule` gives per step. */
  readonly scalars: readonly string[];
  /** Values of `scalars` for the update with the 0-based index `step`, in float64. */
  schedule(step: number): number[];
  apply(values: FilterInputs): { gradient: Tensor; moments: Tensor[] };
}

export interface FilterInputs {
  parameters: Tensor;
  gradient: Tensor;
  moments: readonly Tensor[];
  scalars: readonly Tensor[];
}

/** @param sizes Number of entries of every parameter tensor, in their order in the flat vector. */
export function gradientFilter(spec: GradientFilterSpec, sizes: readonly number[]): GradientFilter {
  switch (spec.kind) {
    case 'grokfast-ema':
      return movingAverage(spec);
    case 'grokfast-ma':
      return windowMean(spec);
    case 'perpendicular':
      return perpendicular(sizes);
  }
}

/**
 * h₀ = g₀, hₜ = αhₜ₋₁ + (1−α)gₜ; ĝₜ = gₜ + λhₜ. Lee et al. 2024 (arXiv 2405.20233), algorithm 2, with the start of
 * `gradfilter_ema` in their code.
 */
function movingAverage({
  alpha,
  lambda,
}: Extract<GradientFilterSpec, { kind: 'grokfast-ema' }>): GradientFilter {
  return {
    moments: ['slowGradient'],
    history: [],
    scalars: ['kept', 'taken'],
    schedule: (step) => (step === 0 ? [0, 1] : [alpha, 1 - alpha]),
    apply: ({ gradient, moments: [h], scalars: [kept, taken] }) => {
      const slow = add(mul(h as Tensor, kept as Tensor), mul(gradient, taken as Tensor));
      return { gradient: add(gradient, mul(slow, lambda)), moments: [slow] };
    },
  };
}

/**
 * ĝₜ = gₜ + λ·mean(gₜ₋w₊₁ … gₜ); with warmup ĝₜ = gₜ until w gradients are there, without it the mean runs over those
 * that are. Lee et al. 2024, algorithm 1; `gradfilter_ma` with `filter_type` "mean".
 */
function windowMean({
  window,
  lambda,
  warmup,
}: Extract<GradientFilterSpec, { kind: 'grokfast-ma' }>): GradientFilter {
  const names = Array.from({ length: window - 1 }, (_, i) => `history.${i}`);
  return {
    moments: names,
    history: names,
    scalars: ['meanWeight'],
    schedule: (step) => {
      const count = Math.min(step + 1, window);
      return [warmup && count < window ? 0 : lambda / count];
    },
    apply: ({ gradient, moments, scalars: [weight] }) => {
      const total = [...moments, gradient].reduce((sum, past) => add(sum, past));
      return {
        gradient: add(gradient, mul(total, weight as Tensor)),
        moments: [...moments, gradient].slice(1),
      };
    },
  };
}

/** Keeps a division by a norm of zero from giving NaN, as in the authors' code. */
const tiny = 1e-30;

/**
 * ⊥Grad, per parameter tensor w: g⊥ = g − (w·g / w·w) w, scaled to the norm of g. Prieto et al. 2025 (arXiv
 * 2501.04697), with the rescaling of `OrthoGrad` in their code.
 */
function perpendicular(sizes: readonly number[]): GradientFilter {
  const dot = (a: Tensor, b: Tensor): Tensor => contract('i,i->', a, b);
  return {
    moments: [],
    history: [],
    scalars: [],
    schedule: () => [],
    apply: ({ parameters, gradient }) => {
      let start = 0;
      const parts = sizes.map((size) => {
        const [w, g] = [slice(parameters, [start], [size]), slice(gradient, [start], [size])];
        start += size;
        const across = sub(g, mul(w, div(dot(w, g), add(dot(w, w), tiny))));
        const norm = (x: Tensor): Tensor => sqrt(dot(x, x));
        return mul(across, div(norm(g), add(norm(across), tiny)));
      });
      return { gradient: concat(parts, 0), moments: [] };
    },
  };
}
