/**
 * Update rules, as one graph over the flat vector of all parameters. Equal to `torch.optim` (2.x and 1.13) up to
 * rounding: SGD with momentum and L2; Adam (Kingma & Ba 2015, algorithm 1) with L2; AdamW (Loshchilov & Hutter 2019,
 * algorithm 2) with decoupled decay. Weight decay acts on every parameter, biases included, as it does there, unless
 * `groups` says otherwise.
 */
import type {
  AdamSpec,
  AdamwSpec,
  ParameterGroup,
  ParameterRole,
  SgdSpec,
  TrainerSpec,
} from '../../shared/trainer-spec.ts';
import { add, constant, div, mul, sqrt, sub, type Tensor } from '../engine/trace.ts';
import { gradientFilter } from './gradient-filters.ts';
import { learningRateAt } from './schedules.ts';

export interface Optimizer {
  /** Names of the moments it keeps, each as long as the parameters, zero at the start. */
  readonly moments: readonly string[];
  /** Those of them that hold past gradients and nothing else. */
  readonly history: readonly string[];
  /** Names of the scalars that `schedule` gives per step. */
  readonly scalars: readonly string[];
  /** Values of `scalars` for the update with the 0-based index `step`, in float64. */
  schedule(step: number): number[];
  /** New parameters and moments (in the order of `moments`) from a gradient. All flat, all of one length. */
  update(values: UpdateInputs): { parameters: Tensor; moments: Tensor[] };
}

export interface UpdateInputs {
  parameters: Tensor;
  gradient: Tensor;
  moments: readonly Tensor[];
  scalars: readonly Tensor[];
  /** Added to the direction of the update: w ← w − η(Δw + disturbance). */
  disturbance?: Tensor;
}

/** What a rule has to know of the parameters, in their order in the flat vector, when it treats them differently. */
export interface ParameterLayout {
  parts: readonly { size: number; role: ParameterRole }[];
  /** Values at the start of training, flat. */
  initial: ArrayLike<number>;
}

/** A rule as it stands in the papers: it is given the filtered gradient. */
type BaseRule = Omit<Optimizer, 'history'>;

/** @param layout May be left out for a trainer without groups, filter and decay toward the initial weights. */
export function optimizer(spec: TrainerSpec, layout?: ParameterLayout): Optimizer {
  const rule = spec.kind === 'sgd' ? sgd(spec, layout) : adam(spec, layout);
  if (spec.gradientFilter === undefined) return { ...rule, history: [] };
  const sizes = known(layout).parts.map(({ size }) => size);
  const filter = gradientFilter(spec.gradientFilter, sizes);
  const [ownMoments, ownScalars] = [rule.moments.length, rule.scalars.length];
  return {
    moments: [...rule.moments, ...filter.moments],
    history: filter.history,
    scalars: [...rule.scalars, ...filter.scalars],
    schedule: (step) => [...rule.schedule(step), ...filter.schedule(step)],
    update: (values) => {
      const { parameters, moments, scalars } = values;
      const filtered = filter.apply({
        parameters,
        gradient: values.gradient,
        moments: moments.slice(ownMoments),
        scalars: scalars.slice(ownScalars),
      });
      const updated = rule.update({
        ...values,
        gradient: filtered.gradient,
        moments: moments.slice(0, ownMoments),
        scalars: scalars.slice(0, ownScalars),
      });
      return { parameters: updated.parameters, moments: [...updated.moments, ...filtered.moments] };
    },
  };
}

/**
 * g ← ∇L + λw; b ← μb + g; w ← w − ηb. With b = 0 at the start this is torch.optim.SGD with dampening 0, whose first
 * step sets b = g. Nesterov: w ← w − η(g + μb) with the new b (Sutskever et al. 2013, equations 3 and 4, as torch.optim
 * writes them).
 */
function sgd(spec: SgdSpec, layout: ParameterLayout | undefined): BaseRule {
  const { momentum } = spec;
  const hasMomentum = momentum !== 0;
  const { decay, rateFactor } = groupFactors(spec, layout);
  return {
    moments: hasMomentum ? ['momentum'] : [],
    scalars: ['learningRate'],
    schedule: (step) => [learningRateAt(spec, step)],
    update: ({ parameters, gradient, moments, scalars, disturbance }) => {
      const g = decay === 0 ? gradient : add(gradient, scaled(parameters, decay));
      const b = hasMomentum ? add(mul(at(moments, 0), momentum), g) : g;
      const direction = spec.nesterov === true ? add(g, mul(b, momentum)) : b;
      const step = mul(disturbed(direction, disturbance), at(scalars, 0));
      return {
        parameters: sub(parameters, scaled(step, rateFactor)),
        moments: hasMomentum ? [b] : [],
      };
    },
  };
}

