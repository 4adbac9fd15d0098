/** Cholesky factors of kernel matrices, which may be singular in float64: jitter that is counted and reported. */
import type { Algebra, InverseCholesky } from './algebra.ts';
import { NotPositiveDefiniteError } from './cholesky.ts';

/** Tried in this order, times the mean of the diagonal, until a factor exists. */
const extraJitter = [0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2];

export interface JitteredFactor extends InverseCholesky {
  /** All that was added to the diagonal: `jitter` and, where that did not suffice, more. */
  jitter: number;
}

/**
 * C⁻¹ with C Cᵀ = A + jitter·I for a symmetric positive semidefinite A [n, n]. Where that matrix has no Cholesky factor,
 * or one with a pivot of the size of rounding (n · ε · largest diagonal entry), more jitter is added: 10⁻⁸ times the mean of
 * A's diagonal, then ten times as much, up to 10⁻².
 * @throws NotPositiveDefiniteError when the largest jitter does not suffice, and at once when A is not finite.
 */
export async function factorizeWithJitter(
  algebra: Algebra,
  a: Float64Array,
  n: number,
  jitter: number,
): Promise<JitteredFactor> {
  let mean = 0;
  for (let i = 0; i < n; i++) mean += (a[i * n + i] as number) / n;
  let refusal: NotPositiveDefiniteError | null = null;
  for (const extra of extraJitter) {
    const added = extra === 0 ? jitter : jitter + extra * mean;
    const attempt = await factorOrRefusal(algebra, withDiagonal(a, n, added), n);
    if (!(attempt instanceof NotPositiveDefiniteError)) return { ...attempt, jitter: added };
    refusal = attempt;
    if (!Number.isFinite(attempt.value)) break;
  }
  throw refusal as NotPositiveDefiniteError;
}

async function factorOrRefusal(
  algebra: Algebra,
  a: Float64Array,
  n: number,
): Promise<InverseCholesky | NotPositiveDefiniteError> {
  try {
    const factor = await algebra.inverseCholesky(a, n);
    let largest = 0;
    for (let i = 0; i < n; i++) largest = Math.max(largest, a[i * n + i] as number);
    const pivot = factor.diagonal.findIndex((c) => c * c < n * Number.EPSILON * largest);
    return pivot < 0 ? factor : new NotPositiveDefiniteError(pivot, (factor.diagonal[pivot] as number) ** 2);
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return error;
    throw error;
  }
}

/** A + added·I. */
export function withDiagonal(a: Float64Array, n: number, added: number): Float64Array {
  const sum = a.slice();
  for (let i = 0; i < n; i++) sum[i * n + i] = (sum[i * n + i] as number) + added;
  return sum;
}
