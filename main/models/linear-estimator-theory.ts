/**
 * What Levi, Beck, Bar-Sinai 2023 (arXiv 2310.16441) predict for a linear student that learns a linear teacher from
 * standard normal inputs by full-batch gradient descent, d_out = 1.
 *
 * With D = S − T and the eigenvalues ν of XᵀX/N after Marchenko–Pastur, learning rate η, weight decay γ, and student
 * weights α times as large at the start as the teacher's (equation 15; α is §3.1.3, "Effects of initialization"):
 *   L = |T|² E[ (α² aᵗ·aᵗ + ((aᵗ ν + γ/2) / (ν + γ/2))²) q ],  q = ν for training, q = 1 for generalization,
 * with |T|² = ½, as T ~ N(0, 1/(2d)). aᵗ is exp(−2η(ν + γ/2)t) in the gradient flow of the paper, and
 * (1 − 2η(ν + γ/2))ᵗ for the discrete updates of equation 14, of which the flow is the limit of small η.
 *
 * Accuracy is the share of examples whose squared error is below ε; the error is normal with variance L (equation 10).
 */
import { logNormalCdf } from '../linalg/normal.ts';
import { expectation, type Spectrum } from './marchenko-pastur.ts';

export interface Dynamics {
  spectrum: Spectrum;
  learningRate: number;
  weightDecay: number;
  /** α: the student's initial standard deviation over the teacher's. */
  initialScale: number;
  time: 'gradient-flow' | 'gradient-descent';
}

export interface Losses {
  train: number;
  test: number;
}

/** E[|T|²] for T ~ N(0, 1/(2d)). */
const TEACHER_SQUARED_NORM = 0.5;

/** Expected losses after `steps` updates. */
export function predictedLosses(dynamics: Dynamics, steps: number): Losses {
  const { spectrum } = dynamics;
  return {
    train: expectation(spectrum, (eigenvalue) => squaredDistance(dynamics, eigenvalue, steps) * eigenvalue),
    test: expectation(spectrum, (eigenvalue) => squaredDistance(dynamics, eigenvalue, steps)),
  };
}

/** The expected square of D along one eigenvector of the training covariance, times d. */
export function squaredDistance(dynamics: Dynamics, eigenvalue: number, steps: number): number {
  const { learningRate, weightDecay, initialScale, time } = dynamics;
  const rate = 2 * learningRate * (eigenvalue + weightDecay / 2);
  const left = time === 'gradient-flow' ? Math.exp(-rate * steps) : (1 - rate) ** steps;
  // Without weight decay a flat direction keeps the teacher's component whole: the limit of the fraction is aᵗ = 1.
  const shift = weightDecay / 2;
  const missing = rate === 0 ? 1 : (left * eigenvalue + shift) / (eigenvalue + shift);
  return TEACHER_SQUARED_NORM * ((initialScale * left) ** 2 + missing ** 2);
}

/** Erf(√(ε / 2L)): the expected accuracy at a loss L (equation 10). */
export function accuracyAtLoss(loss: number, errorTolerance: number): number {
  if (loss === 0) return 1;
  return 1 - 2 * Math.exp(logNormalCdf(-Math.sqrt(errorTolerance / loss)));
}

/** The delay between the accuracies reaching Erf(√2) in the limit of ε → 0, in updates (equation 12); λ below 1. */
export function asymptoticDelay(lambda: number, learningRate: number): number {
  const gap = 1 - Math.sqrt(lambda);
  return Math.log(1 / gap) / (2 * learningRate * gap ** 2);
}

/** Losses as time goes to infinity: the floor that generalization keeps for λ ≥ 1, or with weight decay (equation 16). */
export function finalLosses(dynamics: Dynamics): Losses {
  const flow: Dynamics = { ...dynamics, time: 'gradient-flow' };
  return predictedLosses(flow, Number.MAX_VALUE);
}

/**
 * The first update after which a predicted loss is at most `level`; null when it stays above it for 10⁸ updates. A loss
 * without weight decay falls monotonically; with it, crossings that last less than 1 % of the effort may be missed.
 */
export function predictedStep(dynamics: Dynamics, split: keyof Losses, level: number): number | null {
  const isPast = (steps: number): boolean => predictedLosses(dynamics, steps)[split] <= level;
  if (isPast(0)) return 0;
  const growth = dynamics.weightDecay === 0 ? 2 : 1.01;
  let before = 0;
  let past = 1;
  while (!isPast(past)) {
    if (past >= LATEST_STEP) return null;
    before = past;
    past = Math.ceil(past * growth);
  }
  while (past - before > 1) {
    const middle = Math.floor((before + past) / 2);
    if (isPast(middle)) past = middle;
    else before = middle;
  }
  return past;
}

/** The largest budget of a study. */
const LATEST_STEP = 1e8;
