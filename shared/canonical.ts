/**
 * Canonical JSON (RFC 8785 for the values we use): sorted keys, no whitespace; equal values, equal text. Keys whose
 * value is undefined are left out.
 * @throws TypeError for what JSON cannot hold: NaN, infinities, undefined in a list, dates, maps, typed arrays.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new TypeError(`Canonical JSON cannot hold ${value}.`);
    }
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new TypeError(`Canonical JSON cannot hold a ${typeof value}.`);
    return text;
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const kind = Object.prototype.toString.call(value);
  if (kind !== '[object Object]') throw new TypeError(`Canonical JSON cannot hold ${kind}.`);
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`;
}
