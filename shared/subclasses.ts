/** How many examples each subclass gets: equation 1 of Carvalho et al. 2025 (arXiv 2502.01774). */

/** The paper's two datasets: classes, and subclasses of each. */
export const subclassLayout = {
  equidistant: { classes: 4, subclassesPerClass: 2 },
  equivariant: { classes: 4, subclassesPerClass: 10 },
} as const;

/** Bits of a subclass's code word (the paper's p), the inputs that each bit takes (its r), and all inputs: 117. */
export const codeBits = 9;
export const blockDimensions = 13;
export const subclassDimensions = codeBits * blockDimensions;

/** Images of handwritten digits that the program ships, and the pixels of one. */
export const mnistImages = 10_000;
export const mnistPixels = 28 * 28;

/** Examples of every rare and of every kept subclass, and how many subclasses of each sort there are. */
export interface SubclassSamples {
  rare: number;
  kept: number;
  rareSubclasses: number;
  keptSubclasses: number;
}

/**
 * Equation 1: s_s = ⌈f γD / (f γs + γr)⌉ examples of each rare subclass, s_r = ⌊γD / (f γs + γr)⌋ of each kept one, for
 * γs rare and γr kept subclasses. 84 and 416 for γD = 2000, f = 0.2, γs = γr = 4. Quotients within 1e-9 of an integer
 * count as it, so that rounding in f does not add or remove an example.
 */
export function equationOne(
  total: number,
  fraction: number,
  rareSubclasses: number,
  keptSubclasses: number,
): { rare: number; kept: number } {
  const weight = fraction * rareSubclasses + keptSubclasses;
  return {
    rare: Math.max(0, Math.ceil((fraction * total) / weight - 1e-9)),
    kept: Math.floor(total / weight + 1e-9),
  };
}

export function subclassSamples(spec: {
  structure: keyof typeof subclassLayout;
  total: number;
  fraction: number;
  rarePerClass: number;
}): SubclassSamples {
  const { classes, subclassesPerClass } = subclassLayout[spec.structure];
  const rareSubclasses = classes * spec.rarePerClass;
  const keptSubclasses = classes * subclassesPerClass - rareSubclasses;
  const samples = equationOne(spec.total, spec.fraction, rareSubclasses, keptSubclasses);
  return { ...samples, rareSubclasses, keptSubclasses };
}

/** The same within each digit of MNIST. */
export function digitSamples(spec: {
  clusters: number;
  rarePerClass: number;
  fraction: number;
  totalPerDigit: number;
}): { rare: number; kept: number } {
  const { clusters, rarePerClass, fraction, totalPerDigit } = spec;
  return equationOne(totalPerDigit, fraction, rarePerClass, clusters - rarePerClass);
}
