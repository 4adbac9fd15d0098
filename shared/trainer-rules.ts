/** Which of a trainer's settings mean something for a model. */
import type { ModelKind } from './model-spec.ts';
import type { ParameterRole, TrainerSpec } from './trainer-spec.ts';

/** Settings that only models on the engine know; everything else a trainer may say, all models know. */
const engineSettings = [
  'precision',
  'loss',
  'lossPrecision',
  'schedule',
  'groups',
  'gradientFilter',
  'noise',
  'nesterov',
  'decayToward',
] as const;

/** Models that know the engine's settings, with the roles that their parameters have. */
const rolesOf: Partial<Record<ModelKind, readonly ParameterRole[]>> = {
  transformer: ['embedding', 'hidden', 'readout', 'bias'],
  'moe-transformer': ['embedding', 'hidden', 'readout', 'bias'],
  mlp: ['hidden', 'readout', 'bias'],
  'polynomial-network': ['hidden'],
  'embedding-decoder': ['embedding', 'hidden', 'readout', 'bias'],
  'diagonal-network': ['hidden'],
};

export function trainerFaults(
  { model, trainer }: { model: { kind: ModelKind }; trainer: TrainerSpec },
  fault: (path: string, value: unknown, expected: string) => void,
): void {
  const roles = rolesOf[model.kind];
  if (roles === undefined) {
    const given: Partial<Record<string, unknown>> = trainer;
    for (const setting of engineSettings) {
      if (given[setting] !== undefined)
        fault(`trainer.${setting}`, given[setting], `no such setting: the model "${model.kind}" has none`);
    }
    return;
  }
  const { groups = [] } = trainer;
  groups.forEach((group, i) => {
    const at = `trainer.groups[${i}]`;
    if (!roles.includes(group.role)) {
      const known = roles.map((role) => `"${role}"`).join(', ');
      fault(
        `${at}.role`,
        group.role,
        `a role that the parameters of the model "${model.kind}" have: ${known}`,
      );
    }
    if (groups.findIndex(({ role }) => role === group.role) !== i)
      fault(`${at}.role`, group.role, 'each role once');
    if (group.learningRate === undefined && group.weightDecay === undefined)
      fault(at, group, 'a learningRate, a weightDecay or both beside the role');
  });
  if (trainer.kind === 'sgd' && trainer.nesterov === true && trainer.momentum === 0)
    fault('trainer.momentum', 0, 'a momentum above 0, which nesterov needs');
  if (trainer.kind === 'adamw' && trainer.decayToward !== undefined && decays(trainer) === false)
    fault('trainer.weightDecay', 0, 'a weight decay above 0, which decayToward needs');
}

function decays({ weightDecay, groups = [] }: TrainerSpec): boolean {
  return weightDecay > 0 || groups.some((group) => (group.weightDecay ?? 0) > 0);
}
