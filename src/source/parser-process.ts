/**
 * Parsing in a child process, one document at a time. A hostile document that takes too long or too much memory costs
 * that process, and is refused.
 */
import { LRUCache } from "lru-cache";
import type { Call } from "../core/call.js";
import { cancelledError, raceAbort, throwIfAborted } from "../core/errors.js";
import type { Refusal } from "../core/ports.js";
import type { ParsedDocument } from "../core/types.js";
import { Child, ChildExited } from "../process/child.js";
import { retry } from "../resilience/retry.js";

const IDLE_MS = 5_000;
/** Refusals cost up to twice the time limit, and a folder that is watched is read again and again. */
const REFUSALS_KEPT = 1_000;

export interface ParseAsk {
  /** Base name of the file: decides the format. */
  readonly name: string;
  readonly hash: string;
  /** Called when it is this document's turn. */
  load(call: Call): Promise<string | Uint8Array>;
}

export interface ParserLimits {
  /** For one document. */
  readonly timeMs: number;
  /** Of the whole process. */
  readonly memoryBytes: number;
}

const LIMITS: ParserLimits = { timeMs: 30_000, memoryBytes: 1_000_000_000 };

/** Starts nothing before the first document. */
export class ParserProcess {
  readonly #limits: ParserLimits;
  readonly #refusals = new LRUCache<string, Refusal>({ max: REFUSALS_KEPT });
  #child: Child | undefined;
  /** Children that are to end, and have not. */
  readonly #leaving = new Set<Promise<void>>();
  #turn: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(limits = LIMITS) {
    this.#limits = limits;
  }

  /** @throws what `load` throws; AppError `cancelled`, `timeout` */
  parse(call: Call, ask: ParseAsk): Promise<ParsedDocument | Refusal> {
    const parsed = this.#turn.then(() => this.#parse(call, ask));
    this.#turn = parsed.catch(() => undefined);
    return raceAbort(parsed, call.signal);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#discardChild();
    await Promise.all(this.#leaving);
  }

  async #parse(call: Call, { name, hash, load }: ParseAsk): Promise<ParsedDocument | Refusal> {
    throwIfAborted(call.signal);
    if (this.#closed) throw cancelledError();
    const refused = this.#refusals.get(hash);
    if (refused !== undefined) return refused;
    const content = await raceAbort(load(call), call.signal);
    clearTimeout(this.#idle);
    try {
      const result = await this.#parseInChild(call, { name, content });
      if ("reason" in result) this.#refusals.set(hash, result);
      return result;
    } catch (error) {
      // The child would work on for a caller that has left.
      this.#discardChild();
      throw error;
    } finally {
      this.#idle = setTimeout(() => this.#discardChild(), IDLE_MS).unref();
    }
  }

  /** Once more when the process ended: it may have been killed from outside. */
  async #parseInChild(call: Call, args: { name: string; content: string | Uint8Array }) {
    const { timeMs, memoryBytes } = this.#limits;
    const { signal } = call;
    try {
      return await retry(call, () => this.#living().call<ParsedDocument | Refusal>("parse", args, { signal }), {
        times: 2,
        delayMs: () => 0,
        worthIt: (error) => error instanceof ChildExited && !error.hung && !this.#closed,
      });
    } catch (error) {
      if (!(error instanceof ChildExited)) throw error;
      if (this.#closed) throw cancelledError();
      if (error.hung) return { reason: `takes longer than ${timeMs / 1_000} s to parse` };
      return { reason: `needs more than ${memoryBytes / 1e9} GB of memory to parse, or breaks its parser` };
    }
  }

  #discardChild(): void {
    const leaving = this.#child?.close().finally(() => this.#leaving.delete(leaving as Promise<void>));
    if (leaving !== undefined) this.#leaving.add(leaving);
    this.#child = undefined;
  }

  #living(): Child {
    if (!this.#child?.alive) {
      const args = [String(this.#limits.memoryBytes)];
      const entry = new URL("./parser-worker.js", import.meta.url);
      this.#child = new Child(entry, args, { hangAfterMs: this.#limits.timeMs });
    }
    return this.#child;
  }
}
