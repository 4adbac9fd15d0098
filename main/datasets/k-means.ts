import type { Random } from '../../shared/random.ts';

const maxRounds = 100;

/**
 * k-means by Lloyd's algorithm from k-means++ starts (Arthur & Vassilvitskii 2007): the cluster of each point, [n].
 * Clusters are numbered from the largest to the smallest. Ends when no point changes its cluster, after 100 rounds at
 * most.
 * @param points [n, dimensions]
 */
export function kMeans(
  points: Float64Array,
  dimensions: number,
  clusters: number,
  random: Random,
): Int32Array {
  const n = points.length / dimensions;
  const centres = plusPlusCentres(points, dimensions, clusters, random);
  const assigned = new Int32Array(n).fill(-1);
  for (let round = 0; round < maxRounds; round++) {
    let changed = 0;
    for (let i = 0; i < n; i++) {
      const nearest = nearestCentre(points, i, centres, clusters, dimensions);
      if (nearest !== assigned[i]) changed += 1;
      assigned[i] = nearest;
    }
    if (changed === 0) break;
    moveCentres(points, assigned, centres, clusters, dimensions);
  }
  return bySize(assigned, clusters);
}

/**
 * The first centre is a point at random; each further one a point with probability in proportion to its squared
 * distance.
 */
function plusPlusCentres(points: Float64Array, d: number, clusters: number, random: Random): Float64Array {
  const n = points.length / d;
  const centres = new Float64Array(clusters * d);
  const nearest = new Float64Array(n).fill(Infinity);
  let chosen = random.integer(n);
  for (let c = 0; c < clusters; c++) {
    centres.set(points.subarray(chosen * d, (chosen + 1) * d), c * d);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      nearest[i] = Math.min(nearest[i] as number, squaredDistance(points, i, centres, c, d));
      sum += nearest[i] as number;
    }
    let left = random.uniform() * sum;
    chosen = 0;
    while (chosen < n - 1 && (left -= nearest[chosen] as number) >= 0) chosen++;
  }
  return centres;
}

function nearestCentre(
  points: Float64Array,
  i: number,
  centres: Float64Array,
  clusters: number,
  d: number,
): number {
  let best = 0;
  let least = Infinity;
  for (let c = 0; c < clusters; c++) {
    const distance = squaredDistance(points, i, centres, c, d);
    if (distance < least) {
      least = distance;
      best = c;
    }
  }
  return best;
}

function squaredDistance(
  points: Float64Array,
  i: number,
  centres: Float64Array,
  c: number,
  d: number,
): number {
  let sum = 0;
  for (let k = 0; k < d; k++) {
    const difference = (points[i * d + k] as number) - (centres[c * d + k] as number);
    sum += difference * difference;
  }
  return sum;
}

/** A centre without points stays where it is. */
function moveCentres(
  points: Float64Array,
  assigned: Int32Array,
  centres: Float64Array,
  clusters: number,
  d: number,
): void {
  const sizes = new Int32Array(clusters);
  const sums = new Float64Array(clusters * d);
  assigned.forEach((c, i) => {
    sizes[c] = (sizes[c] as number) + 1;
    for (let k = 0; k < d; k++) {
      sums[c * d + k] = (sums[c * d + k] as number) + (points[i * d + k] as number);
    }
  });
  for (let c = 0; c < clusters; c++) {
    const size = sizes[c] as number;
    if (size === 0) continue;
    for (let k = 0; k < d; k++) centres[c * d + k] = (sums[c * d + k] as number) / size;
  }
}

function bySize(assigned: Int32Array, clusters: number): Int32Array {
  const sizes = new Int32Array(clusters);
  for (const c of assigned) sizes[c] = (sizes[c] as number) + 1;
  const order = Array.from({ length: clusters }, (_, c) => c).sort(
    (a, b) => (sizes[b] as number) - (sizes[a] as number) || a - b,
  );
  return assigned.map((c) => order.indexOf(c));
}
