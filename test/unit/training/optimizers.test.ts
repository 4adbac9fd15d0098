/** Update rules over 80 steps, against PyTorch (golden/optimizers.py) and against the papers' equations written out. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { input, type Tensor } from '../../../main/engine/trace.ts';
import { optimizer, type ParameterLayout } from '../../../main/training/optimizers.ts';
import type { TrainerSpec } from '../../../shared/trainer-spec.ts';

interface Golden {
  a: number[];
  c: number[];
  start: number[];
  steps: number;
  trajectories: Record<string, Record<string, number[]>>;
}

const golden = JSON.parse(readFileSync(new URL('golden/optimizers.json', import.meta.url), 'utf8')) as Golden;
const { a, c, start, steps } = golden;
const layout: ParameterLayout = {
  parts: [
    { size: 4, role: 'hidden' },
    { size: 2, role: 'bias' },
  ],
  initial: start,
};
const size = start.length;

/** Of the loss Σ a/2 (w − c)² + w⁴/10. */
const slope = (w: number, i: number): number => (a[i] as number) * (w - (c[i] as number)) + 0.4 * w ** 3;

type Vector = number[];
const map = (f: (...values: number[]) => number, ...vectors: Vector[]): Vector =>
  Array.from({ length: size }, (_, i) => f(...vectors.map((vector) => vector[i] as number)));
const zeros = (): Vector => new Array<number>(size).fill(0);

/** Every step's parameters by the rule's graph, in float64. */
function run(spec: TrainerSpec, disturb?: (step: number) => Vector): Vector[] {
  const rule = optimizer(spec, layout);
  const flat = (name: string): Tensor => input(name, [size], 'float64');
  const { parameters, moments } = rule.update({
    parameters: flat('parameters'),
    gradient: flat('gradient'),
    moments: rule.moments.map(flat),
    scalars: rule.scalars.map((name) => input(name, [], 'float64')),
    ...(disturb === undefined ? {} : { disturbance: flat('disturbance') }),
  });
  let [w, state] = [start, rule.moments.map(zeros)];
  return Array.from({ length: steps }, (_, step) => {
    const scalars = rule.schedule(step);
    const feeds = {
      parameters: w,
      gradient: w.map(slope),
      ...Object.fromEntries(rule.moments.map((name, i) => [name, state[i] as Vector])),
      ...Object.fromEntries(rule.scalars.map((name, i) => [name, [scalars[i] as number]])),
      disturbance: disturb?.(step) ?? [],
    };
    const [next, ...values] = evaluate([parameters, ...moments], feeds).map((array) => [...array]);
    [w, state] = [next as Vector, values];
    return w;
  });
}

type Update = (w: Vector, g: Vector, t: number) => Vector;

/** Every step's parameters by a rule written out; `t` counts from 1. */
function written(update: Update): Vector[] {
  let w = start;
  return Array.from({ length: steps }, (_, step) => (w = update(w, w.map(slope), step + 1)));
}

/** Classical momentum, with Nesterov's look ahead as torch.optim writes it. */
function sgd(rate: Vector, momentum: number, decay: Vector, nesterov = false): Update {
  let velocity = zeros();
  return (w, g, t) => {
    const total = map((x, slopeOf, d) => slopeOf + d * x, w, g, decay);
    velocity = t === 1 ? total : map((v, x) => momentum * v + x, velocity, total);
    const direction = nesterov ? map((x, v) => x + momentum * v, total, velocity) : velocity;
    return map((x, d, r) => x - r * d, w, direction, rate);
  };
}

/** Kingma & Ba 2015, algorithm 1: bias-corrected means m̂ and v̂. */
function adam(rate: (t: number) => Vector, before: (w: Vector, t: number) => Vector = (w) => w): Update {
  const [beta1, beta2] = [0.9, 0.98];
  let [m, v] = [zeros(), zeros()];
  return (w, g, t) => {
    m = map((old, x) => beta1 * old + (1 - beta1) * x, m, g);
    v = map((old, x) => beta2 * old + (1 - beta2) * x * x, v, g);
    const kept = before(w, t);
    return map(
      (x, mean, square, r) =>
        x - (r * (mean / (1 - beta1 ** t))) / (Math.sqrt(square / (1 - beta2 ** t)) + 1e-8),
      kept,
      m,
      v,
      rate(t),
    );
  };
}

const all = (value: number): Vector => new Array<number>(size).fill(value);
const byRole = (hidden: number, bias: number): Vector => [hidden, hidden, hidden, hidden, bias, bias];
const withGradient =
  (change: (w: Vector, g: Vector, t: number) => Vector, rule: Update): Update =>
  (w, g, t) =>
    rule(w, change(w, g, t), t);

