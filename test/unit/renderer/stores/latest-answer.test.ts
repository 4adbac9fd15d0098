import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LatestAnswer, PAUSE_MS } from '../../../../renderer/stores/latest-answer.svelte.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A question that is answered, or fails, when the test says so. */
class Question {
  isAsked = false;
  answer: (value: number) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  readonly ask = (): Promise<number> => {
    this.isAsked = true;
    return new Promise((resolve, reject) => {
      this.answer = resolve;
      this.fail = reject;
    });
  };
}

it('asks at once while nothing is shown, and later only once typing pauses', async () => {
  const latest = new LatestAnswer<number>();
  latest.ask(() => Promise.resolve(1));
  await vi.advanceTimersByTimeAsync(0);
  expect(latest.value).toBe(1);
  const second = new Question();
  latest.ask(second.ask);
  await vi.advanceTimersByTimeAsync(PAUSE_MS - 1);
  expect(second.isAsked).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(second.isAsked).toBe(true);
});

it('never asks what was withdrawn within the pause', async () => {
  const latest = new LatestAnswer<number>();
  const first = new Question();
  latest.ask(first.ask)();
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect(first.isAsked).toBe(false);
});

it('takes no notice of an answer, or of a failure, to a question withdrawn on its way', async () => {
  const latest = new LatestAnswer<number>();
  const slow = new Question();
  const withdraw = latest.ask(slow.ask);
  await vi.advanceTimersByTimeAsync(0);
  withdraw();
  latest.ask(() => Promise.resolve(2));
  await vi.advanceTimersByTimeAsync(0);
  slow.answer(1);
  await vi.advanceTimersByTimeAsync(0);
  expect(latest.value).toBe(2);
  const failing = new Question();
  const withdrawFailing = latest.ask(failing.ask);
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  withdrawFailing();
  failing.fail(new Error('the host went away'));
  await vi.advanceTimersByTimeAsync(0);
  expect(latest).toMatchObject({ value: 2, problem: null });
});

it('shows no old value beside a problem, and no old problem beside a value', async () => {
  const latest = new LatestAnswer<number>();
  latest.ask(() => Promise.resolve(1));
  await vi.advanceTimersByTimeAsync(0);
  latest.ask(() => Promise.reject(new Error('no such data')));
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect(latest.value).toBeNull();
  expect(latest.problem?.message).toContain('no such data');
  latest.ask(() => Promise.resolve(3));
  await vi.advanceTimersByTimeAsync(0);
  expect(latest).toMatchObject({ value: 3, problem: null });
});
