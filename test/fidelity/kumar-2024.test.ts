/**
 * Kumar et al. 2024 (arXiv 2310.06110): polynomial regression by a network without weight decay, against their closed
 * form of the test loss (equation 6) and what they report of such runs (Figures 3 and 4), at half their dimension.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { createLearner } from '../../main/training/registry.ts';
import { parseStudy, type Arm } from '../../shared/study.ts';

const efforts = [0, 10, 100, 300, 550, 1000, 2000, 3000, 5000];

function armFor(outputScale: number): Arm {
  const arm = {
    id: 'polynomial',
    title: 'Polynomial regression',
    dataset: { kind: 'single-index', dimensions: 50, trainSize: 275, testSize: 20_000 },
    model: { kind: 'polynomial-network', hidden: 250, outputScale, quadratic: 0.25 },
    trainer: {
      kind: 'sgd',
      learningRate: 200 / outputScale ** 2,
      weightDecay: 0,
      momentum: 0,
      batchSize: 'full',
      loss: 'mse',
    },
    budget: { maxEffort: 5000 },
    thresholds: { metric: 'loss', train: 0.05, test: 0.05, sustain: 1 },
    record: { every: 50, perDecade: 10 },
    measures: ['loss-decomposition'],
    seeds: [0],
  };
  const study = {
    schemaVersion: 1,
    id: 'kumar',
    title: 'Kumar et al. 2024',
    question: 'Does a lazy network become a rich one?',
    paper: null,
    arms: [arm],
    claims: [],
  };
  return parseStudy(study).arms[0] as Arm;
}

type Row = Record<string, number>;

async function rowsOf(arm: Arm): Promise<Row[]> {
  const learner = await createLearner(arm, 0, { threads: 1, device: null });
  const rows: Row[] = [];
  try {
    for (const effort of efforts) {
      while (learner.effort < effort) await learner.advance(effort, Infinity);
      const values = await learner.evaluate(true);
      rows.push(Object.fromEntries(learner.columns.map(({ name }, i) => [name, values[i] as number])));
    }
    return rows;
  } finally {
    await learner.dispose();
  }
}

const at = (rows: readonly Row[], effort: number, column: string): number =>
  rows[efforts.indexOf(effort)]?.[column] as number;

let rich: Row[];
let lazy: Row[];

beforeAll(async () => {
  rich = await rowsOf(armFor(1));
  lazy = await rowsOf(armFor(4));
}, 120_000);

describe('the test loss along a run', () => {
  it('is that of equation 6, up to the draw of 20,000 test examples', () => {
    for (const rows of [rich, lazy]) {
      rows.forEach((row, i) => {
        const { testLoss, expectedTestLoss } = row as { testLoss: number; expectedTestLoss: number };
        expect(Math.abs(testLoss / expectedTestLoss - 1), `effort ${efforts[i]}`).toBeLessThan(0.06);
      });
    }
  });

  it('falls late, with the misalignment between features and β, while the training loss is low', () => {
    expect(at(rich, 550, 'trainLoss')).toBeLessThan(0.06);
    expect(at(rich, 550, 'testLoss')).toBeGreaterThan(0.3);
    expect(at(rich, 5000, 'testLoss')).toBeLessThan(0.06);
    const share = at(rich, 550, 'lossOfMisalignment') / at(rich, 550, 'expectedTestLoss');
    expect(share).toBeGreaterThan(0.5);
  });

  it('falls later the lazier the network', () => {
    for (const effort of [1000, 2000, 5000]) {
      expect(at(lazy, effort, 'testLoss')).toBeGreaterThan(2 * at(rich, effort, 'testLoss'));
    }
  });

  it('falls while the norm of the weights grows', () => {
    expect(at(rich, 5000, 'weightNorm')).toBeGreaterThan(at(rich, 550, 'weightNorm'));
  });
});
