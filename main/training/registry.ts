/** The learner of an arm. Loaded when needed: the trainer of a small Gaussian process does not load ONNX Runtime. */
import type { CreateLearner, CreateLearners } from './learner.ts';
import { neuralKinds } from './lane-count.ts';

/** `device` chooses where the engine computes; all families but the neural ones compute in float64 on the CPU. */
export const createLearner: CreateLearner = async (arm, seed, options) => {
  switch (arm.model.kind) {
    case 'transformer':
    case 'moe-transformer':
    case 'mlp':
    case 'polynomial-network':
    case 'embedding-decoder':
    case 'diagonal-network': {
      const { createNeuralLearner } = await import('./neural-learner.ts');
      return createNeuralLearner(arm, seed, options);
    }
    case 'gp-classifier': {
      const { createGpClassifierLearner } = await import('../models/gp-classifier.ts');
      return createGpClassifierLearner(arm, seed, { ...options, device: null });
    }
    case 'gp-regression': {
      const { createGpRegressionLearner } = await import('../models/gp-regression.ts');
      return createGpRegressionLearner(arm, seed, { ...options, device: null });
    }
    case 'linear-regression': {
      const { createLinearRegressionLearner } = await import('../models/linear-regression.ts');
      return createLinearRegressionLearner(arm, seed, { ...options, device: null });
    }
    case 'linear-estimator': {
      const { createLinearEstimatorLearner } = await import('../models/linear-estimator.ts');
      return createLinearEstimatorLearner(arm, seed, { ...options, device: null });
    }
    case 'bayesian-network': {
      const { createBayesianLearner } = await import('../models/bayesian-learner.ts');
      return createBayesianLearner(arm, seed, options);
    }
    case 'kernel-ridge': {
      const { createKernelRidgeLearner } = await import('../models/kernel-ridge.ts');
      return createKernelRidgeLearner(arm, seed, { ...options, device: null });
    }
    case 'ridge-path': {
      const { createRidgePathLearner } = await import('../models/ridge-path.ts');
      return createRidgePathLearner(arm, seed, { ...options, device: null });
    }
    case 'random-forest': {
      const { createRandomForestLearner } = await import('../models/random-forest.ts');
      return createRandomForestLearner(arm, seed, { ...options, device: null });
    }
  }
};

/** Neural runs in lanes of one program, wherever their updates are of one structure; others beside each other. */
export const createLearners: CreateLearners = async (runs, options) => {
  const kinds = new Set(runs.map(({ arm }) => arm.model.kind));
  if ([...kinds].every((kind) => neuralKinds.includes(kind))) {
    const { createNeuralLearners } = await import('./neural-learner.ts');
    return createNeuralLearners(runs, options);
  }
  return Promise.all(runs.map(({ arm, seed }) => createLearner(arm, seed, options)));
};
