/** The learner of an arm. Loaded when needed: a Gaussian process's trainer does not load ONNX Runtime. */
import type { CreateLearner } from './learner.ts';

/** `device` chooses where the engine computes; Gaussian processes and linear models are plain JavaScript. */
export const createLearner: CreateLearner = async (arm, seed, options) => {
  switch (arm.model.kind) {
    case 'transformer':
    case 'mlp': {
      const { createNeuralLearner } = await import('./neural-learner.ts');
      return createNeuralLearner(arm, seed, options);
    }
    case 'gp-classifier': {
      const { createGpClassifierLearner } = await import('../models/gp-classifier.ts');
      return createGpClassifierLearner(arm, seed, { ...options, device: null });
    }
    case 'linear-regression': {
      const { createLinearRegressionLearner } = await import('../models/linear-regression.ts');
      return createLinearRegressionLearner(arm, seed, { ...options, device: null });
    }
  }
};
