/**
 * A preset and its scales: the paper's exact setting, and where that takes long a reduced one that shows the same
 * phenomenon on two cores within minutes and says what was changed.
 */
import type { Study } from './study.ts';

/** A shipped study, with its notes. */
export interface Preset {
  /** `study.json`: the paper's scale where there is another one too. */
  study: Study;
  /** `cpu.json`; null where there is one scale only. */
  cpu: Study | null;
  /** `notes.md`: citation, figure, what was taken from where, deviations. Markdown. */
  notes: string;
}

export const scaleNames = ['cpu', 'paper'] as const;
export type ScaleName = (typeof scaleNames)[number];

export interface ScaledStudy {
  scale: ScaleName;
  study: Study;
}

/** The quick one first: it is what runs where nothing is said. */
export function scalesOf({ study, cpu }: Pick<Preset, 'study' | 'cpu'>): [ScaledStudy, ...ScaledStudy[]] {
  const own: ScaledStudy = { scale: study.scale?.name ?? 'paper', study };
  return cpu === null ? [own] : [{ scale: 'cpu', study: cpu }, own];
}

/** A preset at a scale, or at its only one; at its quick one where none is asked for. Null where it has no such scale. */
export function atScale(preset: Pick<Preset, 'study' | 'cpu'>, scale: ScaleName | null): ScaledStudy | null {
  const scales = scalesOf(preset);
  return scale === null ? scales[0] : (scales.find((one) => one.scale === scale) ?? null);
}

/** The preset that a study's id names at some scale, and that scale; null for the id that all scales share. */
export function findPreset<P extends Pick<Preset, 'study' | 'cpu'>>(
  presets: readonly P[],
  id: string,
): { preset: P; scale: ScaleName | null } | null {
  for (const preset of presets) {
    if (preset.study.id === id) return { preset, scale: null };
    if (preset.cpu?.id === id) return { preset, scale: 'cpu' };
  }
  return null;
}

export const scaleTitles: Record<ScaleName, string> = {
  cpu: 'cpu scale',
  paper: 'paper scale',
};

/** What a scale differs in from the paper: nothing at the paper's. */
export function changesOf({ scale }: Pick<Study, 'scale'>): readonly string[] {
  return scale?.name === 'cpu' ? scale.changes : [];
}

/** The folder's name of a preset, whatever the scale of one of its studies. */
export function presetIdOf(studyId: string): string {
  return studyId.replace(/-cpu$/, '');
}
