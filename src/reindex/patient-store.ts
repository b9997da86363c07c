/** The store of a job, which waits out an outage: what was asked for is asked again, until nothing has answered for too long. */
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { VectorStore } from "../core/ports.js";
import { retry } from "../resilience/retry.js";
import { keyOf } from "./document-keys.js";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

export interface Patience {
  /** How long nothing may answer; 0: not at all. */
  readonly forMs: number;
  /** Told what is waited for, and undefined when it is over. */
  readonly onWait: (outage: AppError | undefined) => void;
}

/** What may be asked twice waits; steps that must happen once, as a publication, do not. */
export function patientStore(store: VectorStore, patience: Patience): VectorStore {
  if (patience.forMs === 0) return store;
  const outage = new Outage(patience);
  const again = <Rest extends unknown[], T>(method: (call: Call, ...rest: Rest) => Promise<T>) => {
    return (call: Call, ...rest: Rest) => outage.waitOut(call, () => method(call, ...rest));
  };
  return {
    ...store,
    write: again(store.write),
    remove: again(store.remove),
    keepSources: again(store.keepSources),
    describe: again(store.describe),
    versions: again(store.versions),
    list: again(store.list),
    read: again(store.read),
    search: again(store.search),
    any: again(store.any),
    count: again(store.count),
    documents: (call, ...rest) => outage.readOn(call, () => store.documents(call, ...rest), keyOf),
    scroll: (call, ...rest) =>
      outage.readOn(
        call,
        () => store.scroll(call, ...rest),
        ({ id }) => id,
      ),
  };
}

/** From the first call that nothing answered until one is answered. */
class Outage {
  readonly #patience: Patience;
  #began: number | undefined;

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  /** @throws AppError what the last attempt did, when nothing has answered for too long */
  waitOut<T>(call: Call, work: () => Promise<T>): Promise<T> {
    const attempt = async () => {
      const began = performance.now();
      try {
        const answer = await work();
        this.#ended();
        return answer;
      } catch (error) {
        if (error instanceof AppError && error.isOutage) this.#goesOn(began, error);
        throw error;
      }
    };
    return retry(call, attempt, {
      times: Number.POSITIVE_INFINITY,
      delayMs: (failed) => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failed - 1)),
      worthIt: (error) => error instanceof AppError && error.isOutage && !this.#isTooLong,
    });
  }

  /** Begins anew after an outage, and passes over what was read before. */
  async *readOn<T>(call: Call, read: () => AsyncIterable<T>, idOf: (item: T) => string): AsyncGenerator<T> {
    const seen = new Set<string>();
    let items = read()[Symbol.asyncIterator]();
    const next = async () => {
      try {
        return await items.next();
      } catch (error) {
        items = read()[Symbol.asyncIterator]();
        throw error;
      }
    };
    try {
      for (;;) {
        const { done, value } = await this.waitOut(call, next);
        if (done) return;
        const id = idOf(value);
        if (!seen.has(id)) yield value;
        seen.add(id);
      }
    } finally {
      await items.return?.();
    }
  }

  get #isTooLong(): boolean {
    return this.#began !== undefined && performance.now() - this.#began >= this.#patience.forMs;
  }

  #goesOn(began: number, error: AppError): void {
    this.#began ??= began;
    if (!this.#isTooLong) this.#patience.onWait(error);
  }

  #ended(): void {
    if (this.#began === undefined) return;
    this.#began = undefined;
    this.#patience.onWait(undefined);
  }
}
