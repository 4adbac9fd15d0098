/** Every paper that the program is to have is a preset, at the scales it is due at, and says how each claim is known. */
import { describe, expect, it } from 'vitest';
import { readPresets } from '../../../main/presets.ts';
import { isPublished } from '../../../shared/claim-source.ts';
import { scalesOf } from '../../../shared/preset.ts';

/** Paper scale and a reduced one. */
const atBothScales = [
  ...[
    'carvalho-2025',
    'fan-2024',
    'grokfast-2024',
    'gromov-2023',
    'huang-2024',
    'kumar-2024',
    'liu-2022',
    'liu-2022-transformer',
    'liu-2023-omnigrok',
  ],
  ...['lyu-2023', 'nanda-2023', 'nanda-2023-controls', 'notsawo-2023', 'power-2022', 'prieto-2025'],
  ...['thilak-2022', 'wang-2024'],
];
/** The paper's sizes take minutes on two cores. */
const quickAsPublished = ['levi-2023', 'merrill-2023', 'miller-2023', 'miller-2023-concealment'];
/** The paper's model or data cannot be had here: one small analogue, which says what differs. */
const analogues = ['huang-2024-emergence', 'li-2025', 'zhu-2024', 'zunkovic-2022'];

const presets = await readPresets();
const byId = new Map(presets.map((preset) => [preset.study.id, preset]));
const scales = presets.flatMap((preset) => scalesOf(preset));

function scaleNamesOf(id: string): (string | undefined)[] {
  const preset = byId.get(id);
  return preset === undefined ? [] : [preset.study, preset.cpu].map((study) => study?.scale?.name);
}

describe('the papers', () => {
  it.each(atBothScales)('%s has both scales', (id) => {
    expect(scaleNamesOf(id)).toEqual(['paper', 'cpu']);
  });

  it.each(quickAsPublished)('%s is quick as it is, and has no other scale', (id) => {
    expect(byId.get(id)).toMatchObject({ cpu: null });
    expect(scaleNamesOf(id)[0]).not.toBe('cpu');
  });

  it.each(analogues)('%s is a small scale only, and its notes call it an analogue', (id) => {
    expect(scaleNamesOf(id)).toEqual(['cpu', undefined]);
    expect(byId.get(id)?.notes).toContain('analogue');
  });

  it('are all that is shipped', () => {
    expect([...byId.keys()].sort()).toEqual([...atBothScales, ...quickAsPublished, ...analogues].sort());
  });
});

describe.each(scales.map(({ study }) => [study.id, study] as const))('the claims of %s', (_, { claims }) => {
  it('say how they are known', () => {
    expect(claims.filter(({ provenance }) => provenance === undefined).map(({ id }) => id)).toEqual([]);
  });

  it('quote only what was read, one sentence each', () => {
    for (const claim of claims) {
      if (claim.quote === undefined) continue;
      expect(isPublished(claim), claim.id).toBe(true);
      expect(claim.quote, claim.id).not.toMatch(/[.!?] [A-Z]/);
    }
  });

  it('do not call published what is recalled or reported by others', () => {
    for (const claim of claims) {
      if (claim.provenance !== 'recalled' && claim.provenance !== 'third-party') continue;
      expect(`${claim.text} ${claim.source}`, claim.id).not.toMatch(/published/i);
    }
  });
});
