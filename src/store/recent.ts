/** So many answers are kept; no more questions than these are asked again and again. */
const MOST = 1_000;

/** What was asked a moment ago is not asked again for each of many calls. */
export class Recent<T> {
  readonly #ms: number;
  readonly #kept = new Map<string, { readonly value: T; readonly until: number }>();
  /** Of the changes: what was asked before the last one is not kept. */
  #changes = 0;

  /** @param ms how long an answer is believed */
  constructor(ms: number) {
    this.#ms = ms;
  }

  async ask(key: string, answer: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.until > performance.now()) return kept.value;
    const changes = this.#changes;
    const value = await answer();
    if (value === undefined || changes !== this.#changes) return value;
    if (this.#kept.size >= MOST) this.#kept.clear();
    this.#kept.set(key, { value, until: performance.now() + this.#ms });
    return value;
  }

  /** Nothing that was asked until now is believed, neither during a change nor behind it. */
  async during<R>(change: () => Promise<R>): Promise<R> {
    this.forget();
    try {
      return await change();
    } finally {
      this.forget();
    }
  }

  forget(): void {
    this.#changes++;
    this.#kept.clear();
  }
}
