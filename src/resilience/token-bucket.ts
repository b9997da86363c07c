/** Rate limit per user: `rate` calls a second, bursts up to one second's worth. */

/** Users remembered; the longest unused is forgotten first, with a full bucket. */
const MAX_USERS = 10_000;

export class TokenBuckets {
  readonly #rate: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** @param now milliseconds, monotonic */
  constructor(rate: number, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
  }

  /** 0 when the call may go on, else milliseconds until one may. */
  take(user: string): number {
    const now = this.#now();
    const capacity = Math.max(1, this.#rate);
    const bucket = this.#buckets.get(user) ?? { tokens: capacity, at: now };
    this.#buckets.delete(user);
    this.#buckets.set(user, bucket);
    if (this.#buckets.size > MAX_USERS) this.#buckets.delete(this.#buckets.keys().next().value as string);
    bucket.tokens = Math.min(capacity, bucket.tokens + ((now - bucket.at) / 1000) * this.#rate);
    bucket.at = now;
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / this.#rate) * 1000);
    bucket.tokens -= 1;
    return 0;
  }
}
