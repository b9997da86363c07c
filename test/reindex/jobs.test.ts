/** Jobs as other processes see them: recorded while they run, cancelled by a record, one after the other where they wait. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, Bench, manyDocuments } from "../support/fixtures.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const recorded = async (id: string) => (await bench.store.jobs(testCall(), 10)).find((job) => job.id === id);

/** A run whose embedding stands still, until what is returned is called. */
async function standing() {
  let goOn = () => {};
  const gate = new Promise<void>((open) => {
    goOn = open;
  });
  const reached = new Promise<void>((there) => {
    bench.onEmbed = () => {
      there();
      return gate;
    };
  });
  bench.sources.set("notes", manyDocuments(40));
  const job = bench.start();
  job.done.catch(() => undefined);
  await reached;
  return { ...job, goOn };
}

describe("a job", () => {
  it("is recorded as alive for as long as a step takes", async () => {
    const { tracker, done, goOn } = await standing();
    const seen = new Set<string | undefined>();
    await vi.waitFor(
      async () => {
        const job = await recorded(tracker.id);
        expect(job).toMatchObject({ state: "running", target: expect.any(String) });
        expect(seen.add(job?.updatedAt).size).toBeGreaterThan(2);
      },
      { timeout: 30_000, interval: 300 },
    );
    goOn();
    expect((await done).state).toBe("done");
    expect(await recorded(tracker.id)).toMatchObject({ state: "done" });
  });

  it("ends when a record asks for it, whoever wrote that; what it had written stays", async () => {
    const { tracker, done, goOn } = await standing();
    await bench.store.records.put(testCall(), "cancellation", { key: tracker.id, record: {} });
    const outcome = done.catch((error: unknown) => error);
    setTimeout(goOn, 3_000);
    expect(await outcome).toMatchObject({ code: "cancelled", message: "The job was cancelled." });
    expect(await recorded(tracker.id)).toMatchObject({ state: "cancelled", error: { code: "cancelled" } });
    await (await bench.store.lease(testCall(), passFor(ALIAS))).release(); // nobody holds it
    bench.onEmbed = () => undefined;
    expect((await bench.start().done).documents).toMatchObject({ seen: 40 });
  });

  it("that waits its turn begins when the writer before it has ended", async () => {
    const lease = await bench.store.lease(testCall(), passFor(ALIAS));
    bench.sources.set("notes", { a: "text" });
    const { tracker, done } = bench.start({ waitsItsTurn: true });
    await vi.waitFor(async () => expect(await recorded(tracker.id)).toMatchObject({ state: "queued" }), {
      timeout: 30_000,
      interval: 200,
    });
    expect(tracker.job.phase).toBe("waiting");
    await lease.release();
    expect(await done).toMatchObject({ state: "done", documents: { added: 1 } });
  });

  it("that waits its turn can be cancelled", async () => {
    const lease = await bench.store.lease(testCall(), passFor(ALIAS));
    bench.sources.set("notes", { a: "text" });
    const { tracker, done } = bench.start({ waitsItsTurn: true });
    await bench.store.records.put(testCall(), "cancellation", { key: tracker.id, record: {} });
    await expect(done).rejects.toMatchObject({ code: "cancelled" });
    await lease.release();
  });
});
