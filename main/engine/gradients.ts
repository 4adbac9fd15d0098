/**
 * Reverse-mode differentiation of a graph (Griewank & Walther 2008, chapter 3): one vector-Jacobian product per
 * operation. ȳ is the gradient of the loss by an operation's result y, x̄ by its operand x.
 */
import {
  add,
  broadcast,
  cast,
  contract,
  div,
  equal,
  exp,
  gather,
  mul,
  neg,
  pad,
  reduceSum,
  reshape,
  scalar,
  segmentSum,
  step,
  slice,
  sub,
  transpose,
  where,
} from './trace.ts';
import {
  isFloat,
  sizeOf,
  standingFor,
  topological,
  TraceError,
  type Operation,
  type Shape,
  type Tensor,
} from './graph.ts';

/**
 * Gradients of a scalar `loss` by each tensor of `by`, in their shapes; zero where the loss does not depend on one.
 * @throws TraceError when the loss is not a floating-point scalar.
 */
export function gradients(loss: Tensor, by: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0 || !isFloat(loss.dtype))
    throw new TraceError('gradients', [loss], 'needs a floating-point scalar.');
  const order = topological([loss]);
  const reached = new Set<Tensor>(by);
  for (const tensor of order) if (tensor.inputs.some((input) => reached.has(input))) reached.add(tensor);
  const adjoints = new Map<Tensor, Tensor>([[loss, scalar(1, loss.dtype)]]);
  for (const tensor of order.reverse()) {
    const adjoint = adjoints.get(tensor);
    if (adjoint === undefined || !reached.has(tensor)) continue;
    const rule = rules[tensor.operation.kind] as Rule;
    standingFor(tensor, () => {
      rule(adjoint, tensor, tensor.operation).forEach((contribution, i) => {
        const operand = tensor.inputs[i] as Tensor;
        if (contribution === null || !reached.has(operand)) return;
        const sum = adjoints.get(operand);
        adjoints.set(operand, sum === undefined ? contribution() : add(sum, contribution()));
      });
    });
  }
  return by.map((tensor) => adjoints.get(tensor) ?? broadcast(scalar(0, tensor.dtype), tensor.shape));
}

/** One entry per operand, made only where it is needed; null where the operand has no gradient. */
type Contribution = (() => Tensor) | null;
type Rule<O = Operation> = (g: Tensor, y: Tensor, operation: O) => Contribution[];
type Rules = { [K in Operation['kind']]: Rule<Extract<Operation, { kind: K }>> };

const operand = (y: Tensor, i: number): Tensor => y.inputs[i] as Tensor;

/** Adjoint of broadcasting: sums over the axes that were repeated. */
function sumTo(g: Tensor, shape: Shape): Tensor {
  const shift = g.shape.length - shape.length;
  const axes = g.shape.flatMap((size, axis) =>
    axis < shift || (shape[axis - shift] === 1 && size !== 1) ? [axis] : [],
  );
  return reshape(reduceSum(g, axes, true), shape);
}

