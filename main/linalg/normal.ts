/** The standard normal distribution function Φ in logarithms, exact to rounding also far in the tails; float64. */

const inverseSqrtTwoPi = 1 / Math.sqrt(2 * Math.PI);

/**
 * Coefficients of the rational Chebyshev approximations of W. J. Cody, "Rational Chebyshev approximations for the error
 * function", Math. Comp. 23 (1969) 631–637, highest power first, scaled to the normal distribution.
 */
const centre = {
  numerator: [
    0.06568233791820745, 2.2352520354606837, 161.02823106855587, 1067.6894854603709, 18154.98125334356,
  ],
  denominator: [1, 47.202581904688245, 976.0985517377767, 10260.932208618979, 45507.78933502673],
};
const middle = {
  numerator: [
    1.0765576773720192e-8, 0.39894151208813466, 8.883149794388377, 93.50665613217785, 597.2702763948002,
    2494.5375852903726, 6848.190450536283, 11602.65143764735, 9842.714838383978,
  ],
  denominator: [
    1, 22.266688044328117, 235.387901782625, 1519.3775994075547, 6485.558298266761, 18615.571640885097,
    34900.95272114598, 38912.00328609327, 19685.429676859992,
  ],
};
function horner(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * x + coefficient;
  return sum;
}

/** Φ(−y) · exp(y²/2) for y ≥ 0: the lower tail without its Gaussian factor, about 1/(y √2π) far out. */
function scaledTail(y: number): number {
  if (y <= 0.67448975) {
    const square = y * y;
    return (
      (0.5 - (y * horner(centre.numerator, square)) / horner(centre.denominator, square)) *
      Math.exp(square / 2)
    );
  }
  if (y <= Math.sqrt(32)) return horner(middle.numerator, y) / horner(middle.denominator, y);
  // Laplace's continued fraction of Mills' ratio (DLMF 7.9.3): Φ(−y)/φ(y) = 1/(y + 1/(y + 2/(y + 3/…))).
  let fraction = y;
  for (let k = 25; k > 0; k--) fraction = y + k / fraction;
  return inverseSqrtTwoPi / fraction;
}

/** log Φ(z). */
export function logNormalCdf(z: number): number {
  const square = (z * z) / 2;
  return z <= 0 ? Math.log(scaledTail(-z)) - square : Math.log1p(-scaledTail(z) * Math.exp(-square));
}

/** d log Φ(z) / dz = φ(z) / Φ(z). */
export function logNormalCdfDerivative(z: number): number {
  if (z <= 0) return inverseSqrtTwoPi / scaledTail(-z);
  const gaussian = Math.exp((-z * z) / 2);
  return (inverseSqrtTwoPi * gaussian) / (1 - scaledTail(z) * gaussian);
}

/**
 * 20-point Gauss–Hermite quadrature for a standard normal: E[f(x)] ≈ Σ weight · f(node). The positive nodes and their
 * weights; nodes are symmetric. From numpy.polynomial.hermite.hermgauss(20): nodes × √2, weights / √π.
 */
const positiveNodes: readonly (readonly [number, number])[] = [
  [0.3469641570813559, 0.2607930634495549],
  [1.0429453488027511, 0.16173933398399998],
  [1.745247320814127, 0.0615063720639769],
  [2.458663611172368, 0.013997837447101022],
  [3.18901481655339, 0.00183010313108049],
  [3.9439673506573163, 0.00012882627996192928],
  [4.734581334046055, 4.402121090230851e-6],
  [5.5787388058932015, 6.127490259982928e-8],
  [6.510590157013655, 2.4820623623151755e-10],
  [7.619048541679759, 1.2578006724379234e-13],
];

/** Nodes and weights of the rule above, both signs. */
export const gaussHermite20 = {
  nodes: Float64Array.from(positiveNodes.flatMap(([node]) => [-node, node])),
  weights: Float64Array.from(positiveNodes.flatMap(([, weight]) => [weight, weight])),
};
