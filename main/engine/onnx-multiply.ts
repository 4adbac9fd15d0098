/**
 * In which order of axes two operands are multiplied with broadcasting and then summed. The same products take ONNX
 * Runtime up to ten times as long in one order as in another: its inner loop runs over the last axes that both operands
 * have, or that only one has, and where those are few, entering the loop costs more than the loop.
 */
import { sizeOf } from './graph.ts';

interface Product {
  a: string;
  b: string;
  out: string;
}

/** Nanoseconds, as measured on one x86 core; only their proportions matter. */
const perProduct = 0.25;
const perLoop = 10;
const perMoved = 1;
const perSummed = 0.3;
const perScatteredSum = 3;

/** All labels of a product, in the order that costs least. */
export function cheapestOrder(product: Product, sizeOfLabel: (label: string) => number): string {
  const { a, b, out } = product;
  const summed = [...a].filter((label) => !out.includes(label)).join('');
  const all = out + summed;
  const candidates = [out, a, b].flatMap((base) => {
    const missing = [...all].filter((label) => !base.includes(label)).join('');
    return Array.from({ length: base.length + 1 }, (_, at) => base.slice(0, at) + missing + base.slice(at));
  });
  const costs = candidates.map((order) => costOf(order, product, sizeOfLabel));
  return candidates[costs.indexOf(Math.min(...costs))] as string;
}

function costOf(order: string, { a, b, out }: Product, sizeOfLabel: (label: string) => number): number {
  const size = (labels: string): number => sizeOf([...labels].map(sizeOfLabel));
  const wide = [...order].filter((label) => sizeOfLabel(label) !== 1).join('');
  const total = size(order);
  const moved = (labels: string): number => {
    const [from, to] = [keep(wide, labels), keep(labels, wide)];
    return from === to ? 0 : perMoved * size(labels);
  };
  const whose = (label: string): string => `${a.includes(label)} ${b.includes(label)}`;
  const loop = trailing(wide, (label) => whose(label) === whose(wide.at(-1) as string));
  const multiplied = total * perProduct + (total / Math.max(1, size(loop))) * perLoop;
  return moved(a) + moved(b) + moved(out) + multiplied + summing(wide, out, size);
}

/** Sums over one run of axes go along memory; over several, or between few kept entries, they jump. */
function summing(order: string, out: string, size: (labels: string) => number): number {
  const runs = [...order].filter(
    (label, i) => !out.includes(label) && (i === 0 || out.includes(order[i - 1] as string)),
  );
  if (runs.length === 0) return 0;
  const inner = trailing(order, (label) => out.includes(label));
  const along = inner === '' ? trailing(order, (label) => !out.includes(label)) : inner;
  const straight = runs.length === 1;
  return size(order) * (straight ? perSummed + perScatteredSum / Math.max(1, size(along)) : perScatteredSum);
}

/** The labels of `order` that `among` has, in their order. */
function keep(order: string, among: string): string {
  return [...order].filter((label) => among.includes(label)).join('');
}

function trailing(order: string, test: (label: string) => boolean): string {
  let start = order.length;
  while (start > 0 && test(order[start - 1] as string)) start--;
  return order.slice(start);
}