const rules: Rules = {
  input: () => [],
  constant: () => [],
  // d(−x) = −dx
  neg: (g) => [() => neg(g)],
  // d eˣ = eˣ dx
  exp: (g, y) => [() => mul(g, y)],
  // d ln x = dx / x
  log: (g, y) => [() => div(g, operand(y, 0))],
  // d √x = dx / (2√x)
  sqrt: (g, y) => [() => div(mul(g, 0.5), y)],
  // d tanh x = (1 − tanh² x) dx
  tanh: (g, y) => [() => mul(g, sub(1, mul(y, y)))],
  // d erf x = 2/√π e^(−x²) dx (Abramowitz & Stegun 7.1.19)
  erf: (g, y) => [() => mul(g, mul(exp(neg(mul(operand(y, 0), operand(y, 0)))), 2 / Math.sqrt(Math.PI)))],
  // 1 where x > 0; 0 at x = 0, as PyTorch takes it. step(y) is that without keeping x.
  relu: (g, y) => [() => mul(g, step(y))],
  step: () => [null],
  add: (g, y) => [() => sumTo(g, operand(y, 0).shape), () => sumTo(g, operand(y, 1).shape)],
  sub: (g, y) => [() => sumTo(g, operand(y, 0).shape), () => sumTo(neg(g), operand(y, 1).shape)],
  // d(ab) = b da + a db
  mul: (g, y) => [
    () => sumTo(mul(g, operand(y, 1)), operand(y, 0).shape),
    () => sumTo(mul(g, operand(y, 0)), operand(y, 1).shape),
  ],
  // d(a/b) = da/b − (a/b) db/b
  div: (g, y) => [
    () => sumTo(div(g, operand(y, 1)), operand(y, 0).shape),
    () => sumTo(neg(div(mul(g, y), operand(y, 1))), operand(y, 1).shape),
  ],
  less: () => [null, null],
  equal: () => [null, null],
  where: (g, y) => [
    null,
    () => sumTo(where(operand(y, 0), g, 0), operand(y, 1).shape),
    () => sumTo(where(operand(y, 0), 0, g), operand(y, 2).shape),
  ],
  cast: (g, y) => [isFloat(operand(y, 0).dtype) ? () => cast(g, operand(y, 0).dtype) : null],
  // y_out = Σ a_A b_B  ⇒  ā_A = Σ ȳ_out b_B (Giles 2008, §2.2.2, for any axes)
  contract: (g, y, { a, b, out }) => [
    () => contract(`${out},${b}->${a}`, g, operand(y, 1)),
    () => contract(`${a},${out}->${b}`, operand(y, 0), g),
  ],
  transpose: (g, _, { permutation }) => [
    () =>
      transpose(
        g,
        permutation.map((_axis, i) => permutation.indexOf(i)),
      ),
  ],
  reshape: (g, y) => [() => reshape(g, operand(y, 0).shape)],
  broadcast: (g, y) => [() => sumTo(g, operand(y, 0).shape)],
  slice: (g, y, { starts, sizes }) => [
    () =>
      pad(
        g,
        starts,
        operand(y, 0).shape.map((size, i) => size - (starts[i] as number) - (sizes[i] as number)),
      ),
  ],
  pad: (g, y, { before }) => [() => slice(g, before, operand(y, 0).shape)],
  concat: (g, y, { axis }) =>
    y.inputs.map((part, i) => () => {
      const start = y.inputs.slice(0, i).reduce((sum, { shape }) => sum + (shape[axis] as number), 0);
      return slice(
        g,
        part.shape.map((_, k) => (k === axis ? start : 0)),
        part.shape,
      );
    }),
  // Rows gathered more than once add up.
  gather: (g, y) => {
    const [table, indices] = [operand(y, 0), operand(y, 1)];
    const n = sizeOf(indices.shape);
    return [
      () =>
        segmentSum(reshape(g, [n, ...table.shape.slice(1)]), reshape(indices, [n]), table.shape[0] as number),
      null,
    ];
  },
  segmentSum: (g, y) => [() => gather(g, operand(y, 1)), null],
  reduceSum: (g, y) => [() => broadcast(g, operand(y, 0).shape)],
  // Equal maxima share the gradient evenly, as PyTorch's amax does.
  reduceMax: (g, y, { axes }) => [
    () => {
      const x = operand(y, 0);
      const hits = cast(equal(x, y), x.dtype);
      return mul(hits, div(g, reduceSum(hits, axes, true)));
    },
  ],
  // x̄ = y ∘ (ȳ − Σ ȳ∘y)
  softmax: (g, y, { axis }) => [() => mul(y, sub(g, reduceSum(mul(g, y), [axis], true)))],
  // x̄ = ȳ − softmax(x) Σ ȳ
  logSoftmax: (g, y, { axis }) => [() => sub(g, mul(exp(y), reduceSum(g, [axis], true)))],
  argMax: () => [null],
};
