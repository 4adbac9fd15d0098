/**
 * Update rules, as one graph over the flat vector of all parameters. Equal to `torch.optim` (2.x and 1.13) up to
 * rounding: SGD with momentum and L2; Adam (Kingma & Ba 2015, algorithm 1) with L2; AdamW (Loshchilov & Hutter 2019,
 * algorithm 2) with decoupled decay. Weight decay acts on every parameter, biases included, as it does there.
 */
import type { AdamSpec, AdamwSpec, SgdSpec, TrainerSpec } from '../../shared/trainer-spec.ts';
import { add, div, mul, sqrt, sub, type Tensor } from '../engine/trace.ts';

export interface Optimizer {
  /** Names of the moments it keeps, each as long as the parameters, zero at the start. */
  readonly moments: readonly string[];
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
}

export function optimizer(spec: TrainerSpec): Optimizer {
  return spec.kind === 'sgd' ? sgd(spec) : adam(spec);
}

/**
 * g ← ∇L + λw; b ← μb + g; w ← w − ηb. With b = 0 at the start this is torch.optim.SGD with dampening 0, whose first
 * step sets b = g.
 */
function sgd({ learningRate, weightDecay, momentum }: SgdSpec): Optimizer {
  const hasMomentum = momentum !== 0;
  return {
    moments: hasMomentum ? ['momentum'] : [],
    scalars: ['learningRate'],
    schedule: () => [learningRate],
    update: ({ parameters, gradient, moments, scalars }) => {
      const g = weightDecay === 0 ? gradient : add(gradient, mul(parameters, weightDecay));
      const b = hasMomentum ? add(mul(at(moments, 0), momentum), g) : g;
      return { parameters: sub(parameters, mul(b, at(scalars, 0))), moments: hasMomentum ? [b] : [] };
    },
  };
}

/**
 * m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; w ← w(1−ηλ) − (η/(1−β₁ᵗ)) m / (√v/√(1−β₂ᵗ) + ε), with t from 1.
 * AdamW takes g = ∇L; Adam takes g = ∇L + λw and leaves out the factor 1−ηλ.
 * Warmup: η is multiplied by min(step/warmupSteps, 1) with step from 0, as Nanda et al. set `LambdaLR`; the first
 * update then moves only the moments.
 */
function adam(spec: AdamSpec | AdamwSpec): Optimizer {
  const { learningRate, weightDecay, beta1, beta2, epsilon, warmupSteps } = spec;
  const decoupled = spec.kind === 'adamw' && weightDecay !== 0;
  return {
    moments: ['firstMoment', 'secondMoment'],
    scalars: ['stepSize', 'secondCorrection', ...(decoupled ? ['shrink'] : [])],
    schedule: (step) => {
      const rate = learningRate * (step < warmupSteps ? step / warmupSteps : 1);
      const stepSize = rate / (1 - beta1 ** (step + 1));
      const secondCorrection = 1 / Math.sqrt(1 - beta2 ** (step + 1));
      return [stepSize, secondCorrection, ...(decoupled ? [1 - rate * weightDecay] : [])];
    },
    update: ({ parameters, gradient, moments, scalars }) => {
      const coupled = spec.kind === 'adam' && weightDecay !== 0;
      const g = coupled ? add(gradient, mul(parameters, weightDecay)) : gradient;
      const m = add(mul(at(moments, 0), beta1), mul(g, 1 - beta1));
      const v = add(mul(at(moments, 1), beta2), mul(mul(g, g), 1 - beta2));
      const denominator = add(mul(sqrt(v), at(scalars, 1)), epsilon);
      const kept = decoupled ? mul(parameters, at(scalars, 2)) : parameters;
      return { parameters: sub(kept, mul(div(m, denominator), at(scalars, 0))), moments: [m, v] };
    },
  };
}

function at(tensors: readonly Tensor[], i: number): Tensor {
  const tensor = tensors[i];
  if (tensor === undefined) throw new Error(`The update rule needs operand ${i}.`);
  return tensor;
}
