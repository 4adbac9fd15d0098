/** Which tasks are the operation of a cyclic group, on which a network's Fourier spectrum is read. */
import type { DatasetSpec } from './dataset-spec.ts';
import { isPrime, type ModularOperation } from './modular.ts';

/** x ∘ y of a cyclic group: the element number i is g^i, and g^i ∘ g^j is g^(i + sign · j). */
export interface CyclicTask {
  /** Elements of the residues mod p that are in the group, in the order of their numbers. */
  elements: number[];
  sign: 1 | -1;
}

/**
 * Addition and subtraction mod p are the group of all residues, in their order; multiplication and division mod a prime p are that
 * of all residues but 0, in the order of the powers of the least generator. Null for every other task, and where the group has
 * fewer than three elements.
 */
export function cyclicTask(dataset: DatasetSpec): CyclicTask | null {
  switch (dataset.kind) {
    case 'modular-addition':
      return groupOf('x+y', dataset.p);
    case 'modular-arithmetic':
    case 'modular-one-hot':
      return groupOf(dataset.operation, dataset.p);
    default:
      return null;
  }
}

function groupOf(operation: ModularOperation, p: number): CyclicTask | null {
  switch (operation) {
    case 'x+y':
    case 'x-y':
      return p < 3
        ? null
        : { elements: Array.from({ length: p }, (_, i) => i), sign: operation === 'x+y' ? 1 : -1 };
    case 'x*y':
    case 'x/y':
      return p < 5 || !isPrime(p) ? null : { elements: powers(p), sign: operation === 'x*y' ? 1 : -1 };
    default:
      return null;
  }
}

/** 1, g, g², … mod a prime p, for the least g that gives all residues but 0. */
function powers(p: number): number[] {
  for (let generator = 2; generator < p; generator++) {
    const found = [1];
    for (let power = generator; power !== 1; power = (power * generator) % p) found.push(power);
    if (found.length === p - 1) return found;
  }
  throw new Error(`${p} is not a prime above 2.`);
}
