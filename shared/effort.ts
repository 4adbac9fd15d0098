/** The largest budget that a run can have, in efforts. */
export const MAX_EFFORT = 100_000_000;
