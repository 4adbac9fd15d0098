/**
 * Property tests check the same cases at every run of the suite, so that it passes or fails for what changed. With
 * `LATEBLOOM_PROPERTIES=N` they look further: N random cases each, where a test does not say its own number.
 */
import fc from 'fast-check';

const cases = process.env['LATEBLOOM_PROPERTIES'];
fc.configureGlobal(cases === undefined ? { seed: 1 } : { numRuns: Number(cases) });
