import { expect, it } from 'vitest';
import { formatBytes } from '../../../shared/format.ts';

it('bytes read in decimal units', () => {
  expect([0, 999, 1000, 3_240_000, 5e13].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1 kB',
    '3.24 MB',
    '50 TB',
  ]);
});
