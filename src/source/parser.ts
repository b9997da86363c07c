/** What the parsing process does for one job: documents, records, ignore rules. */
import { createHash } from "node:crypto";
import type { Call } from "../core/call.js";
import { throwIfAborted } from "../core/errors.js";
import type { Refusal } from "../core/ports.js";
import type { ParsedDocument } from "../core/types.js";
import type { Child } from "../process/child.js";
import { unpackBlocks } from "./block-columns.js";
import type { ParserProcess } from "./parser-process.js";
import type { PackedDocument, ReadRecord, Rules } from "./parser-worker.js";

/** What a job may lose to texts that are given up, before it has little patience with any. */
const MOST_LOST_MS = 120_000;
const LITTLE_MS = 2_000;

export interface ParseAsk {
  /** Base name of the file: decides the format. */
  readonly name: string;
  readonly hash: string;
  /** Called when it is this document's turn. */
  load(call: Call): Promise<Uint8Array>;
}

export class Parser {
  readonly #process: ParserProcess;
  /** Rules that a child has. */
  readonly #taught = new WeakMap<Child, Set<string>>();
  #lostMs = 0;

  constructor(process: ParserProcess) {
    this.#process = process;
  }

  /** @throws what `load` throws; GivenUp; AppError `cancelled`, `timeout` */
  async parse(call: Call, { name, hash, load }: ParseAsk): Promise<ParsedDocument | Refusal> {
    throwIfAborted(call.signal);
    const refused = this.#process.refusals.get(hash);
    if (refused !== undefined) return refused;
    const parsed = await this.#ask(call, hash, load, (child, content) =>
      child.call<PackedDocument | Refusal>("parse", { name, content }, call),
    );
    if (!("reason" in parsed)) return { ...parsed, blocks: unpackBlocks(parsed.blocks) };
    this.#process.refusals.set(hash, parsed);
    return parsed;
  }

  /**
   * Lines of a JSONL file, each as its record or the reason why it is none; undefined for a blank one.
   * @throws GivenUp, AppError `cancelled`, `timeout`
   */
  async records(call: Call, lines: readonly Uint8Array[]): Promise<(ReadRecord | Refusal | undefined)[]> {
    const key = createHash("sha256");
    for (const line of lines) key.update(line).update("\n");
    return this.#ask(
      call,
      key.digest("hex"),
      async () => lines,
      (child, content) => child.call("records", content, call),
    );
  }

  /**
   * Which entries of one folder its ignore rules leave out. @param chain the folder's own rules first, then its parents'
   * @throws GivenUp, AppError `cancelled`, `timeout`
   */
  async ignored(call: Call, chain: readonly Rules[], entries: readonly string[]): Promise<boolean[]> {
    const key = chain.map(({ hash }) => hash).join(" ");
    return this.#ask(
      call,
      key,
      async () => chain,
      (child) => {
        const taught = this.#taught.get(child) ?? new Set();
        this.#taught.set(child, taught);
        const rules = chain.map((each) => (taught.has(each.hash) ? { ...each, text: undefined } : each));
        for (const { hash } of chain) taught.add(hash);
        return child.call("ignored", { chain: rules, entries }, call);
      },
    );
  }

  #ask<C, R>(
    call: Call,
    key: string,
    load: (call: Call) => Promise<C>,
    send: (child: Child, content: C) => Promise<R>,
  ): Promise<R> {
    return this.#process.ask(call, {
      key,
      load,
      send,
      timeMs: (limit) => (this.#lostMs < MOST_LOST_MS ? limit : Math.min(limit, LITTLE_MS)),
      onGivenUp: (lostMs) => {
        this.#lostMs += lostMs;
      },
    });
  }
}