function movingAverage(alpha: number, lambda: number): (w: Vector, g: Vector, t: number) => Vector {
  let h: Vector | null = null;
  return (_, g) => {
    h = h === null ? g : map((old, x) => alpha * old + (1 - alpha) * x, h, g);
    return map((x, slow) => x + lambda * slow, g, h);
  };
}

function windowMean(window: number, lambda: number, warmup: boolean) {
  const past: Vector[] = [];
  return (_: Vector, g: Vector): Vector => {
    past.push(g);
    const recent = past.slice(-window);
    if (warmup && recent.length < window) return g;
    const mean = map((...values) => values.reduce((sum, x) => sum + x, 0) / values.length, ...recent);
    return map((x, slow) => x + lambda * slow, g, mean);
  };
}

function perpendicular(w: Vector, g: Vector): Vector {
  const dot = (x: Vector, y: Vector): number =>
    x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
  return [[0, 4] as const, [4, 6] as const].flatMap(([from, to]) => {
    const [own, slopes] = [w.slice(from, to), g.slice(from, to)];
    const share = dot(own, slopes) / dot(own, own);
    const across = slopes.map((x, i) => x - share * (own[i] as number));
    const scale = Math.sqrt(dot(slopes, slopes) / dot(across, across));
    return across.map((x) => x * scale);
  });
}

const adamFields = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, warmupSteps: 0, batchSize: 'full' } as const;
const sgdSpec = (settings: object): TrainerSpec =>
  ({
    kind: 'sgd',
    momentum: 0,
    weightDecay: 0,
    batchSize: 'full',
    learningRate: 0.02,
    ...settings,
  }) as TrainerSpec;
const adamSpec = (kind: 'adam' | 'adamw', settings: object): TrainerSpec =>
  ({ kind, ...adamFields, learningRate: 0.05, weightDecay: 0, ...settings }) as TrainerSpec;
const rate = (value: number) => () => all(value);
const groups = [
  { role: 'hidden', learningRate: 0.05, weightDecay: 0.4 },
  { role: 'bias', weightDecay: 0 },
];

/** As golden/optimizers.py names them. */
const rules: Record<string, { spec: TrainerSpec; update: () => Update }> = {
  sgd: { spec: sgdSpec({ learningRate: 0.05 }), update: () => sgd(all(0.05), 0, all(0)) },
  'sgd, L2': {
    spec: sgdSpec({ learningRate: 0.05, weightDecay: 0.3 }),
    update: () => sgd(all(0.05), 0, all(0.3)),
  },
  'sgd, momentum': {
    spec: sgdSpec({ momentum: 0.9, weightDecay: 0.1 }),
    update: () => sgd(all(0.02), 0.9, all(0.1)),
  },
  'sgd, Nesterov': {
    spec: sgdSpec({ momentum: 0.9, weightDecay: 0.1, nesterov: true }),
    update: () => sgd(all(0.02), 0.9, all(0.1), true),
  },
  'sgd, linear decay': {
    spec: sgdSpec({
      learningRate: 0.05,
      momentum: 0.5,
      schedule: { kind: 'linear', steps: 50, floor: 0 },
    }),
    update: () => {
      let velocity = zeros();
      return (w, g, t) => {
        velocity = map((v, x) => 0.5 * v + x, velocity, g);
        return map((x, v) => x - 0.05 * Math.max(0, (51 - t) / 50) * v, w, velocity);
      };
    },
  },
  'sgd, groups': {
    spec: sgdSpec({ learningRate: 0.01, momentum: 0.8, weightDecay: 7, groups }),
    update: () => sgd(byRole(0.05, 0.01), 0.8, byRole(0.4, 0)),
  },
  adam: { spec: adamSpec('adam', {}), update: () => adam(rate(0.05)) },
  'adam, L2': {
    spec: adamSpec('adam', { weightDecay: 0.3 }),
    update: () => withGradient((w, g) => map((x, y) => y + 0.3 * x, w, g), adam(rate(0.05))),
  },
  adamw: {
    spec: adamSpec('adamw', { weightDecay: 0.5 }),
    update: () => adam(rate(0.05), (w) => w.map((x) => x - 0.05 * 0.5 * x)),
  },
  'adamw, warmup': {
    spec: adamSpec('adamw', { weightDecay: 0.5, warmupSteps: 10 }),
    update: () => {
      const warm = (t: number): number => 0.05 * Math.min((t - 1) / 10, 1);
      return adam(
        (t) => all(warm(t)),
        (w, t) => w.map((x) => x - warm(t) * 0.5 * x),
      );
    },
  },
  'adamw, warmup and cosine': {
    spec: adamSpec('adamw', {
      weightDecay: 0.5,
      warmupSteps: 10,
      schedule: { kind: 'cosine', steps: 40, floor: 0.1 },
    }),
    update: () => {
      const rateAt = (t: number): number => {
        const step = t - 1;
        if (step < 10) return (0.05 * step) / 10;
        // From 0.05 to 0.005 along half a cosine: the mean, and half the difference.
        return 0.0275 + 0.0225 * Math.cos((Math.PI * Math.min(step - 10, 40)) / 40);
      };
      return adam(
        (t) => all(rateAt(t)),
        (w, t) => w.map((x) => x - rateAt(t) * 0.5 * x),
      );
    },
  },
  'adamw, groups': {
    spec: adamSpec('adamw', { learningRate: 0.01, weightDecay: 7, groups }),
    update: () =>
      adam(
        () => byRole(0.05, 0.01),
        (w) => map((x, r, d) => x - r * d * x, w, byRole(0.05, 0.01), byRole(0.4, 0)),
      ),
  },
  'adamw, toward initial weights': {
    spec: adamSpec('adamw', { weightDecay: 0.5, decayToward: 'initial-weights' }),
    update: () => adam(rate(0.05), (w) => map((x, first) => x + 0.05 * 0.5 * (first - x), w, start)),
  },
  'adam, Grokfast-EMA': {
    spec: adamSpec('adam', {
      weightDecay: 0.1,
      gradientFilter: { kind: 'grokfast-ema', alpha: 0.9, lambda: 2 },
    }),
    update: () => {
      const decayed = withGradient((w, g) => map((x, y) => y + 0.1 * x, w, g), adam(rate(0.05)));
      return withGradient(movingAverage(0.9, 2), decayed);
    },
  },
  'sgd, Grokfast-EMA': {
    spec: sgdSpec({ momentum: 0.9, gradientFilter: { kind: 'grokfast-ema', alpha: 0.8, lambda: 0.5 } }),
    update: () => withGradient(movingAverage(0.8, 0.5), sgd(all(0.02), 0.9, all(0))),
  },
  'adam, Grokfast-MA': {
    spec: adamSpec('adam', {
      gradientFilter: { kind: 'grokfast-ma', window: 7, lambda: 5, warmup: true },
    }),
    update: () => withGradient(windowMean(7, 5, true), adam(rate(0.05))),
  },
  'sgd, Grokfast-MA without warmup': {
    spec: sgdSpec({ gradientFilter: { kind: 'grokfast-ma', window: 5, lambda: 2, warmup: false } }),
    update: () => withGradient(windowMean(5, 2, false), sgd(all(0.02), 0, all(0))),
  },
  'sgd, perpendicular': {
    spec: sgdSpec({ momentum: 0.5, gradientFilter: { kind: 'perpendicular' } }),
    update: () => withGradient(perpendicular, sgd(all(0.02), 0.5, all(0))),
  },
  'adamw, perpendicular': {
    spec: adamSpec('adamw', { learningRate: 0.02, gradientFilter: { kind: 'perpendicular' } }),
    update: () => withGradient(perpendicular, adam(rate(0.02))),
  },
};

