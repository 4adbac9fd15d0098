/** A priority queue (binary heap): the item of the largest priority first, of equal ones the one that was added first. */
export class PriorityQueue<T> {
  readonly #priorityOf: (item: T) => number;
  readonly #heap: { item: T; priority: number; number: number }[] = [];
  #added = 0;

  constructor(priorityOf: (item: T) => number) {
    this.#priorityOf = priorityOf;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(item: T): void {
    this.#heap.push({ item, priority: this.#priorityOf(item), number: this.#added++ });
    let at = this.#heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#goesBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** The first item, which leaves the queue; null when there is none. */
  take(): T | null {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return null;
    if (this.#heap.length === 0) return first.item;
    this.#heap[0] = last;
    let at = 0;
    for (;;) {
      const children = [2 * at + 1, 2 * at + 2].filter((child) => child < this.#heap.length);
      const before = children.reduce((best, child) => (this.#goesBefore(child, best) ? child : best), at);
      if (before === at) return first.item;
      this.#swap(at, before);
      at = before;
    }
  }

  #goesBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return false;
    return one.priority === other.priority ? one.number < other.number : one.priority > other.priority;
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return;
    this.#heap[a] = other;
    this.#heap[b] = one;
  }
}
