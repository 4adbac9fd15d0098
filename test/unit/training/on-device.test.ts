/** State that lies on a device is read back for rows and checkpoints, and for nothing else. */
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../main/engine/devices.ts';
import type { Program } from '../../../main/engine/program.ts';
import { createNeuralLearnerOn } from '../../../main/training/neural-learner.ts';
import { taskFor } from './small-task.ts';
import { adamw, engineOn } from './support.ts';

/** The CPU as if it were a device, and how often state was read from it. */
async function distantEngine(): Promise<{ engine: Engine; reads: () => number }> {
  const near = await engineOn(null);
  let reads = 0;
  const compile: Engine['compile'] = async (outputs, options): Promise<Program> => {
    const program = await near.compile(outputs, options);
    return {
      onDevice: true,
      setState: (values) => {
        program.setState(values);
      },
      state: (names) => {
        reads++;
        return program.state(names);
      },
      run: (feeds) => program.run(feeds),
      runSteps: (feeds, steps) => program.runSteps(feeds, steps),
      dispose: () => program.dispose(),
    };
  };
  return { engine: { ...near, compile }, reads: () => reads };
}

describe('a run whose state lies on a device', () => {
  it('reads it back at the end of a stretch and for a checkpoint, not after every slice', async () => {
    const { engine, reads } = await distantEngine();
    const learner = await createNeuralLearnerOn(engine, taskFor(engine), adamw, 1);
    const near = await engineOn(null);
    const reference = await createNeuralLearnerOn(near, taskFor(near), adamw, 1);
    // A deadline that is over: one update per slice.
    for (let slice = 0; slice < 20; slice++) await learner.advance(100, 0);
    await reference.advance(20, Number.POSITIVE_INFINITY);
    expect(learner.effort).toBe(20);
    expect(reads()).toBe(0);
    expect(() => learner.save()).toThrow(/settle first/);
    await learner.settle?.();
    expect(learner.save()).toEqual(reference.save());
    expect(reads()).toBe(1);
    await learner.advance(25, Number.POSITIVE_INFINITY);
    await reference.advance(25, Number.POSITIVE_INFINITY);
    expect(await learner.evaluate()).toEqual(await reference.evaluate());
    expect(reads()).toBe(2);
    await learner.advance(100, 0);
    expect(await learner.evaluate()).toEqual(await (await reference.advance(26, 0), reference.evaluate()));
    expect(reads()).toBe(3);
    await learner.dispose();
    await reference.dispose();
  });
});
