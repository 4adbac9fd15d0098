import type { SingleIndexSpec } from '../../shared/dataset-spec.ts';
import { Random } from '../../shared/random.ts';
import type { RegressionDataset, RegressionSplit } from './dataset.ts';

/**
 * y = ½ (β·x)², inputs [n, D] with x ~ N(0, I/D), targets [n]. Kumar et al. 2024 (arXiv 2310.06110), polynomial
 * regression, equation 3. The paper gives no distribution for β; β ~ N(0, I) is that of the supplement's re-hosted
 * notebook and makes |β|² close to D, the scale of equation 6. The notebook has D = 100 and 550 training examples;
 * Figure 9 compares P = 50, 120 and 500.
 *
 * Streams: `teacher` gives β, `data` the training and `test` the test inputs. A larger set begins with the smaller one.
 */
export function buildSingleIndex(spec: SingleIndexSpec, seed: number): RegressionDataset {
  const { dimensions, trainSize, testSize } = spec;
  const beta = singleIndexDirection(dimensions, seed);
  const deviation = 1 / Math.sqrt(dimensions);
  const draw = (n: number, random: Random): RegressionSplit => {
    const inputs = Float64Array.from({ length: n * dimensions }, () => deviation * random.normal());
    const targets = Float64Array.from({ length: n }, (_, i) => {
      let projection = 0;
      for (let j = 0; j < dimensions; j++) {
        projection += (beta[j] as number) * (inputs[i * dimensions + j] as number);
      }
      return projection ** 2 / 2;
    });
    return { n, inputs, targets };
  };
  return {
    kind: 'regression',
    dimensions,
    outputs: 1,
    train: draw(trainSize, Random.stream(seed, 'data')),
    test: draw(testSize, Random.stream(seed, 'test')),
  };
}

/** β of a seed, [dimensions]: for the closed form of the test loss (equation 6). */
export function singleIndexDirection(dimensions: number, seed: number): Float64Array {
  const random = Random.stream(seed, 'teacher');
  return Float64Array.from({ length: dimensions }, () => random.normal());
}
