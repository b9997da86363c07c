/**
 * Parses in a child process what its maker may have made to harm: a document that takes too long or too much memory
 * costs that process, and is refused. One document at a time.
 */
import { LRUCache } from "lru-cache";
import { throwIfAborted } from "../core/errors.js";
import type { Refusal } from "../core/ports.js";
import type { ParsedDocument } from "../core/types.js";
import { Child, ChildExited } from "../process/child.js";

const IDLE_MS = 5_000;
/** Refusals cost up to twice the time limit, and a folder that is watched is read again and again. */
const REFUSALS_KEPT = 1_000;

export interface ParseAsk {
  /** Base name of the file: tells the format. */
  readonly name: string;
  readonly hash: string;
  /** Called when it is this document's turn. */
  load(): Promise<string | Uint8Array>;
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
  #turn: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  constructor(limits = LIMITS) {
    this.#limits = limits;
  }

  /** @throws what `load` throws; AppError `cancelled`, `timeout` */
  parse(ask: ParseAsk, signal: AbortSignal): Promise<ParsedDocument | Refusal> {
    const parsed = this.#turn.then(() => this.#parse(ask, signal));
    this.#turn = parsed.catch(() => undefined);
    return parsed;
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#child?.close();
  }

  async #parse({ name, hash, load }: ParseAsk, signal: AbortSignal): Promise<ParsedDocument | Refusal> {
    throwIfAborted(signal);
    const refused = this.#refusals.get(hash);
    if (refused !== undefined) return refused;
    const content = await load();
    clearTimeout(this.#idle);
    try {
      const result = await this.#tryTwice({ name, content }, signal);
      if ("reason" in result) this.#refusals.set(hash, result);
      return result;
    } catch (error) {
      // The child would work on for somebody who has left.
      void this.close();
      throw error;
    } finally {
      this.#idle = setTimeout(() => this.close(), IDLE_MS).unref();
    }
  }

  /** Once more when the process ended: somebody else may have killed it. */
  async #tryTwice(args: { name: string; content: string | Uint8Array }, signal: AbortSignal) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#living().call<ParsedDocument | Refusal>("parse", args, { signal });
      } catch (error) {
        if (!(error instanceof ChildExited)) throw error;
        if (error.hung) return { reason: `takes longer than ${this.#limits.timeMs / 1_000} s to parse` };
        const limit = `${this.#limits.memoryBytes / 1e9} GB`;
        if (attempt === 2) return { reason: `needs more than ${limit} of memory to parse, or breaks its parser` };
      }
    }
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
