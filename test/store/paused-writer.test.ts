/** A process that writes under a lease, stops for longer than the lease lasts, and goes on: in the meantime another has written. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import { createSqliteStore } from "#src/store/sqlite/index.js";
import { collect, document, spec } from "../contract/fixtures.js";
import { passFor, testCall } from "../support/call.js";
import { Stub } from "./qdrant/stub.js";
import { testStore } from "./qdrant/test-store.js";

const TERM_MS = 1_500;
const PATIENCE_MS = 60_000;
const WRITER = join(import.meta.dirname, "paused-writer.mjs");
/** No process of Windows can be stopped and let go on. */
const CAN_STOP = process.platform !== "win32";
const why = CAN_STOP ? "" : " (skipped: a process cannot be stopped here)";

const call = testCall();
const docs = passFor("docs");
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** What the other process opens, and how this one does. */
interface Place {
  readonly options: object;
  readonly store: VectorStore;
}

const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  [
    "an embedded store",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "aura-paused-"));
      open.push(() => rmSync(folder, { recursive: true, force: true }));
      const options = { folder, vectorMemoryMb: 0, leaseTermMs: TERM_MS };
      return { options, store: createSqliteStore(options) };
    },
  ],
  [
    "a Qdrant",
    async () => {
      const url = process.env.QDRANT_TEST_URL?.split(",")[0] ?? (await startStub());
      return { options: { url, leaseTermMs: TERM_MS }, store: testStore(url, { leaseTermMs: TERM_MS }) };
    },
  ],
];

async function startStub(): Promise<string> {
  const stub = await Stub.start();
  open.push(() => stub.close());
  return stub.url;
}

describe.each(PLACES)("on %s", (_name, place) => {
  it.runIf(CAN_STOP).each([
    ["while the next one writes", false],
    ["when the next one has written and given its lease back", true],
  ])(
    `a writer that wakes %s writes nothing more, and says why${why}`,
    async (_when, ended) => {
      const { options, store } = await place();
      open.push(() => store.close());
      for (const { name } of await store.versions(call, docs)) await store.drop(call, name).catch(() => undefined);
      const version = `docs-${process.pid}-${Date.now()}`;
      await store.create(call, version, spec());
      const writer = await Writer.start(options, version);
      await writer.said("wrote");
      writer.process.kill("SIGSTOP");

      const lease = await untilFree(store);
      const known = await collect(store.documents(call, version));
      expect(known.length).toBeGreaterThan(0);
      await store.remove(call, version, known, lease.fence);
      await store.write(call, version, [document("next", ["of the next one"])], lease.fence);
      if (ended) await lease.release();
      writer.process.kill("SIGCONT");
      expect(await writer.ended()).toMatch(/^conflict: The lease on "docs" was lost/);
      expect((await collect(store.documents(call, version))).map((each) => each.document)).toEqual(["next"]);
      if (ended) return;
      expect(lease.lost.aborted).toBe(false);
      await store.write(call, version, [document("more", ["of the next one"])], lease.fence);
      await lease.release();
    },
    PATIENCE_MS,
  );
});

async function untilFree(store: VectorStore) {
  for (;;) {
    const lease = await store.lease(call, docs).catch((error: unknown) => {
      expect(error).toMatchObject({ code: "conflict" });
    });
    if (lease !== undefined) return lease;
    await new Promise((soon) => setTimeout(soon, 100));
  }
}

/** Writes one document after the other under a lease of its own, and says so line by line. */
class Writer {
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(readonly process: ChildProcess) {
    createInterface({ input: process.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      this.#lines.push(line);
      for (const look of this.#waiting) look();
    });
  }

  static async start(options: object, version: string): Promise<Writer> {
    const child = spawn(process.execPath, [WRITER, JSON.stringify(options), version], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    open.push(() => child.kill("SIGKILL"));
    return new Writer(child);
  }

  said(word: string): Promise<void> {
    return new Promise((done) => {
      const look = () => {
        if (!this.#lines.includes(word)) return;
        this.#waiting.delete(look);
        done();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Its last words. */
  async ended(): Promise<string> {
    if (this.process.exitCode === null) await once(this.process, "close");
    return this.#lines.at(-1) ?? "";
  }
}
