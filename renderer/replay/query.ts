/** What an address says of a replay beside its run: which run stands beside it, and what the two share. */
import type { Alignment } from './timeline.ts';

export interface ReplayQuery {
  /** Id of the second run; null for none. */
  beside: string | null;
  align: Alignment;
}

export function parseReplayQuery(query: string): ReplayQuery {
  const asked = new URLSearchParams(query);
  const beside = asked.get('beside');
  return {
    beside: beside === '' ? null : beside,
    align: asked.get('align') === 'fit' ? 'fit' : 'effort',
  };
}

export function replayQuery({ beside, align }: ReplayQuery): string {
  const asked = new URLSearchParams();
  if (beside !== null) asked.set('beside', beside);
  if (beside !== null && align !== 'effort') asked.set('align', align);
  return asked.toString();
}