/**
 * m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; w ← w − ηλ(w − w*) − (η/(1−β₁ᵗ)) m / (√v/√(1−β₂ᵗ) + ε), with t from 1.
 * AdamW takes g = ∇L, and w* = 0 or the initial weights (Power et al. 2022, `weight_decay_form` "to_init" of their
 * code); Adam takes g = ∇L + λw and leaves out the second term. `schedules.ts` says what η is at a step.
 */
function adam(spec: AdamSpec | AdamwSpec, layout: ParameterLayout | undefined): BaseRule {
  const { beta1, beta2, epsilon } = spec;
  const { decay, rateFactor } = groupFactors(spec, layout);
  const decoupled = spec.kind === 'adamw' && decay !== 0;
  const anchor =
    spec.kind === 'adamw' && spec.decayToward === 'initial-weights' ? known(layout).initial : null;
  /** λ with the learning rate's factor. */
  const pull = product(decay, rateFactor);
  const perParameter = typeof pull !== 'number';
  return {
    moments: ['firstMoment', 'secondMoment'],
    scalars: ['stepSize', 'secondCorrection', ...(decoupled ? ['shrink'] : [])],
    schedule: (step) => {
      const rate = learningRateAt(spec, step);
      const stepSize = rate / (1 - beta1 ** (step + 1));
      const secondCorrection = 1 / Math.sqrt(1 - beta2 ** (step + 1));
      // What is left of the distance to w*; where it differs by parameter, the rate, and the graph has the rest.
      const shrink = perParameter ? rate : 1 - rate * pull;
      return [stepSize, secondCorrection, ...(decoupled ? [shrink] : [])];
    },
    update: ({ parameters, gradient, moments, scalars, disturbance }) => {
      const coupled = spec.kind === 'adam' && decay !== 0;
      const g = coupled ? add(gradient, scaled(parameters, decay)) : gradient;
      const m = add(mul(at(moments, 0), beta1), mul(g, 1 - beta1));
      const v = add(mul(at(moments, 1), beta2), mul(mul(g, g), 1 - beta2));
      const denominator = add(mul(sqrt(v), at(scalars, 1)), epsilon);
      const direction = disturbed(div(m, denominator), disturbance);
      const step = scaled(mul(direction, at(scalars, 0)), rateFactor);
      return {
        parameters: sub(decoupled ? decayed(parameters, at(scalars, 2)) : parameters, step),
        moments: [m, v],
      };
    },
  };

  function decayed(parameters: Tensor, scalar: Tensor): Tensor {
    const left = perParameter ? sub(1, mul(vector(pull, scalar.dtype), scalar)) : scalar;
    if (anchor === null) return mul(parameters, left);
    const target = vector(anchor, parameters.dtype);
    return add(target, mul(sub(parameters, target), left));
  }
}

/** One value for all parameters, or one each. */
type Factor = number | readonly number[];

/** Weight decay, and learning rate over the trainer's own, of every parameter. */
function groupFactors(
  { groups, learningRate, weightDecay }: TrainerSpec,
  layout: ParameterLayout | undefined,
): { decay: Factor; rateFactor: Factor } {
  if (groups === undefined) return { decay: weightDecay, rateFactor: 1 };
  const { parts } = known(layout);
  const each = (value: (group: ParameterGroup | undefined) => number): Factor => {
    const values = parts.flatMap(({ size, role }) => {
      const own = value(groups.find((group) => group.role === role));
      return Array.from({ length: size }, () => own);
    });
    return values.every((own) => own === values[0]) ? (values[0] ?? 1) : values;
  };
  return {
    decay: each((group) => group?.weightDecay ?? weightDecay),
    rateFactor: each((group) => (group?.learningRate ?? learningRate) / learningRate),
  };
}

function product(a: Factor, b: Factor): Factor {
  if (typeof a === 'number') return typeof b === 'number' ? a * b : b.map((factor) => factor * a);
  return typeof b === 'number'
    ? a.map((factor) => factor * b)
    : a.map((factor, i) => factor * (b[i] as number));
}

function scaled(x: Tensor, factor: Factor): Tensor {
  if (factor === 1) return x;
  return mul(x, typeof factor === 'number' ? factor : vector(factor, x.dtype));
}

function disturbed(direction: Tensor, disturbance: Tensor | undefined): Tensor {
  return disturbance === undefined ? direction : add(direction, disturbance);
}

function vector(values: ArrayLike<number>, dtype: Tensor['dtype']): Tensor {
  return constant(values, [values.length], dtype);
}

function known(layout: ParameterLayout | undefined): ParameterLayout {
  if (layout === undefined) throw new Error('This trainer has to know the layout of the parameters.');
  return layout;
}

function at(tensors: readonly Tensor[], i: number): Tensor {
  const tensor = tensors[i];
  if (tensor === undefined) throw new Error(`The update rule needs operand ${i}.`);
  return tensor;
}
