/**
 * What a real server answers, kept in exchanges.jsonl: the stub says nothing that a real one does not, and whenever a
 * real one is there it still says the same. QDRANT_TEST_RECORD=1 with QDRANT_TEST_URL records anew, after the adapter's
 * requests have changed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import { collect, document, spec, uuidOf, vectorOf } from "../../contract/fixtures.js";
import { passFor, testCall } from "../../support/call.js";
import { type Exchange, missingIn, recorderOf, send, shapeOf } from "./exchanges.js";
import { Stub } from "./stub.js";
import { testStore } from "./test-store.js";

/** One that nobody ends. */
const call = testCall();

const FILE = join(import.meta.dirname, "exchanges.jsonl");
const real = process.env.QDRANT_TEST_URL?.split(",")[0];
const ALIAS = "recorded";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function readExchanges(): Exchange[] {
  return readFileSync(FILE, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Exchange);
}

/** Every request that the adapter knows, and the refusals that it tells apart. */
async function scenario(target: string): Promise<Exchange[]> {
  await clear(target);
  const recorder = await recorderOf(target);
  const store = testStore(recorder.url, { poolSize: 1, timeoutMs: 30_000, failureThreshold: 5 });
  open.push(recorder.close, () => store.close());
  await store.probe(call);
  await versions(store);
  await bookkeeping(store);
  await succession(store, recorder.url);
  await refusals(recorder.url);
  return recorder.heard;
}

async function versions(store: VectorStore): Promise<void> {
  const [first, second] = [`${ALIAS}-1`, `${ALIAS}-2`];
  await store.create(call, first, spec(ALIAS));
  const documents = [
    document("fox", ["The quick brown fox", "A lazy dog"], { metadata: { lang: "en", year: 2020, draft: true } }),
    document("keys", ["Rotate the keys"], { title: "Keys", metadata: { lang: "de", tags: ["a", "b"] } }),
  ];
  await store.write(call, first, documents);
  await store.publish(call, passFor(ALIAS), first);
  await store.repoint(call, passFor(ALIAS), first);
  const legs = [
    { kind: "dense", vector: vectorOf("query") },
    { kind: "lexical", text: "fox keys" },
  ] as const;
  await store.search(call, first, legs, { limit: 1 });
  await store.search(call, first, legs, { limit: 5, filter: { lang: ["en", "fr"], year: { gte: 2000 } } });
  await store.any(call, first, { lang: { gte: "a", lte: "e" }, document: "fox" });
  await store.read(call, first, [documents[0]?.points[0]?.id as string], { vectors: true });
  await collect(store.scroll(call, first, undefined, { vectors: true }));
  await collect(store.documents(call, first, "files"));
  await store.remove(call, first, [{ source: "files", document: "keys" }]);
  await store.versions(call, passFor(ALIAS));
  await store.create(call, second, spec(ALIAS));
  await store.drop(call, second);
  await store.snapshot(call, first);
  await store.snapshots(call);
}

async function bookkeeping(store: VectorStore): Promise<void> {
  const lease = await store.lease(call, passFor(ALIAS));
  await store.lease(call, passFor(ALIAS)).catch(() => undefined);
  await lease.release();
  await (await store.lease(call, passFor(ALIAS))).release();
  await store.jobs(call, 1);
}

/** A writer whose lease is taken away while a document of its is there in part. */
async function succession(store: VectorStore, url: string): Promise<void> {
  const version = `${ALIAS}-1`;
  const before = await store.lease(call, passFor(ALIAS));
  await store.write(call, version, [document("fox", ["The quick red fox"])], before.fence);
  const payload = { source: "files", document: "fox", ordinal: 7, hash: "another", chunker: "c1" };
  const upsert = { points: [{ id: uuidOf("stray"), vector: {}, payload }] };
  const path = `/collections/${version}/points/batch?wait=true&ordering=medium`;
  await send(url, { method: "POST", path, body: { operations: [{ upsert }] } });
  await (await store.lease(call, passFor(ALIAS), { takeAway: true })).release();
  await (await store.lease(call, passFor(ALIAS))).release();
  await store.write(call, version, [document("late", ["late"])], before.fence).catch(() => undefined);
  await before.release().catch(() => undefined);
}

