/**
 * Float64 products by ONNX Runtime's CPU kernels (MatMul and Gemm with dynamic sizes), and a Cholesky factorization
 * made of them. ONNX has neither Cholesky nor triangular solves; both become products once C⁻¹ is known.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { EngineError, onnxRuntimeVersion } from '../engine/onnx.ts';
import { encodeModel } from '../engine/onnx-schema.ts';
import { opset } from '../engine/onnx-emit.ts';
import { plainInverseCholesky, type Algebra, type InverseCholesky } from './algebra.ts';
import { NotPositiveDefiniteError } from './cholesky.ts';

/** Blocks of at most this size are factorized by plain loops. */
const baseSize = 32;

export async function createOnnxAlgebra(threads: number): Promise<Algebra> {
  const product = await productSession('MatMul', {}, threads);
  const transposed = await productSession('Gemm', { transB: 1 }, threads);
  const multiply = run.bind(null, product, false);
  const multiplyTransposed = run.bind(null, transposed, true);
  return {
    backend: {
      engine: 'onnxruntime-cpu',
      engineVersion: onnxRuntimeVersion(),
      device: 'cpu',
      precision: 'float64',
      threads,
      fallback: null,
    },
    multiply,
    multiplyTransposed,
    inverseCholesky: (a, n) => inverseCholesky({ multiply, multiplyTransposed }, a, n, 0),
    dispose: async () => {
      await product.release();
      await transposed.release();
    },
  };
}

type Products = Pick<Algebra, 'multiply' | 'multiplyTransposed'>;

/**
 * With A = [A₁₁ · ; A₂₁ A₂₂] and C₁₁⁻¹ known, C₂₁ = A₂₁ C₁₁⁻ᵀ; C₂₂ is the factor of A₂₂ − C₂₁ C₂₁ᵀ; and
 * C⁻¹ = [C₁₁⁻¹ 0; −C₂₂⁻¹ C₂₁ C₁₁⁻¹ C₂₂⁻¹]. Backward stable as the triangular inverse is (Du Croz & Higham 1992).
 */
async function inverseCholesky(
  products: Products,
  a: Float64Array,
  n: number,
  offset: number,
): Promise<InverseCholesky> {
  if (n <= baseSize) return baseCase(a, n, offset);
  const top = Math.ceil(n / 2);
  const bottom = n - top;
  const first = await inverseCholesky(products, block(a, n, 0, 0, top, top), top, offset);
  const a21 = block(a, n, top, 0, bottom, top);
  const c21 = await products.multiplyTransposed(a21, first.inverse, bottom, top, top);
  const rest = await products.multiplyTransposed(c21, c21, bottom, top, bottom);
  const a22 = block(a, n, top, top, bottom, bottom);
  for (let i = 0; i < rest.length; i++) rest[i] = (a22[i] as number) - (rest[i] as number);
  const second = await inverseCholesky(products, rest, bottom, offset + top);
  const c21Inverse = await products.multiply(c21, first.inverse, bottom, top, top);
  const below = await products.multiply(second.inverse, c21Inverse, bottom, bottom, top);

  const inverse = new Float64Array(n * n);
  const diagonal = new Float64Array(n);
  for (let i = 0; i < top; i++) inverse.set(first.inverse.subarray(i * top, (i + 1) * top), i * n);
  for (let i = 0; i < bottom; i++) {
    const row = (top + i) * n;
    for (let j = 0; j < top; j++) inverse[row + j] = -(below[i * top + j] as number);
    inverse.set(second.inverse.subarray(i * bottom, (i + 1) * bottom), row + top);
  }
  diagonal.set(first.diagonal);
  diagonal.set(second.diagonal, top);
  return { inverse, diagonal };
}

function baseCase(a: Float64Array, n: number, offset: number): InverseCholesky {
  try {
    return plainInverseCholesky(a, n);
  } catch (error) {
    if (!(error instanceof NotPositiveDefiniteError)) throw error;
    throw new NotPositiveDefiniteError(offset + error.pivot, error.value);
  }
}

/** A copy of rows × columns of A [n, n] from (row, column) on. */
function block(
  a: Float64Array,
  n: number,
  row: number,
  column: number,
  rows: number,
  columns: number,
): Float64Array {
  const copy = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const start = (row + i) * n + column;
    copy.set(a.subarray(start, start + columns), i * columns);
  }
  return copy;
}

async function run(
  session: InferenceSession,
  transposed: boolean,
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): Promise<Float64Array> {
  const feeds = {
    a: new Tensor('float64', a, [rows, inner]),
    b: new Tensor('float64', b, transposed ? [columns, inner] : [inner, columns]),
  };
  const results = await session.run(feeds).catch((error: unknown) => {
    throw new EngineError(`a product of ${rows} × ${inner} × ${columns} failed`, error);
  });
  return (results['c'] as Tensor).data as Float64Array;
}

async function productSession(
  type: 'MatMul' | 'Gemm',
  attributes: Record<string, number>,
  threads: number,
): Promise<InferenceSession> {
  // ONNX Runtime reads a negative size as one that each call sets.
  const matrix = (name: string) => ({ name, type: 'float64' as const, shape: [-1, -1] });
  const model = encodeModel(
    {
      nodes: [{ name: type, type, inputs: ['a', 'b'], output: 'c', attributes }],
      inputs: [matrix('a'), matrix('b')],
      outputs: [matrix('c')],
      initializers: [],
    },
    opset,
  );
  return InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  }).catch((error: unknown) => {
    throw new EngineError(`the product ${type} in float64 was refused`, error);
  });
}
