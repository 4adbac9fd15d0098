/** Which group a group is compared with, and the effect over their common seeds. */
import { comparePaired, type Effect, type PairedComparison } from '../../shared/paired.ts';
import { formatRatio } from '../../shared/format.ts';
import { pointKey } from '../../shared/sweep.ts';
import type { ArmGroup } from '../../shared/charts/groups.ts';
import { durationOf, printQuantity, type SweepQuantity } from '../../shared/charts/sweep-quantities.ts';

/** Said where a baseline is pinned. */
export const baselineRule =
  'An arm that sweeps the same settings as the baseline’s is compared with it point by point, any other with the pinned point';

/**
 * The group that stands for the baseline beside `group`: of the pinned group's arm, the one at the same sweep point where
 * `group` is of another arm and there is one, else the pinned group itself.
 */
export function baselineFor(group: ArmGroup, pinned: ArmGroup, groups: readonly ArmGroup[]): ArmGroup {
  if (group.armKey === pinned.armKey) return pinned;
  const key = pointKey(group.point);
  return groups.find((one) => one.armKey === pinned.armKey && pointKey(one.point) === key) ?? pinned;
}

/** The effect of a group beside its baseline; a sentence where the two cannot be compared. */
export function pairedEffect(
  group: ArmGroup,
  baseline: ArmGroup,
  quantity: SweepQuantity,
  effect: Effect,
): PairedComparison {
  if (quantity !== 'delayRatio' && group.effortUnit !== baseline.effortUnit) {
    const reason = `${group.effortUnit}s and ${baseline.effortUnit}s are different units: compare delay ratios.`;
    return { kind: 'no-pairs', reason: reason.charAt(0).toUpperCase() + reason.slice(1), undefined: 0 };
  }
  const durations = ({ entries }: ArmGroup) =>
    entries
      .filter(({ curve }) => curve.length > 0)
      .map((entry) => ({ seed: entry.run.seed, duration: durationOf(entry, quantity) }));
  return comparePaired(durations(group), durations(baseline), effect);
}

/** "× 2.4", "+ 1,200", "≥ × 2.4" where censored runs leave the upper side open. */
export function effectText(low: number, high: number, quantity: SweepQuantity, effect: Effect): string {
  const print = (value: number): string => boundText(value, quantity, effect);
  if (low === high) return print(low);
  const closedLow = effect === 'ratio' ? low > 0 : low !== -Infinity;
  if (closedLow && high !== Infinity) return `${print(low)} to ${print(high)}`;
  if (closedLow) return `≥ ${print(low)}`;
  if (high !== Infinity) return `≤ ${print(high)}`;
  return 'open: censored';
}

function boundText(value: number, quantity: SweepQuantity, effect: Effect): string {
  if (effect === 'ratio') return `× ${formatRatio(value)}`;
  const size = printQuantity(quantity)(Math.abs(value));
  return value < 0 ? `− ${size}` : `+ ${size}`;
}

/** "93.8 % interval × 1.2 to × 3.4", an open side said. */
export function intervalText(
  { low, high, coverage }: { low: number; high: number; coverage: number },
  quantity: SweepQuantity,
  effect: Effect,
): string {
  const isOpen = (value: number): boolean => !Number.isFinite(value) || (effect === 'ratio' && value === 0);
  const side = (value: number): string => (isOpen(value) ? 'open' : boundText(value, quantity, effect));
  return `${formatCoverage(coverage)} interval ${side(low)} to ${side(high)}`;
}

/** Cut, not rounded: a coverage is promised. */
function formatCoverage(coverage: number): string {
  return `${Math.floor(coverage * 1000 + 1e-9) / 10} %`;
}
