import type { DatasetSpec } from '../../shared/dataset-spec.ts';
import type { Dataset } from './dataset.ts';
import { buildHiddenParity } from './hidden-parity.ts';
import { buildModularAddition } from './modular-addition.ts';
import { buildSlopeRegression } from './slope-regression.ts';
import { buildZeroOne } from './zero-one.ts';

/**
 * The data a spec describes, for one seed: the same spec and seed give the same arrays on every machine. Split sizes
 * are those of `datasetSizes`; that enough points exist is checked by `parseStudy`.
 */
export function buildDataset(spec: DatasetSpec, seed: number): Dataset {
  switch (spec.kind) {
    case 'modular-addition':
      return buildModularAddition(spec, seed);
    case 'hidden-parity':
      return buildHiddenParity(spec, seed);
    case 'zero-one':
      return buildZeroOne(spec, seed);
    case 'slope-regression':
      return buildSlopeRegression(spec, seed);
  }
}
