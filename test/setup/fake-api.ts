/** A host for tests of the shells: answers from a table, emits what the test says, remembers what it was asked. */
import type { HostEvent, MethodName, RequestOf, ResponseOf, WorkbenchApi } from '../../shared/api.ts';
import { NotFoundError } from '../../shared/errors.ts';

export type FakeHandlers = {
  [M in MethodName]?: (request: RequestOf<M>) => ResponseOf<M> | Promise<ResponseOf<M>>;
};

export class FakeApi implements WorkbenchApi {
  readonly calls: { method: MethodName; request: unknown }[] = [];
  readonly listeners = new Set<(event: HostEvent) => void>();
  readonly #handlers: FakeHandlers;

  constructor(handlers: FakeHandlers = {}) {
    this.#handlers = handlers;
  }

  async call<M extends MethodName>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>> {
    this.calls.push({ method, request });
    const handler = this.#handlers[method] as ((request: RequestOf<M>) => ResponseOf<M>) | undefined;
    if (handler === undefined) throw new NotFoundError(`The fake has no ${method}.`);
    return handler(request);
  }

  subscribe(listener: (event: HostEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(event: HostEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
