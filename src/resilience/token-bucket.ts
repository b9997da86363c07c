/** Rate limit per user: `rate` calls a second, bursts up to one second's worth. */

/** Users remembered; the longest unused is forgotten first, with a full bucket. */
const MAX_USERS = 10_000;

export class TokenBuckets {
  readonly #now: () => number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** @param now milliseconds, monotonic */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * 0 when the call may go on, else milliseconds until one may.
   * @param rate calls a second, as it is now
   */
  take(user: string, rate: number): number {
    const now = this.#now();
    const capacity = Math.max(1, rate);
    const bucket = this.#buckets.get(user) ?? { tokens: capacity, at: now };
    this.#buckets.delete(user);
    this.#buckets.set(user, bucket);
    if (this.#buckets.size > MAX_USERS) this.#buckets.delete(this.#buckets.keys().next().value as string);
    bucket.tokens = Math.min(capacity, bucket.tokens + ((now - bucket.at) / 1000) * rate);
    bucket.at = now;
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / rate) * 1000);
    bucket.tokens -= 1;
    return 0;
  }
}
