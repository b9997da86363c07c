/** What a file holds, which may be another one tomorrow: edited, or exchanged under a running process as a mounted Secret is. */
import { statSync } from "node:fs";

export interface FollowOptions<T> {
  /** Between two looks whether the file has changed. */
  readonly lookEveryMs: number;
  /** @throws for a file that cannot be used */
  read(path: string): T;
  /** Hears, once for each change, why a changed file is not taken: what was read before stays. */
  onProblem?(problem: unknown): void;
}

export class FollowedFile<T> {
  readonly #path: string;
  readonly #options: FollowOptions<T>;
  #value: T;
  /** As it was when its value was read. */
  #state: string;
  /** As it was when it could not be used: tried again, and told of once. */
  #refused: string | undefined;
  #lookedAt = performance.now();

  /** @throws what `read` does */
  constructor(path: string, options: FollowOptions<T>) {
    this.#path = path;
    this.#options = options;
    this.#state = stateOf(path);
    this.#value = options.read(path);
  }

  /** The newest that could be read: half of an exchange is none. */
  get value(): T {
    const now = performance.now();
    if (now - this.#lookedAt >= this.#options.lookEveryMs) {
      this.#lookedAt = now;
      this.#look();
    }
    return this.#value;
  }

  #look(): void {
    const state = stateOf(this.#path);
    if (state === this.#state) return;
    try {
      this.#value = this.#options.read(this.#path);
      this.#state = state;
    } catch (error) {
      if (state !== this.#refused) this.#options.onProblem?.(error);
      this.#refused = state;
    }
  }
}

function stateOf(path: string): string {
  try {
    const { ino, size, mode, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [ino, size, mode, mtimeNs, ctimeNs].join(" ");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
