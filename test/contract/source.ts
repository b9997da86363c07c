/** What every `Source` does. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Call } from "#src/core/call.js";
import type { Source, SourceDocument, SourceItem } from "#src/core/ports.js";
import { collect } from "../source/collect.js";
import { abortedCall, testCall } from "../support/call.js";
import { rejectsWhenAborted } from "./ended-calls.js";

export interface SourceFixture {
  /** Of at least two documents. */
  readonly source: Source;
  /** Reading files stands still, until what is returned is called. Absent where no files are read. */
  readonly stall?: (() => () => void) | undefined;
  /** How often a file was read from. */
  readonly reads?: (() => number) | undefined;
  dispose(): Promise<void>;
}

const PROMPTLY_MS = 1_000;
const UNDER_WAY_MS = 30;

const idOf = (item: SourceItem) => (item.kind === "document" ? item.document.document : item.document);
const documentsOf = (items: readonly SourceItem[]): SourceDocument[] =>
  items.flatMap((item) => (item.kind === "document" ? [item.document] : []));

export function sourceContract(name: string, factory: () => Promise<SourceFixture>): void {
  describe(`${name} as a source`, () => {
    let fixture: SourceFixture;
    let source: Source;
    let documents: SourceDocument[];
    beforeAll(async () => {
      fixture = await factory();
      source = fixture.source;
      documents = documentsOf(await collect(source.read(testCall())));
      expect(documents.length).toBeGreaterThan(1);
    });
    afterAll(() => fixture.dispose());

    it("has a name and a version", () => {
      expect(source.name).not.toBe("");
      expect(source.version).not.toBe("");
    });

    it("brings as many items as it counts, or does not know", async () => {
      const count = await source.count(testCall());
      const items = await collect(source.read(testCall()));
      if (count !== undefined) expect(items).toHaveLength(count);
    });

    it("brings the same items every time, each once, and says why those are not read that are not", async () => {
      const [first, second] = [await collect(source.read(testCall())), await collect(source.read(testCall()))];
      expect(second.map(idOf)).toEqual(first.map(idOf));
      expect(documentsOf(second).map(({ hash }) => hash)).toEqual(documentsOf(first).map(({ hash }) => hash));
      const documents = documentsOf(first).map(({ document }) => document);
      expect(new Set(documents).size).toBe(documents.length);
      for (const item of first) if (item.kind !== "document") expect(item.reason).not.toBe("");
    });

    it("brings documents of its own name that say their blocks, or why they are refused", async () => {
      for (const document of documents) {
        expect(document.source).toBe(source.name);
        expect(document.hash).not.toBe("");
        const parsed = await document.parse(testCall());
        if ("reason" in parsed) {
          expect(parsed.reason).not.toBe("");
          continue;
        }
        for (const { start, end } of parsed.blocks) {
          expect(start).toBeLessThanOrEqual(end);
          expect(end).toBeLessThanOrEqual(parsed.text.length);
        }
      }
    });

    rejectsWhenAborted("count", (call) => source.count(call));
    rejectsWhenAborted("read", (call) => collect(source.read(call)));

    it("parse of a call that is aborted already rejects, whatever the format", async () => {
      for (const document of documents) {
        await expect(document.parse(abortedCall()), document.document).rejects.toMatchObject({ code: "cancelled" });
      }
    });

    it("read of a call that ends between two items ends", async () => {
      const caller = new AbortController();
      const items = source.read(testCall({ signal: caller.signal }))[Symbol.asyncIterator]();
      await items.next();
      caller.abort();
      await expect(items.next()).rejects.toMatchObject({ code: "cancelled" });
      expect(await items.next()).toEqual({ done: true, value: undefined });
    });

    it.each(["cancelled", "timeout"] as const)(
      "read of a call that ends while it waits rejects at once, and reads no more: %s",
      async (code) => {
        const goOn = fixture.stall?.();
        if (goOn === undefined) return;
        const caller = new AbortController();
        const call: Call = testCall({
          signal: caller.signal,
          timeoutMs: code === "timeout" ? UNDER_WAY_MS : undefined,
        });
        let reads: number | undefined;
        try {
          const reading = expect(collect(source.read(call))).rejects.toMatchObject({ code });
          await new Promise((done) => setTimeout(done, UNDER_WAY_MS));
          const ended = performance.now();
          if (code === "cancelled") caller.abort();
          await reading;
          expect(performance.now() - ended).toBeLessThan(PROMPTLY_MS);
          reads = fixture.reads?.();
        } finally {
          goOn();
        }
        await new Promise((done) => setTimeout(done, UNDER_WAY_MS));
        expect(fixture.reads?.()).toBe(reads);
        expect(documentsOf(await collect(source.read(testCall())))).toHaveLength(documents.length);
      },
    );
  });
}
