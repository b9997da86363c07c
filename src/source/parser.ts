/** What the parsing process does for one job: documents, records, ignore rules. */
import { createHash } from "node:crypto";
import type { Call } from "../core/call.js";
import { throwIfAborted } from "../core/errors.js";
import type { Refusal } from "../core/ports.js";
import type { ParsedDocument } from "../core/types.js";
import type { Child } from "../process/child.js";
import { unpackBlocks, unpackSpans } from "./block-columns.js";
import type { Ask, ParserProcess } from "./parser-process.js";
import type { PackedDocument, ReadRecord, Rules } from "./parser-worker.js";

/** What a job may lose to texts that are given up, before it has little patience with any. */
const MOST_LOST_MS = 120_000;
/** Names that are held against ignore rules at once, and for how long: it takes milliseconds. */
const NAMES = 50;
const RULES_MS = 5_000;

export interface ParseAsk {
  /** Base name of the file: decides the format. */
  readonly name: string;
  readonly hash: string;
  /** Called when it is this document's turn. */
  load(call: Call): Promise<Uint8Array>;
}

export class Parser {
  readonly #process: ParserProcess;
  readonly #mostLostMs: number;
  /** Rules that a child has. */
  readonly #taught = new WeakMap<Child, Set<string>>();
  #lostMs = 0;

  constructor(process: ParserProcess, mostLostMs = MOST_LOST_MS) {
    this.#process = process;
    this.#mostLostMs = mostLostMs;
  }

  /** @throws what `load` throws; GivenUp; AppError `cancelled`, `timeout` */
  async parse(call: Call, { name, hash, load }: ParseAsk): Promise<ParsedDocument | Refusal> {
    throwIfAborted(call.signal);
    const refused = this.#process.refusals.get(hash);
    if (refused !== undefined) return refused;
    const parsed = await this.#ask(call, { key: hash, load }, (child, content) =>
      child.call<PackedDocument | Refusal>("parse", { name, content }, call),
    );
    if (!("reason" in parsed)) {
      return { ...parsed, blocks: unpackBlocks(parsed.blocks), unread: unpackSpans(parsed.unread) };
    }
    this.#process.refusals.set(hash, parsed);
    return parsed;
  }

  /**
   * Lines of a JSONL file, each as its record or the reason why it is none; undefined for a blank one.
   * @throws GivenUp, AppError `cancelled`, `timeout`
   */
  async records(call: Call, lines: readonly Uint8Array[]): Promise<(ReadRecord | Refusal | undefined)[]> {
    const ask = { key: hashOf(lines), load: async () => lines };
    return this.#ask(call, ask, (child, content) => child.call("records", content, call));
  }

  /**
   * Which entries of one folder its ignore rules leave out. @param chain the folder's own rules first, then its parents'
   * @throws GivenUp, AppError `cancelled`, `timeout`
   */
  async ignored(call: Call, chain: readonly Rules[], entries: readonly string[]): Promise<boolean[]> {
    const verdicts: boolean[] = [];
    for (let at = 0; at < entries.length; at += NAMES) {
      const names = entries.slice(at, at + NAMES);
      const ask = {
        key: hashOf([...chain.map(({ hash }) => hash), ...names]),
        load: async () => names,
        timeMs: RULES_MS,
      };
      verdicts.push(...(await this.#ask(call, ask, (child) => this.#askRules(call, child, chain, names))));
    }
    return verdicts;
  }

  #askRules(call: Call, child: Child, chain: readonly Rules[], entries: readonly string[]): Promise<boolean[]> {
    const taught = this.#taught.get(child) ?? new Set();
    this.#taught.set(child, taught);
    const rules = chain.map((each) => (taught.has(each.hash) ? { ...each, text: undefined } : each));
    for (const { hash } of chain) taught.add(hash);
    return child.call("ignored", { chain: rules, entries }, call);
  }

  #ask<C, R>(
    call: Call,
    ask: Pick<Ask<C, R>, "key" | "load" | "timeMs">,
    send: (child: Child, content: C) => Promise<R>,
  ): Promise<R> {
    return this.#process.ask(call, {
      ...ask,
      send,
      isPatient: () => this.#lostMs < this.#mostLostMs,
      onGivenUp: (lostMs) => {
        this.#lostMs += lostMs;
      },
    });
  }
}

function hashOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\n");
  return hash.digest("hex");
}
