/**
 * The error function in float64 by the rational approximations of Cody (1969, Mathematics of Computation 23:631–637;
 * coefficients of his CALERF), for engines that have it in float32 only. Within 4e-16 of erf everywhere.
 */
import type { Outputs, Tensor } from './graph.ts';
import { mapGraph } from './simplify.ts';
import { add, div, exp, less, mul, neg, sub, where } from './trace.ts';

/** |x| ≤ 0.46875: erf x = x P(x²)/Q(x²). Highest power first. */
const smallP = [
  1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2,
  3.20937758913846947e3,
];
const smallQ = [
  1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3,
];
/** |x| > 0.46875: erfc |x| = e^(−x²) P(|x|)/Q(|x|). Cody changes to a third form at 4, where erfc is below 2e-8. */
const largeP = [
  2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
  2.98635138197400131e2, 8.8195222124176909e2, 1.71204761263407058e3, 2.05107837782607147e3,
  1.23033935479799725e3,
];
const largeQ = [
  1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
  3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
];

/** The same outputs, with every float64 `erf` in elementary operations. */
export function lowerErf(outputs: Outputs): Outputs {
  return mapGraph(outputs, (tensor, remade) =>
    tensor.operation.kind === 'erf' && tensor.dtype === 'float64' ? erf(remade.inputs[0] as Tensor) : remade,
  );
}

function erf(x: Tensor): Tensor {
  const negative = less(x, 0);
  const size = where(negative, neg(x), x);
  // From 6 on erf is 1 in float64; without the bound the polynomials would overflow.
  const bounded = where(less(6, size), 6, size);
  const complement = mul(exp(neg(mul(bounded, bounded))), ratio(largeP, largeQ, bounded));
  const large = sub(1, complement);
  const small = mul(x, ratio(smallP, smallQ, mul(x, x)));
  return where(less(size, 0.46875), small, where(negative, neg(large), large));
}

function ratio(numerator: readonly number[], denominator: readonly number[], x: Tensor): Tensor {
  return div(horner(numerator, x), horner(denominator, x));
}

function horner([first = 0, second = 0, ...rest]: readonly number[], x: Tensor): Tensor {
  return rest.reduce((sum, coefficient) => add(mul(sum, x), coefficient), add(mul(x, first), second));
}
