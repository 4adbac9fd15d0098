/** Which class a model answers where, over the plane of two inputs, with the examples on it. */
import type { RegionsPanel } from '../../shared/snapshot.ts';
import type { Dataset } from '../datasets/dataset.ts';

/** Points of the grid along each input. */
const ACROSS = 61;
/** Of the range of the data, on either side. */
const MARGIN = 0.1;
const MOST_EXAMPLES = 400;

/** Examples of two inputs each: inputs [n, 2], labels [n]. */
export interface PlaneSplit {
  inputs: Float64Array;
  labels: Int32Array;
}

export class DecisionRegions {
  readonly panel: RegionsPanel;
  /** Where the model is asked: [61 · 61, 2], row after row of the picture. */
  readonly grid: Float64Array;
  readonly #fixed: Record<string, Float64Array>;

  constructor(train: PlaneSplit, test: PlaneSplit, classes: readonly string[]) {
    const x = gridAlong([train.inputs, test.inputs], 0);
    const y = gridAlong([train.inputs, test.inputs], 1);
    this.grid = Float64Array.from({ length: 2 * ACROSS * ACROSS }, (_, at) => {
      const point = at >> 1;
      return (at % 2 === 0 ? x[point % ACROSS] : y[Math.floor(point / ACROSS)]) as number;
    });
    this.#fixed = {
      'regions.x': x,
      'regions.y': y,
      ...examples('train', train),
      ...examples('test', test),
    };
    const cut = [train, test].some(({ labels }) => labels.length > MOST_EXAMPLES)
      ? ` Of each split ${MOST_EXAMPLES} examples, evenly spaced.`
      : '';
    this.panel = {
      kind: 'regions',
      name: 'regions',
      title: 'Decision regions',
      description: `The class that the model answers at ${ACROSS} × ${ACROSS} places of the plane of its two inputs.${cut}`,
      xLabel: 'first input',
      yLabel: 'second input',
      classes: [...classes],
    };
  }

  /** Of vectors of two inputs with classes; null for other data. */
  static of(dataset: Dataset): DecisionRegions | null {
    if (dataset.kind !== 'vectors' || dataset.dimensions !== 2) return null;
    const { train, test, classNames, classes } = dataset;
    return new DecisionRegions(
      train,
      test,
      classNames ?? Array.from({ length: classes }, (_, i) => String(i)),
    );
  }

  /** @param answers the class at every place of the grid */
  arrays(answers: ArrayLike<number>, first: boolean): Record<string, Float64Array> {
    return { ...(first ? this.#fixed : {}), 'regions.z': Float64Array.from(answers) };
  }
}

/** Index of the largest of each row's scores [n, classes]; of equal ones the first. */
export function largestOf(scores: ArrayLike<number>, classes: number): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if ((scores[row * classes + c] as number) > (scores[row * classes + best] as number)) best = c;
    }
    return best;
  });
}

function gridAlong(splits: readonly Float64Array[], axis: 0 | 1): Float64Array {
  let [low, high] = [Infinity, -Infinity];
  for (const inputs of splits) {
    for (let i = axis; i < inputs.length; i += 2) {
      low = Math.min(low, inputs[i] as number);
      high = Math.max(high, inputs[i] as number);
    }
  }
  const pad = MARGIN * (high - low || 1);
  const step = (high - low + 2 * pad) / (ACROSS - 1);
  return Float64Array.from({ length: ACROSS }, (_, i) => low - pad + i * step);
}

function examples(split: 'train' | 'test', { inputs, labels }: PlaneSplit): Record<string, Float64Array> {
  const shown = Math.min(MOST_EXAMPLES, labels.length);
  const rows = Array.from({ length: shown }, (_, i) =>
    shown === 1 ? 0 : Math.round((i * (labels.length - 1)) / (shown - 1)),
  );
  return {
    [`regions.${split}X`]: Float64Array.from(rows, (row) => inputs[2 * row] as number),
    [`regions.${split}Y`]: Float64Array.from(rows, (row) => inputs[2 * row + 1] as number),
    [`regions.${split}Class`]: Float64Array.from(rows, (row) => labels[row] as number),
  };
}
