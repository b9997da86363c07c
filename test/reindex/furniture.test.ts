/** What most documents of a source begin or end with is learned once, and kept with the source. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, Bench, type Memory } from "../support/fixtures.js";

const NAVIGATION = "Home | Guide | Reference";
const LICENCE = "Licensed under CC BY 4.0.";
const page = (name: string) => `${NAVIGATION}\n\nAll about ${name}.\n\n${LICENCE}`;
const pages = (count: number): Memory =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, page(`topic${i}`)]));

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

async function kept() {
  return (await bench.store.describe(testCall(), passFor(ALIAS)))?.sources?.map(({ furniture }) => furniture?.length);
}

describe("furniture of a source", () => {
  it("is shown, and neither embedded nor searched", async () => {
    await bench.index(pages(40));
    expect(bench.embedded).toHaveLength(40);
    for (const text of bench.embedded) expect(text.trim()).toMatch(/^All about topic\d+\.$/);
    const [found] = (await bench.retrieve({ query: "topic7" })).passages;
    expect(found?.point.text).toBe(page("topic7"));
    expect((await bench.retrieve({ query: "licensed guide", mode: "lexical" })).passages).toEqual([]);
  });

  it("is kept: what comes later is read the same, and nothing is embedded twice", async () => {
    await bench.index(pages(10));
    expect(await kept()).toEqual([2]);
    bench.embedded = [];
    const others = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`other${i}`, `Something else ${i}.`]));
    await bench.index({ ...pages(10), ...others, late: page("later") });
    expect(bench.embedded).toHaveLength(13);
    expect(bench.embedded.map((text) => text.trim())).toContain("All about later.");
    expect(await kept()).toEqual([2]);
  });

  it("is not told from a few documents, but from more of them later", async () => {
    await bench.index(pages(7));
    expect(bench.embedded.every((text) => text.includes("Home"))).toBe(true);
    expect(await kept()).toEqual([undefined]);
    bench.embedded = [];
    await bench.index(pages(9));
    expect(bench.embedded.map((text) => text.trim()).sort()).toEqual(["All about topic7.", "All about topic8."]);
  });

  it("is looked at again by a full run, which embeds what is read otherwise now", async () => {
    await bench.index(pages(7));
    await bench.index(pages(8));
    bench.embedded = [];
    await bench.index(pages(8), { mode: "full" });
    expect(bench.embedded.map((text) => text.trim())).toEqual(
      Array.from({ length: 7 }, (_, i) => `All about topic${i}.`),
    );
    expect(await kept()).toEqual([2]);
    bench.embedded = [];
    await bench.index(pages(8), { mode: "full" });
    expect(bench.embedded).toEqual([]);
  });

  it("is each source's own", async () => {
    await bench.index(pages(10));
    bench.embedded = [];
    await bench.index({ only: page("elsewhere") }, { source: "wiki" });
    expect(bench.embedded).toEqual([page("elsewhere")]);
    expect(await kept()).toEqual([2, undefined]);
  });

  it("is not learned from documents that cannot be read, which are left out as ever", async () => {
    const job = await bench.index({ ...pages(8), bad: { refused: "no text in it" } });
    expect(job.skipped).toEqual([{ document: "bad", reason: "no text in it" }]);
    expect(await kept()).toEqual([2]);
  });
});
