/** A job whose store stops answering for a while. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "#src/core/errors.js";
import type { VectorStore } from "#src/core/ports.js";
import { patientStore } from "#src/reindex/patient-store.js";
import { startReindex } from "#src/reindex/reindex.js";
import { collect } from "../contract/fixtures.js";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, Bench, manyDocuments } from "../support/fixtures.js";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const unreachable = () =>
  new AppError("store_down", "The store cannot be reached.", { remedy: "Start it.", isOutage: true });

/** Whose writes and reads fail as `fails` says; the rest works, so that a run gets as far as them. */
function failing(fails: () => AppError | undefined): VectorStore {
  const guard = <Given extends unknown[], T>(method: (...given: Given) => Promise<T>) => {
    return async (...given: Given) => {
      const error = fails();
      if (error !== undefined) throw error;
      return method(...given);
    };
  };
  const { store } = bench;
  return { ...store, write: guard(store.write), remove: guard(store.remove), describe: guard(store.describe) };
}

/** Nothing answers from the n-th write on, for so many milliseconds. */
function outageOf(ms: number): () => AppError | undefined {
  let asked = 0;
  let until = Number.POSITIVE_INFINITY;
  return () => {
    if (++asked === 4) until = performance.now() + ms;
    return asked >= 4 && performance.now() < until ? unreachable() : undefined;
  };
}

function run(store: VectorStore, outageMs: number, signal?: AbortSignal) {
  const request = { source: "notes", target: passFor(ALIAS), mode: "full", dryRun: false, purpose: undefined } as const;
  const told: string[] = [];
  const call = testCall({ signal, onProgress: ({ message }) => told.push(message) });
  return { ...startReindex(call, { ...bench.parts(store), outageMs }, request), told };
}

describe("a job whose store stops answering", () => {
  it("says so, waits, and goes on; nothing is embedded twice", async () => {
    bench.sources.set("notes", manyDocuments(500));
    const { done, told } = run(failing(outageOf(2_500)), 60_000);
    const job = await done;
    expect(job).toMatchObject({ state: "done", points: 500, outage: undefined });
    expect(told).toContain("waiting for the store: The store cannot be reached.");
    expect(told.at(-1)).toMatch(/^finished: 500\/500/);
    expect(new Set(bench.embedded).size).toBe(bench.embedded.length);
  });

  it("shows in its record what it waits for", async () => {
    bench.sources.set("notes", manyDocuments(500));
    const { done, tracker, told } = run(failing(outageOf(2_500)), 60_000);
    await expect.poll(() => told.some((message) => message.startsWith("waiting")), { timeout: 20_000 }).toBe(true);
    expect(tracker.job).toMatchObject({ state: "running", outage: "The store cannot be reached." });
    await done;
  });

  it("fails with the outage when that has lasted too long, and at once where it may not wait", async () => {
    bench.sources.set("notes", manyDocuments(500));
    for (const outageMs of [1_500, 0]) {
      const began = performance.now();
      const { done, tracker } = run(failing(outageOf(Number.POSITIVE_INFINITY)), outageMs);
      await expect(done).rejects.toMatchObject({ code: "store_down", message: "The store cannot be reached." });
      expect(performance.now() - began).toBeGreaterThan(outageMs);
      expect(tracker.job).toMatchObject({ state: "failed", outage: undefined });
    }
  });

  it("does not wait for what no waiting mends", async () => {
    bench.sources.set("notes", manyDocuments(500));
    let failures = 0;
    const full = () => {
      failures++;
      return new AppError("store_down", "The disk is full.", { remedy: "Make room." });
    };
    await expect(run(failing(full), 60_000).done).rejects.toMatchObject({ message: "The disk is full." });
    expect(failures).toBe(1);
  });

  it("ends soon when it is cancelled while it waits", async () => {
    bench.sources.set("notes", manyDocuments(500));
    const caller = new AbortController();
    const { done, told } = run(failing(outageOf(Number.POSITIVE_INFINITY)), 60_000, caller.signal);
    await expect.poll(() => told.some((message) => message.startsWith("waiting")), { timeout: 20_000 }).toBe(true);
    caller.abort();
    await expect(done).rejects.toMatchObject({ code: "cancelled" });
  });

  it("reads a listing that was broken off to its end, each document once", async () => {
    await bench.index(manyDocuments(20));
    const name = (await bench.serving()) as string;
    let breaks = 2;
    const breaking: VectorStore = {
      ...bench.store,
      async *documents(...given) {
        let read = 0;
        for await (const record of bench.store.documents(...given)) {
          if (read++ === 7 && breaks-- > 0) throw unreachable();
          yield record;
        }
      },
    };
    const waited: unknown[] = [];
    const patient = patientStore(breaking, { forMs: 60_000, onWait: (outage) => waited.push(outage?.code) });
    const records = await collect(patient.documents(testCall(), name));
    expect(records.map(({ document }) => document)).toEqual(Object.keys(manyDocuments(20)));
    expect(waited.filter((code) => code === "store_down")).toHaveLength(2);
    expect(waited.at(-1)).toBeUndefined();
  });
});
