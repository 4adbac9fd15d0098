/** A claim for tests of what happens to claims when their study changes. */
import type { Claim } from '../../../shared/study.ts';

export function startingClaim(arm: string, id = 'fits'): Claim {
  return {
    id,
    text: `The arm ${arm} fits.`,
    source: 'here',
    check: { left: { arm, quantity: 'fitStep', statistic: 'median' }, op: '>', right: 0 },
  };
}
