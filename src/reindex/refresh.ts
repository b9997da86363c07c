/** Turns a stream of changes into runs: one at a time, after things went quiet. */

/** Editors and checkouts write in bursts. */
const QUIET_MS = 500;
/** A file that never stops changing does not keep the others waiting. */
const LONGEST_WAIT_MS = 5_000;

export class Refresher {
  readonly #run: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #waitingSince: number | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  /** @param run never rejects */
  constructor(run: () => Promise<void>) {
    this.#run = run;
  }

  changed(): void {
    if (this.#closed) return;
    this.#waitingSince ??= performance.now();
    if (this.#running !== undefined) return; // looked at when that run ends
    const waited = performance.now() - this.#waitingSince;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), Math.max(0, Math.min(QUIET_MS, LONGEST_WAIT_MS - waited)));
  }

  /** Resolves when no run is under way and none will begin. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #start(): void {
    this.#waitingSince = undefined;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#waitingSince !== undefined) this.changed();
    });
  }
}
