/**
 * How many runs of an arm are trained together in lanes of one program.
 *
 * On a CPU lanes share what it costs to call an operation, about a microsecond each, and lose where a run's arrays then
 * no longer fit into a core's cache: sixteen runs of Liu et al.'s toy model (46,640 parameters) in lanes take about five
 * times as long as one after another. Run-steps per second of processor time over those of one run alone, on one core of
 * an AMD EPYC that had other work, too (so that the second digit is not to be relied on):
 *
 *     parameters, largest activation   2 lanes   4     8     16
 *     552, 1350                        1.29      1.65  2.31  2.91
 *     1,640, 2,250                     1.22      1.56  1.78  1.54
 *     4,190, 2,250                     1.09      1.31  1.34  0.80
 *     8,600, 6,400                     1.20      1.32  1.00  1.02
 *     13,340, 4,500                    1.15      1.01  0.94  0.65
 *     46,640, 9,000                    0.48      0.27  0.27  0.19
 *
 * The rule below stays on the winning side of this table. It looks at the arm alone, never at the clock. On a GPU a
 * small run leaves most of the device idle: as many as memory allows are trained together.
 */
import type { ModelKind } from '../../shared/model-spec.ts';
import type { Arm } from '../../shared/study.ts';
import { datasetSizes } from '../../shared/dataset-spec.ts';
import { devices } from '../engine/devices.ts';
import { sizeOf, topological } from '../engine/graph.ts';
import { input } from '../engine/trace.ts';
import { dataShapeOf } from '../model-size.ts';
import { networkFor } from './neural-task.ts';
import { parameterCount } from './training-graph.ts';

export const neuralKinds: readonly ModelKind[] = [
  'transformer',
  'mlp',
  'polynomial-network',
  'embedding-decoder',
];

/** Numbers of one array of all lanes that a core's cache has room for beside the step's other arrays. */
const CACHED = 32_768;
const MOST_ON_CPU = 16;
const MOST_ELSEWHERE = 64;
/** Numbers of all arrays of all lanes on a device with memory of its own: about 5 GB of float32. */
const ON_DEVICE = 1.2e9;
/** Arrays of a step that are held at once: parameters, moments, gradient, and activations with theirs. */
const ARRAYS = 10;

/** @param device the study's; null for the best available */
export function lanesAtOnce(arm: Arm, device: string | null): number {
  if (!neuralKinds.includes(arm.model.kind)) return 1;
  const largest = largestArray(arm);
  const [room, most] =
    hardwareOf(device) === 'cpu'
      ? [CACHED / largest, MOST_ON_CPU]
      : [ON_DEVICE / (ARRAYS * largest), MOST_ELSEWHERE];
  return Math.max(1, Math.min(most, Math.floor(room)));
}

/** @param device a study's; null for the best available, which is a CPU */
export function hardwareOf(device: string | null): (typeof devices)[number]['hardware'] {
  return devices.find(({ id }) => id === device)?.hardware ?? 'cpu';
}

/** All parameters, or the largest activation of a batch. */
function largestArray({ model, dataset, trainer }: Arm): number {
  const shape = dataShapeOf(dataset);
  const network = networkFor(model, shape);
  const { train } = datasetSizes(dataset);
  const batch = trainer.batchSize === 'full' ? train : Math.min(train, trainer.batchSize);
  const inputs =
    shape.kind === 'tokens'
      ? input('inputs', [batch, shape.length], 'int32')
      : input('inputs', [batch, shape.dimensions], 'float32');
  const parameters = Object.fromEntries(
    network.parameters.map(({ name, shape: own }) => [name, input(name, own, 'float32')]),
  );
  const activations = topological([network.logits(parameters, inputs)]).map((tensor) => sizeOf(tensor.shape));
  return Math.max(parameterCount(network), ...activations);
}
