/** How often an address has shown a token that is none, lately. */

const WINDOW_MS = 60_000;
const ALLOWED = 10;
/** Addresses remembered; the longest known is forgotten first. */
const MAX_ADDRESSES = 10_000;

export class Failures {
  readonly #now: () => number;
  readonly #byAddress = new Map<string, { readonly since: number; count: number }>();

  /** @param now milliseconds, monotonic */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Counts one. @returns milliseconds until it may try again; 0: at once */
  add(address: string): number {
    const now = this.#now();
    let entry = this.#byAddress.get(address);
    if (entry === undefined || now - entry.since >= WINDOW_MS) {
      entry = { since: now, count: 0 };
      this.#byAddress.delete(address);
      this.#byAddress.set(address, entry);
      if (this.#byAddress.size > MAX_ADDRESSES) this.#byAddress.delete(this.#byAddress.keys().next().value as string);
    }
    entry.count++;
    return entry.count > ALLOWED ? Math.ceil(entry.since + WINDOW_MS - now) : 0;
  }
}
