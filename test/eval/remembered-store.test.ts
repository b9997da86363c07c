import { describe, expect, it } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import type { Candidate, Leg, StoredPoint } from "#src/core/types.js";
import { rememberedStore } from "#src/eval/remembered-store.js";
import { testCall } from "../support/call.js";

function counted(search: () => Promise<Candidate[]> = async () => []) {
  const asked: string[] = [];
  const store = {
    search: (_call: unknown, collection: string) => {
      asked.push(`search ${collection}`);
      return search();
    },
    read: async (_call: unknown, _collection: string, ids: readonly string[]) => {
      asked.push(`read ${ids.join()}`);
      return ids.filter((id) => id !== "gone").map((id) => ({ id }) as StoredPoint);
    },
  } as unknown as VectorStore;
  return { asked, store: rememberedStore(store) };
}
const dense = (value: number): Leg => ({ kind: "dense", vector: Float32Array.of(value) });

describe("a store that remembers", () => {
  it("searches once for equal legs, filter and limit, and again for any other", async () => {
    const { asked, store } = counted();
    const call = testCall();
    const legs = [dense(1), { kind: "lexical", text: "keys" }] as const;
    await Promise.all([store.search(call, "a", legs, { limit: 5 }), store.search(call, "a", legs, { limit: 5 })]);
    expect(asked).toHaveLength(1);
    await store.search(call, "b", legs, { limit: 5 });
    await store.search(call, "a", legs, { limit: 6 });
    await store.search(call, "a", legs, { limit: 5, filter: { document: "x" } });
    await store.search(call, "a", [dense(2), legs[1]], { limit: 5 });
    await store.search(call, "a", [dense(1)], { limit: 5 });
    expect(asked).toHaveLength(6);
  });

  it("does not remember a search that failed", async () => {
    let fails = true;
    const { asked, store } = counted(async () => {
      if (fails) throw new Error("down");
      return [];
    });
    await expect(store.search(testCall(), "a", [dense(1)], { limit: 5 })).rejects.toThrow("down");
    fails = false;
    expect(await store.search(testCall(), "a", [dense(1)], { limit: 5 })).toEqual([]);
    expect(asked).toHaveLength(2);
  });

  it("reads only passages that it has not read, in the order asked for; what is gone is left out", async () => {
    const { asked, store } = counted();
    const call = testCall();
    await store.read(call, "a", ["1", "2"]);
    expect(await store.read(call, "a", ["3", "gone", "1"])).toEqual([{ id: "3" }, { id: "1" }]);
    await store.read(call, "a", ["1"], { tokens: true });
    expect(asked).toEqual(["read 1,2", "read 3,gone", "read 1"]);
  });
});
