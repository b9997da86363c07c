/** Rollbacks by the history of what served, and while jobs run, on the real store. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import { servingHistory } from "#src/versions/history.js";
import { restoreSnapshot } from "#src/versions/restore.js";
import { rollback } from "#src/versions/rollback.js";
import { takeSnapshot } from "#src/versions/snapshot.js";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, Bench, manyDocuments } from "../support/fixtures.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const back = async (to?: string, store: VectorStore = bench.store) =>
  (await rollback(testCall(), store, passFor(ALIAS), to)).to;
const build = async (text: string) => (await bench.index({ a: text }, { mode: "full" })).target as string;
const names = async () => (await bench.store.versions(testCall(), passFor(ALIAS))).map(({ name }) => name);
const history = () => servingHistory(testCall(), bench.store, ALIAS);
const nowhere = { code: "not_found", message: expect.stringMatching(/no earlier version/) };

describe("a rollback", () => {
  it("returns to what served before, and never by itself to what was rolled back from", async () => {
    const good = await build("good");
    const bad = await build("bad");
    expect(await back()).toBe(good);
    const better = await build("better");
    expect(await back()).toBe(good);
    expect(await bench.serving()).toBe(good);
    await expect(back()).rejects.toMatchObject(nowhere);
    expect(await names()).toContain(better);
    expect((await history()).map(({ version, previous, why }) => [version, previous, why])).toEqual([
      [good, undefined, "index"],
      [bad, good, "index"],
      [good, bad, "rollback"],
      [better, good, "index"],
      [good, better, "rollback"],
    ]);
  });

  it("goes back one step after another, past what was left on the way", async () => {
    const [first, second] = [await build("1"), await build("2")];
    await build("3");
    expect([await back(), await back()]).toEqual([second, first]);
    await expect(back()).rejects.toMatchObject(nowhere);
  });

  it("to a version by its name goes anywhere; going on to what was left takes that rollback back", async () => {
    const good = await build("good");
    const doubted = await build("doubted");
    expect(await back()).toBe(good);
    expect(await back(doubted)).toBe(doubted);
    const next = await build("next");
    expect([await back(), await back()]).toEqual([doubted, good]);
    expect(await back(next)).toBe(next);
    expect(await back(next)).toBe(next); // where it is already
    await expect(back("nothing")).rejects.toMatchObject({ code: "not_found" });
  });

  it("returns from what a restore serves to what served before", async () => {
    const first = await build("first");
    const { name } = await takeSnapshot(testCall(), bench.store, passFor(ALIAS));
    const second = await build("second");
    const { version } = await restoreSnapshot(testCall(), bench.parts(), name, { serve: true });
    expect((await history()).at(-1)).toMatchObject({ version, previous: second, why: "restore" });
    expect([await back(), await back()]).toEqual([second, first]);
  });

  it("of an alias that has no history goes to the newest complete version older than the one that serves", async () => {
    const [first, second, third] = [await build("1"), await build("2"), await build("3")];
    await forgetHistory();
    expect([await back(), await back()]).toEqual([second, first]);
    await forgetHistory();
    await back(third);
    await forgetHistory();
    const fourth = await build("4"); // its history begins here: what was before it is known by age only
    expect([await back(), await back()]).toEqual([third, second]);
    expect(await names()).toContain(fourth);
  });

  it("does not go to a complete version that never served", async () => {
    const first = await build("first");
    const { name } = await takeSnapshot(testCall(), bench.store, passFor(ALIAS));
    await restoreSnapshot(testCall(), bench.parts(), name, { serve: false });
    await build("second");
    expect(await back()).toBe(first);
    await expect(back()).rejects.toMatchObject(nowhere);
  });

  it("that is refused leaves no trace in the history", async () => {
    const good = await build("good");
    const bad = await build("bad");
    const racing: VectorStore = {
      ...bench.store,
      async repoint(call, alias, collection, terms) {
        await bench.store.repoint(call, alias, good);
        return bench.store.repoint(call, alias, collection, terms);
      },
    };
    await expect(back(good, racing)).rejects.toMatchObject({ code: "conflict" });
    expect((await history()).map(({ version }) => version)).toEqual([good, bad]);
  });

  it("finds what it needs: versions that rollbacks would go to are kept, before those that were left", async () => {
    const good = await build("good");
    const bad = await build("bad");
    await back();
    await bench.index({ a: "good, changed" });
    expect(await names()).toContain(bad); // until the next build: it may be gone on to by name
    const [third, fourth] = [await build("3"), await build("4")];
    expect(await names()).toEqual([fourth, third, good]);
    const fifth = await build("5");
    expect(await names()).toEqual([fifth, fourth, third]);
  });

  async function forgetHistory(): Promise<void> {
    const { records } = bench.store;
    for (const { key } of await records.list(testCall(), "serving")) await records.delete(testCall(), "serving", key);
  }
});

describe("a rollback while a job runs", () => {
  /** A run that stands still in the middle, until what is returned is called. */
  async function standing(mode: "full" | "incremental", documents = manyDocuments(300, "other")) {
    bench.sources.set("notes", documents);
    let goOn = () => {};
    const gate = new Promise<void>((open) => {
      goOn = open;
    });
    const reached = new Promise<void>((there) => {
      bench.embedded = [];
      bench.onEmbed = () => {
        if (bench.embedded.length < 250) return;
        there();
        return gate;
      };
    });
    const { done } = bench.start({ mode });
    done.catch(() => undefined);
    await reached;
    return { done, goOn };
  }

  it("of a full build is done at once; its switch is refused, and the next run goes on and serves", async () => {
    const first = await build("first");
    const second = await build("second");
    const job = await standing("full");
    expect(await back()).toBe(first); // the build stands still: nothing waits for it
    job.goOn();
    await expect(job.done).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`"${ALIAS}" serves "${first}" since this began`),
      remedy: expect.stringContaining("same mode"),
    });
    expect(await bench.serving()).toBe(first);
    bench.embedded = [];
    const next = await bench.start({ mode: "full" }).done;
    expect(bench.embedded).toEqual([]);
    expect(await bench.serving()).toBe(next.target);
    expect(await back()).toBe(first);
    expect(await names()).toContain(second);
  });

  it("that changes what serves stops it: it writes nothing more, there or elsewhere", async () => {
    const first = (await bench.index({ a: "first" }, { mode: "full" })).target as string;
    const second = (await bench.index({ ...manyDocuments(300, "other"), a: "second" }, { mode: "full" }))
      .target as string;
    const changed = Object.fromEntries(
      Object.entries(manyDocuments(300, "other")).map(([id, text]) => [id, `${text} Changed.`]),
    );
    const job = await standing("incremental", changed);
    expect(await back()).toBe(first);
    const written = await textsOf(second);
    job.goOn();
    await expect(job.done).rejects.toMatchObject({ code: "conflict", message: expect.stringMatching(/lease .* lost/) });
    expect(await textsOf(second)).toEqual(written);
    expect(await textsOf(first)).toEqual(["first"]);
    expect(await bench.serving()).toBe(first);
    await (await bench.store.lease(testCall(), passFor(ALIAS))).release(); // nobody holds it
  });

  async function textsOf(version: string): Promise<string[]> {
    const texts: string[] = [];
    for await (const { text } of bench.store.scroll(testCall(), version)) texts.push(text);
    return texts.sort();
  }
});