describe('an update rule over 80 steps', () => {
  it('is tested for every golden trajectory', () => {
    expect(Object.keys(rules).sort()).toEqual(Object.keys(golden.trajectories).sort());
  });

  it.each(Object.entries(rules))('is that of PyTorch: %s', (name, { spec }) => {
    const trajectory = run(spec);
    for (const [step, values] of Object.entries(golden.trajectories[name] ?? {})) {
      const found = trajectory[Number(step) - 1] as Vector;
      found.forEach((w, i) => expect(w, `step ${step}`).toBeCloseTo(values[i] as number, 11));
    }
  });

  it.each(Object.entries(rules))('is its equation written out: %s', (_name, { spec, update }) => {
    const [found, expected] = [run(spec), written(update())];
    found.forEach((w, step) =>
      w.forEach((x, i) => expect(x, `step ${step + 1}`).toBeCloseTo(expected[step]?.[i] as number, 11)),
    );
  });

  it('adds noise to the direction of the update, at the learning rate (Power et al. 2022)', () => {
    const noise = (step: number): Vector => all(0).map((_, i) => Math.sin(3 * step + i));
    for (const [spec, scale] of [
      [sgdSpec({}), () => 0.02],
      [adamSpec('adamw', {}), (t: number) => 0.05 / (1 - 0.9 ** t)],
    ] as const) {
      const quiet = run(spec);
      const noisy = run(spec, noise);
      // From one start the first updates differ by the noise and by nothing else.
      noisy[0]?.forEach((x, i) =>
        expect(x - (quiet[0]?.[i] as number)).toBeCloseTo(-scale(1) * (noise(0)[i] as number), 14),
      );
      expect(noisy[1]).not.toEqual(quiet[1]);
    }
  });

  it('asks for the layout where it needs one', () => {
    expect(() => optimizer(sgdSpec({ groups }))).toThrow(/layout of the parameters/);
    expect(() => optimizer(sgdSpec({}))).not.toThrow();
  });
});
