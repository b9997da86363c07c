/** Re-embedding what a collection holds: writes of others meanwhile, and names that something else has taken. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Access } from "#src/core/access.js";
import type { VectorStore } from "#src/core/ports.js";
import type { CollectionInfo } from "#src/core/types.js";
import { startReindex } from "#src/reindex/reindex.js";
import { type Asked, targetAlias } from "#src/reindex/target-alias.js";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, Bench, manyDocuments } from "../support/fixtures.js";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

function reembed(collection: string, mode: "full" | "incremental" = "full") {
  const request = { source: `collection:${ALIAS}`, target: passFor(collection), mode, dryRun: false } as const;
  return startReindex(testCall(), bench.parts(), request).done;
}

describe("a collection that is re-embedded into another", () => {
  it("is read again until nothing has changed: what others wrote meanwhile is caught up", async () => {
    await bench.index(manyDocuments(4));
    let written = false;
    bench.onEmbed = async () => {
      if (written) return;
      written = true;
      const { "topic-003": _, ...kept } = manyDocuments(4);
      await bench.index({ ...kept, "topic-001": "Rewritten meanwhile.", late: "Written meanwhile." });
    };
    bench.useModel("2");
    const job = await reembed("copy");
    expect(job.writes).toEqual({ handled: "caught_up", documents: 3 });
    expect(job.points).toBe(4);
    const texts = [];
    for await (const { text } of bench.store.scroll(testCall(), job.target as string)) texts.push(text);
    expect(texts).toContain("Rewritten meanwhile.");
    expect(texts).toContain("Written meanwhile.");
  });

  it("says so when nobody wrote to it", async () => {
    await bench.index(manyDocuments(4));
    expect((await reembed("copy")).writes).toEqual({ handled: "caught_up", documents: 0 });
  });
});

describe.each(["full", "incremental"] as const)("a collection that is brought into another one, %s", (mode) => {
  it("replaces what it brought before, and leaves the other's own documents where they are", async () => {
    await bench.index(manyDocuments(3));
    await bench.index({ mine: "of the copy's own" }, { source: "wiki", target: passFor("copy") });
    await reembed("copy", mode);
    const { "topic-002": _, ...kept } = manyDocuments(3);
    await bench.index(kept);
    await reembed("copy", mode);
    expect(await bench.documents("copy")).toEqual(["notes/topic-000", "notes/topic-001", "wiki/mine"]);
  });
});

describe("a collection that is re-embedded under its own alias", () => {
  it("is kept from being written meanwhile by the lease", async () => {
    await bench.index(manyDocuments(4));
    bench.useModel("2");
    expect((await reembed(ALIAS)).writes).toEqual({ handled: "prevented", documents: 0 });
  });
});

describe("the alias that a re-index builds for", () => {
  const storeWith = (info: Partial<CollectionInfo> | undefined, takes: boolean) =>
    ({
      describe: async () => info,
      ...(takes ? { takeName: async () => ({ legacy: "", gapMs: 0 }) } : {}),
    }) as unknown as VectorStore;
  const plain = { name: "docs", alias: "docs" };
  const request = { target: passFor("docs"), source: "collection:docs" };
  const aim = async (store: VectorStore, asked: Asked, access?: Access) => {
    const { alias, takesName } = await targetAlias(testCall(access && { access }), store, asked);
    return { alias: alias.name, takesName };
  };

  it("is the one asked for, where nothing or an alias of ours has the name", async () => {
    expect(await aim(storeWith(undefined, true), request)).toEqual({ alias: "docs", takesName: false });
    const ours = { name: "docs_1", alias: "docs", spec: {} as never };
    expect(await aim(storeWith(ours, true), request)).toEqual({ alias: "docs", takesName: false });
    const alias = { name: "elsewhere", alias: "docs" };
    expect(await aim(storeWith(alias, true), request)).toEqual({ alias: "docs", takesName: false });
  });

  it("is another where something else made a collection of the name, unless its name is to be taken", async () => {
    expect(await aim(storeWith(plain, true), request)).toEqual({ alias: "docs_aura", takesName: false });
    const taking = { ...request, takeName: true };
    expect(await aim(storeWith(plain, true), taking)).toEqual({ alias: "docs", takesName: true });
  });

  it("is one that the caller may use, the other alias too", async () => {
    const refused = aim(storeWith(plain, true), request, Access.to(["docs"]));
    await expect(refused).rejects.toMatchObject({ code: "not_found", message: /docs_aura/ });
    const allowed = await aim(storeWith(plain, true), request, Access.to(["docs", "docs_aura"]));
    expect(allowed.alias).toBe("docs_aura");
  });

  it("takes no name from what it does not read, nor where the store cannot", async () => {
    const elsewhere = aim(storeWith(plain, true), { ...request, source: "./docs", takeName: true });
    await expect(elsewhere).rejects.toMatchObject({ code: "bad_request", message: /collection:docs/ });
    const cannot = aim(storeWith(plain, false), { ...request, takeName: true });
    await expect(cannot).rejects.toMatchObject({ code: "bad_request" });
  });
});
