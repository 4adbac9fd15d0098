/** Operations of modular arithmetic that datasets name: what they are, which pairs they have, and their answers. */
import { z } from 'zod';

/** With `x/y` as x · y⁻¹. The last two operations of Power et al.'s code go by the parity of the first operand. */
export const modularOperation = z.enum([
  'x+y',
  'x-y',
  'x*y',
  'x/y',
  'x^2+y^2',
  'x^2+xy+y^2',
  'x^2+xy+y^2+x',
  'x^3+xy',
  'x^3+xy^2+y',
  'x/y for odd y, else x-y',
  'x+y for even x, else x*y',
  'x+y for even x, else x-y',
  'x*y*x',
]);

export type ModularOperation = z.infer<typeof modularOperation>;

export const primeWords = 'a prime number: division needs an inverse of every divisor';

/** Whether every divisor that the operation meets has an inverse mod p. */
export function dividesByUnits({ operation, p }: { operation: ModularOperation; p: number }): boolean {
  return isPrime(p) || (operation !== 'x/y' && operation !== 'x/y for odd y, else x-y');
}

export function isPrime(n: number): boolean {
  if (n < 2) return false;
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}

/** The least second operand: only division leaves out y = 0. */
export function leastSecondOperand(operation: ModularOperation): 0 | 1 {
  return operation === 'x/y' ? 1 : 0;
}

/** Pairs (x, y): p², or p (p − 1) for division (9,409 and 9,312 for p = 97). */
export function modularPairs(operation: ModularOperation, p: number): number {
  return p * (p - leastSecondOperand(operation));
}

/** x ∘ y mod p, from 0 to p − 1, as a function of operands from 0 to p − 1. */
export function modularAnswer(operation: ModularOperation, p: number): (x: number, y: number) => number {
  const mod = (value: number): number => ((value % p) + p) % p;
  switch (operation) {
    case 'x+y':
      return (x, y) => (x + y) % p;
    case 'x-y':
      return (x, y) => mod(x - y);
    case 'x*y':
      return (x, y) => (x * y) % p;
    case 'x/y': {
      const inverse = inverses(p);
      return (x, y) => (x * (inverse[y] as number)) % p;
    }
    case 'x^2+y^2':
      return (x, y) => (x ** 2 + y ** 2) % p;
    case 'x^2+xy+y^2':
      return (x, y) => (x ** 2 + x * y + y ** 2) % p;
    case 'x^2+xy+y^2+x':
      return (x, y) => (x ** 2 + x * y + y ** 2 + x) % p;
    case 'x^3+xy':
      return (x, y) => (x ** 3 + x * y) % p;
    case 'x^3+xy^2+y':
      return (x, y) => (x ** 3 + x * y ** 2 + y) % p;
    case 'x/y for odd y, else x-y': {
      const inverse = inverses(p);
      return (x, y) => (y % 2 === 1 ? (x * (inverse[y] as number)) % p : mod(x - y));
    }
    case 'x+y for even x, else x*y':
      return (x, y) => (x % 2 === 0 ? x + y : x * y) % p;
    case 'x+y for even x, else x-y':
      return (x, y) => mod(x % 2 === 0 ? x + y : x - y);
    case 'x*y*x':
      return (x, y) => (x * y * x) % p;
  }
}

/** inverse[y] · y ≡ 1 mod p, for a prime p; inverse[0] is 0 and never used. */
function inverses(p: number): Int32Array {
  const inverse = new Int32Array(p);
  if (p > 1) inverse[1] = 1;
  // p = q·y + r gives y⁻¹ = −q · r⁻¹.
  for (let y = 2; y < p; y++) {
    inverse[y] = p - ((Math.floor(p / y) * (inverse[p % y] as number)) % p);
  }
  return inverse;
}
