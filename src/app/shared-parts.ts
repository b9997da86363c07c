/** Dear parts by key: made by the first who needs one, closed when its last user lets go. */

interface Shared {
  readonly part: object;
  users: number;
}

export class SharedParts {
  readonly #parts = new Map<string, Shared>();
  readonly #closing = new Set<Promise<unknown>>();

  /** The key must tell the part's kind, so that one key never stands for two. */
  acquire<P extends object>(key: string, make: () => P): P {
    const shared = this.#parts.get(key) ?? { part: make(), users: 0 };
    shared.users++;
    this.#parts.set(key, shared);
    return shared.part as P;
  }

  release(key: string): void {
    const shared = this.#parts.get(key);
    if (shared === undefined || --shared.users > 0) return;
    this.#parts.delete(key);
    this.#end(shared.part);
  }

  /** Closes what is still there. Resolves when everything is closed. */
  async close(): Promise<void> {
    for (const { part } of this.#parts.values()) this.#end(part);
    this.#parts.clear();
    await Promise.allSettled(this.#closing);
  }

  #end(part: object): void {
    const closing = Promise.resolve("close" in part && typeof part.close === "function" ? part.close() : undefined)
      .catch(() => undefined)
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
