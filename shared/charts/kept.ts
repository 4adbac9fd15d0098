/** What was made of an object that never changes, kept as long as the object: the last one for each use. */
export class Kept<Of extends object, Made> {
  readonly #made = new WeakMap<Of, Map<string, { from: string; made: Made }>>();

  /** @param from all else that it is made of, as text; where that differs from the last time, it is made anew */
  get(of: Of, use: string, from: string, make: () => Made): Made {
    const uses = this.#made.get(of) ?? new Map<string, { from: string; made: Made }>();
    this.#made.set(of, uses);
    const last = uses.get(use);
    if (last?.from === from) return last.made;
    const made = make();
    uses.set(use, { from, made });
    return made;
  }
}
