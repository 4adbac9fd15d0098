/** What a neural model is: named parameters with their initial distributions, and logits as a traced function. */
import type { Random } from '../../shared/random.ts';
import type { ParameterRole } from '../../shared/trainer-spec.ts';
import type { Shape, Tensor } from '../engine/trace.ts';

export interface Parameter {
  name: string;
  shape: Shape;
  role: ParameterRole;
  /** One initial value. */
  initial: (random: Random) => number;
}

export type Parameters = Readonly<Record<string, Tensor>>;

/** What training does to activations and evaluation does not. */
export type Drop = (activations: Tensor) => Tensor;

export interface Network {
  /** In the order in which their initial values are drawn. */
  parameters: readonly Parameter[];
  /** inputs [batch, …] → logits [batch, classes] */
  logits: (parameters: Parameters, inputs: Tensor, drop?: Drop) => Tensor;
  /** The share of activations that training sets to 0 where `logits` calls `drop`; none when absent. */
  dropout?: number;
  /** The same with what measures look at. */
  forward?: (parameters: Parameters, inputs: Tensor) => Forward;
  /** Of a mixture of experts: the router's probabilities in every layer, [batch, position, expert] each. */
  routing?: (parameters: Parameters, inputs: Tensor) => readonly Tensor[];
  /** A scalar that training minimizes besides the loss; weights of the examples, [batch], as in the loss. */
  penalty?: (parameters: Parameters, inputs: Tensor, weights: Tensor | null) => Tensor;
  /** All initial values, flat, where they depend on one another; in the place of the parameters' own `initial`. */
  initialValues?: (random: Random) => Float64Array;
}

export interface Forward {
  /** [batch, classes] */
  logits: Tensor;
  /** Activations of every hidden layer, [batch, width] each; where positions exist, at the one that is read. */
  hidden: readonly Tensor[];
}

/** The parameter `name`. */
export function parameter(parameters: Parameters, name: string): Tensor {
  const tensor = parameters[name];
  if (tensor === undefined) throw new Error(`The network has no parameter "${name}".`);
  return tensor;
}

export const zero = (): number => 0;

export function normal(standardDeviation: number): (random: Random) => number {
  return (random) => standardDeviation * random.normal();
}

/** Uniform on [−bound, bound). */
export function uniform(bound: number): (random: Random) => number {
  return (random) => random.uniformBetween(-bound, bound);
}
