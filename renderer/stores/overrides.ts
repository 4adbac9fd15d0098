/** What a user may change before a preset is run: read from text fields, with faults in words at the field. */
import type { StartRequest } from '../../shared/api.ts';
import { MAX_EFFORT } from '../../shared/effort.ts';
import type { Study } from '../../shared/study.ts';

/** As typed; empty means "as the preset says". */
export interface OverrideFields {
  arms: readonly string[];
  seeds: string;
  maxEffort: string;
  device: string;
}

export type OverrideFaults = Partial<Record<keyof OverrideFields, string>>;

export type OverrideResult =
  { request: StartRequest; faults: null } | { request: null; faults: OverrideFaults };

const MAX_SEEDS = 1000;

/** The request that the fields describe, or what is wrong with which field. */
export function readOverrides(study: Study, fields: OverrideFields): OverrideResult {
  const faults: OverrideFaults = {};
  const known = study.arms.map((arm) => arm.id);
  const arms = known.filter((id) => fields.arms.includes(id));
  if (arms.length === 0) faults.arms = 'Choose at least one arm.';
  const seeds = wholeNumber(fields.seeds, MAX_SEEDS);
  if (typeof seeds === 'string') faults.seeds = seeds;
  const maxEffort = wholeNumber(fields.maxEffort, MAX_EFFORT);
  if (typeof maxEffort === 'string') faults.maxEffort = maxEffort;
  if (typeof seeds === 'string' || typeof maxEffort === 'string' || arms.length === 0)
    return { request: null, faults };
  const request: StartRequest = {
    study,
    ...(arms.length === known.length ? {} : { arms }),
    ...(seeds === null ? {} : { seeds }),
    ...(maxEffort === null ? {} : { maxEffort }),
    ...(fields.device === '' ? {} : { device: fields.device }),
  };
  return { request, faults: null };
}

/** The number, null for an empty field, or a sentence about what is wrong. Thousands may be grouped. */
function wholeNumber(text: string, max: number): number | null | string {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const value = groupedDigits(trimmed);
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return value;
  const shown = trimmed.length > 20 ? `${trimmed.slice(0, 19)}…` : trimmed;
  return `Got “${shown}”; expected 1 to ${max.toLocaleString('en-US')}, or nothing.`;
}

/** A number written in digits, whose thousands may be grouped; NaN for anything else. */
export function groupedDigits(text: string): number {
  return /^\d{1,3}([ ,_\u00a0\u202f]?\d{3})*$|^\d+$/.test(text) ? Number(text.replace(/\D/g, '')) : NaN;
}
