/** Options of networks that do not fit one another or the data are refused in words. */
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../shared/errors.ts';
import {
  startingArm,
  startingDatasets,
  startingModels,
  startingStudy,
} from '../../../shared/starting-arms.ts';
import { parseStudy } from '../../../shared/study.ts';

function faultsOf(arm: object): string[] {
  try {
    parseStudy({ ...startingStudy(), arms: [arm] });
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.faults.map(({ path, value, expected }) => `${path}: got ${value}; expected ${expected}`);
  }
}

const analytic = {
  ...startingModels.mlp,
  activation: 'quadratic',
  outputBias: false,
  hiddenBiases: false,
  init: 'gromov-analytic',
};
const addition = { ...startingArm('mlp'), dataset: startingDatasets['modular-addition'] };
const full = { ...addition, trainer: { ...addition.trainer, batchSize: 'full' } };

describe('the analytic solution', () => {
  it('is for addition, and for the network that it was made for', () => {
    expect(faultsOf({ ...full, model: analytic })).toEqual([]);
    const division = { ...full, dataset: startingDatasets['modular-arithmetic'], model: analytic };
    expect(faultsOf(division)).toEqual([
      'arms[0].model.init: got "gromov-analytic"; expected a distribution: the analytic weights solve modular addition only',
    ]);
    const other = { ...analytic, hidden: [8, 8], activation: 'relu', hiddenBiases: true, outputBias: true };
    expect(faultsOf({ ...full, model: other }).map((fault) => fault.split(';')[0])).toEqual([
      'arms[0].model.hidden: got [8,8]',
      'arms[0].model.activation: got "relu"',
      'arms[0].model.hiddenBiases: got true',
      'arms[0].model.outputBias: got true',
    ]);
  });
});

describe('one output for two classes', () => {
  it('needs two classes', () => {
    const model = { ...startingModels.mlp, singleOutput: true };
    expect(faultsOf({ ...startingArm('mlp'), model })).toEqual([]);
    expect(faultsOf({ ...full, model })).toEqual([
      'arms[0].model.singleOutput: got true; expected false, or a dataset of two classes, which one output can tell apart',
    ]);
  });
});

describe('a tied embedding', () => {
  it('has no readout whose settings could differ', () => {
    const arm = startingArm('transformer');
    const model = { ...arm.model, tiedEmbedding: true };
    expect(faultsOf({ ...arm, model })).toEqual([]);
    const groups = [{ role: 'readout', learningRate: 0.1 }];
    expect(faultsOf({ ...arm, model, trainer: { ...arm.trainer, groups } })).toEqual([
      'arms[0].trainer.groups[0].role: got "readout"; expected "embedding": with a tied embedding there is no readout of its own',
    ]);
  });
});

it('the closed form of the test loss does not describe a centred network', () => {
  const arm = { ...startingArm('polynomial-network'), measures: ['loss-decomposition'] };
  expect(faultsOf(arm)).toEqual([]);
  expect(faultsOf({ ...arm, model: { ...arm.model, centred: true } })).toEqual([
    'arms[0].measures[0]: got "loss-decomposition"; expected a measure that fits: this one needs a polynomial network, not centred, on single-index data',
  ]);
});
