/**
 * Operations that ONNX Runtime's device providers leave to the CPU, in operations that they have: `LogSoftmax`, and
 * `ArgMax`, whose int64 result no WebGPU device holds. A product over nothing ends the process there, and a reduction of
 * nothing is refused (1.30, WebGPU).
 */
import { sizeOf, type Outputs, type Tensor } from './graph.ts';
import { mapGraph } from './simplify.ts';
import {
  broadcast,
  cast,
  constant,
  equal,
  exp,
  log,
  neg,
  reduceMax,
  reduceSum,
  scalar,
  sub,
  where,
  type FloatType,
} from './trace.ts';

/** The same outputs without `logSoftmax`, `argMax` and products over nothing. */
export function lowerForDevice(outputs: Outputs): Outputs {
  return mapGraph(outputs, (tensor, remade) => {
    const { operation } = tensor;
    const given = operation.kind === 'input' || operation.kind === 'constant';
    if (!given && remade.dtype !== 'bool' && sizeOf(remade.shape) === 0) return zeros(remade);
    if (operation.kind === 'logSoftmax') return logSoftmax(remade.inputs[0] as Tensor, operation.axis);
    if (operation.kind === 'argMax') return argMax(remade.inputs[0] as Tensor, operation.axis);
    const sums = ['contract', 'segmentSum', 'reduceSum'].includes(operation.kind);
    if (sums && remade.inputs.some(({ shape }) => sizeOf(shape) === 0)) return zeros(remade);
    return remade;
  });
}

function zeros({ dtype, shape }: Tensor): Tensor {
  return broadcast(scalar(0, dtype), shape);
}

/** x − max x − ln Σ e^(x − max x) */
function logSoftmax(x: Tensor, axis: number): Tensor {
  const shifted = sub(x, reduceMax(x, [axis], true));
  return sub(shifted, log(reduceSum(exp(shifted), [axis], true)));
}

/** The least index whose entry is the largest. Exact: float32 holds every index below 2²⁴. */
function argMax(x: Tensor, axis: number): Tensor {
  const size = x.shape[axis] as number;
  const shape = x.shape.map((_, i) => (i === axis ? size : 1));
  const indices = constant(
    Float64Array.from({ length: size }, (_, i) => i),
    shape,
    x.dtype as FloatType,
  );
  const hits = equal(x, reduceMax(x, [axis], true));
  return cast(neg(reduceMax(where(hits, neg(indices), -size), [axis], true)), 'int32');
}
