/** Hjorth's descriptors of a series (Hjorth 1970, Electroencephalogr. Clin. Neurophysiol. 29, 306–310). */

/**
 * Activity: the variance of the values (divided by n). By Parseval's theorem it is the energy of the series' spectrum
 * without its constant, Σ_{k≠0} |X_k|² / n² for X = DFT(x). 0 for fewer than two values.
 */
export function hjorthActivity(values: ArrayLike<number>): number {
  const n = values.length;
  if (n === 0) return 0;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += (values[i] as number) / n;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += ((values[i] as number) - mean) ** 2;
  return sum / n;
}
