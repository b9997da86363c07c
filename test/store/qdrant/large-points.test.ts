/** Points that are too large to come in one answer: fewer of them are asked for at a time. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { QdrantStore } from "#src/store/qdrant/index.js";
import { collect, document, spec } from "../../contract/fixtures.js";
import { passFor, testCall } from "../../support/call.js";
import { Stub } from "./stub.js";
import { testStore } from "./test-store.js";

const call = testCall();
const DOCUMENTS = Array.from({ length: 12 }, (_, i) => document(`d${10 + i}`, [`${i} `.repeat(500_000)]));

let stub: Stub;
let store: QdrantStore;
beforeEach(async () => {
  stub = await Stub.start();
  store = testStore(stub.url, { timeoutMs: 30_000 });
  await store.create(call, "docs-1", spec("docs"));
  for (const each of DOCUMENTS) await store.write(call, "docs-1", [each]);
  await store.publish(call, passFor("docs"), "docs-1");
});
afterEach(async () => {
  await store.close();
  await stub.close();
});

it("they are scrolled and read all the same, each once", async () => {
  const points = await collect(store.scroll(call, "docs-1", undefined));
  expect(points.map(({ record }) => record.document)).toEqual(DOCUMENTS.map(({ document: id }) => id));
  const ids = points.map(({ id }) => id);
  expect((await store.read(call, "docs-1", ids)).map(({ id }) => id)).toEqual(ids);
});

it("pages that come to no end are an error", async () => {
  stub.twist = (answer) => {
    const { result } = answer as { result: { next_page_offset?: unknown } };
    if (result.next_page_offset !== null) return answer;
    return { result: { ...result, next_page_offset: "8a1c7c9e-0000-8000-8000-000000000001" } };
  };
  await expect(collect(store.documents(call, "docs-1"))).rejects.toMatchObject({ code: "store_down" });
});
