/**
 * Euclidean norm of every named parameter, and the sum of squared weights over all (Nanda et al. 2023, §5.1: the
 * progress measure of the cleanup phase; `sum_sq_weights` of their code). Summed in float64.
 */
import { sizeOf } from '../engine/graph.ts';
import { measureColumn, type CreateMeasure } from './measure.ts';

export const createWeightNorms: CreateMeasure = ({ network }) => {
  const { parameters } = network;
  return Promise.resolve({
    columns: [
      ...parameters.map(({ name }) =>
        measureColumn(`norm:${name}`, `norm of ${name}`, 'norm of a parameter'),
      ),
      measureColumn('sumOfSquares', 'sum of squared weights', 'sum of squared weights'),
    ],
    panels: [],
    evaluate: (values) => {
      let start = 0;
      const squares = parameters.map(({ shape }) => {
        let sum = 0;
        const end = start + sizeOf(shape);
        while (start < end) sum += (values[start++] as number) ** 2;
        return sum;
      });
      const total = squares.reduce((sum, square) => sum + square, 0);
      return Promise.resolve({ columns: [...squares.map(Math.sqrt), total], arrays: {} });
    },
    dispose: () => Promise.resolve(),
  });
};