async function refusals(url: string): Promise<void> {
  const ask = (method: string, path: string, body?: object) => send(url, { method, path, body });
  const query = { query: [1, 2, 3], using: "dense", limit: 1 };
  await ask("PUT", `/collections/${ALIAS}-1`, { vectors: {} });
  await ask("GET", "/collections/nobody");
  await ask("POST", "/collections/nobody/points/count", { exact: true });
  await ask("POST", `/collections/${ALIAS}-1/points/query/batch`, { searches: [query] });
  await ask("POST", `/collections/${ALIAS}-1/points/query/batch`, { searches: [{ ...query, using: "nothing" }] });
  const actions = [{ create_alias: { collection_name: "nobody", alias_name: "nobodys" } }];
  await ask("POST", "/collections/aliases", { actions });
  await ask("DELETE", "/collections/nobody");
}

async function clear(target: string): Promise<void> {
  const { answer } = await send(target, { method: "GET", path: "/collections" });
  const { collections } = (answer as { result: { collections: { name: string }[] } }).result;
  const ours = collections.filter(({ name }) => name.startsWith("aura_retrieval_") || name.startsWith(ALIAS));
  for (const { name } of ours) await send(target, { method: "DELETE", path: `/collections/${name}` });
}

/** Sends the recorded requests again: what each is answered with. */
async function replay(target: string): Promise<{ recorded: Exchange; now: Pick<Exchange, "status" | "answer"> }[]> {
  await clear(target);
  const answers = [];
  for (const recorded of readExchanges()) answers.push({ recorded, now: await send(target, recorded) });
  return answers;
}

/** In whatever order a list's elements come. */
const askedOf = ({ method, path, body }: Exchange) => `${method} ${path} ${shapeOf(body).sort().join()}`;

/** What the stub says and a server does not. Indexes are not waited for: a server tells of each when it has made it. */
function unsaid(stub: unknown, server: unknown): string[] {
  return missingIn(stub, server).filter((each) => !each.includes(".payload_schema."));
}

describe("the recorded exchanges", () => {
  it("hold every request that the adapter makes, and no other", async () => {
    const stub = await Stub.start();
    open.push(() => stub.close());
    const made = new Set((await scenario(stub.url)).map(askedOf));
    const recorded = new Set(readExchanges().map(askedOf));
    expect([...made].filter((each) => !recorded.has(each))).toEqual([]);
    expect([...recorded].filter((each) => !made.has(each))).toEqual([]);
  });

  it("are answered by the stub with the same status, and nothing that a real server does not say", async () => {
    const stub = await Stub.start();
    open.push(() => stub.close());
    for (const { recorded, now } of await replay(stub.url)) {
      const what = `${recorded.method} ${recorded.path}`;
      expect(now.status, what).toBe(recorded.status);
      expect(unsaid(now.answer, recorded.answer), what).toEqual([]);
    }
  });

  it.skipIf(real === undefined)(
    `are answered by a real server with the same status, and what the stub says too${real === undefined ? " (skipped: QDRANT_TEST_URL names no server)" : ""}`,
    async () => {
      const url = real as string;
      if (process.env.QDRANT_TEST_RECORD === "1") {
        const heard = await scenario(url);
        const lines = heard.map((exchange) => JSON.stringify(exchange).replaceAll(hostname(), "host"));
        writeFileSync(FILE, `${lines.join("\n")}\n`);
      }
      const stub = await Stub.start();
      open.push(() => stub.close());
      const stubs = await replay(stub.url);
      for (const [i, { recorded, now }] of (await replay(url)).entries()) {
        const what = `${recorded.method} ${recorded.path}`;
        expect(now.status, what).toBe(recorded.status);
        expect(unsaid(stubs[i]?.now.answer, now.answer), what).toEqual([]);
      }
    },
  );
});
