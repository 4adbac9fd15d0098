import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PriorityQueue } from '../../../main/models/priority-queue.ts';

interface Item {
  priority: number;
  number: number;
}

/** A number is added with that priority; null takes an item. */
const operations = fc.array(fc.option(fc.integer({ min: 0, max: 5 })), { maxLength: 60 });

test('gives the largest priority first, of equal ones the oldest, however items come and go', () => {
  fc.assert(
    fc.property(operations, (list) => {
      const queue = new PriorityQueue<Item>(({ priority }) => priority);
      let inside: Item[] = [];
      for (const [number, priority] of list.entries()) {
        if (priority === null) {
          const first = inside.toSorted((a, b) => b.priority - a.priority || a.number - b.number)[0] ?? null;
          expect(queue.take()).toBe(first);
          inside = inside.filter((item) => item !== first);
        } else {
          const item = { priority, number };
          queue.add(item);
          inside.push(item);
        }
        expect(queue.size).toBe(inside.length);
      }
    }),
  );
});
