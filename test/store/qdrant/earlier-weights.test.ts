/** Collections whose weights an earlier version made: with the average length of their first texts. */
import { afterEach, expect, it } from "vitest";
import { termWeight } from "#src/store/bm25.js";
import { analyse } from "#src/text/analyser.js";
import { document, spec } from "../../contract/fixtures.js";
import { testCall } from "../../support/call.js";
import { Stub } from "./stub.js";
import { testStore } from "./test-store.js";

const AVERAGE = 7;
const call = testCall();
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function send<T>(url: string, path: string, body: object): Promise<T> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  return ((await answer.json()) as { result: T }).result;
}

it("are searched, and written with the length that they began with", async () => {
  const stub = await Stub.start();
  const maker = testStore(stub.url);
  open.push(
    () => stub.close(),
    () => maker.close(),
  );
  await maker.create(call, "docs-1", spec());
  const book = "/collections/aura_retrieval_book/points";
  const { points } = await send<{ points: { payload: { kind: string; entry: object } }[] }>(
    stub.url,
    `${book}/scroll`,
    { limit: 10, with_payload: true },
  );
  const earlier = points
    .filter(({ payload }) => payload.kind === "collection")
    .map((point) => ({
      ...point,
      vector: {},
      payload: { ...point.payload, entry: { ...point.payload.entry, averageLength: AVERAGE } },
    }));
  await send<object>(stub.url, `${book}/batch?wait=true`, { operations: [{ upsert: { points: earlier } }] });

  const store = testStore(stub.url);
  open.push(() => store.close());
  const text = "a fox, and a fox that is quick";
  await store.write(call, "docs-1", [document("a", [text])]);
  const [point] = await send<{ vector: { bm25: { values: number[] } } }[]>(stub.url, "/collections/docs-1/points", {
    ids: document("a", [text]).points.map(({ id }) => id),
    with_vector: ["bm25"],
  });
  expect(Math.max(...(point?.vector.bm25.values ?? []))).toBeCloseTo(termWeight(2, analyse(text).length, AVERAGE), 6);
  const legs = [{ kind: "lexical", text: "fox" }] as const;
  expect(await store.search(call, "docs-1", legs, { limit: 5 })).toHaveLength(1);
});
