/** Undo and redo over snapshots that share what they have in common. Every function returns a new history. */

export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
  /** Changes of this group that follow one another are one step; null: the next change is a step of its own. */
  group: string | null;
}

const MAX_STEPS = 500;

export function historyOf<T>(present: T): History<T> {
  return { past: [], present, future: [], group: null };
}

/** @param group changes in a row of the same group (typing in one field) are undone together */
export function recorded<T>(history: History<T>, present: T, group: string | null): History<T> {
  if (present === history.present) return history;
  const joins = group !== null && group === history.group;
  const past = joins ? history.past : [...history.past, history.present].slice(-MAX_STEPS);
  return { past, present, future: [], group };
}

/** The next change is a step of its own, whatever its group. */
export function sealed<T>(history: History<T>): History<T> {
  return history.group === null ? history : { ...history, group: null };
}

export function undone<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  const [before] = past.slice(-1);
  if (before === undefined) return history;
  return { past: past.slice(0, -1), present: before, future: [present, ...future], group: null };
}

export function redone<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  const [next, ...rest] = future;
  if (next === undefined) return history;
  return { past: [...past, present], present: next, future: rest, group: null };
}
