/** Every place that names a collection × every kind of name: what is not allowed is refused as what is not there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answer } from "#src/api/answer.js";
import { completeOperation } from "#src/api/complete/operation.js";
import { documentOperation } from "#src/api/document/operation.js";
import { documentUri } from "#src/api/document/uri.js";
import { getDocumentOperation } from "#src/api/get-document/operation.js";
import { healthOperation } from "#src/api/health/operation.js";
import { listDocumentsOperation } from "#src/api/list-documents/operation.js";
import { reindexOperation } from "#src/api/reindex/operation.js";
import { retrieveOperation } from "#src/api/retrieve/operation.js";
import { type App, createApp } from "#src/app/app.js";
import { loadConfig } from "#src/config/load.js";
import { Access, CollectionPass } from "#src/core/access.js";
import { type AppError, toAppError } from "#src/core/errors.js";
import { testCall } from "../support/call.js";

let folder: string;
let app: App;
const versions: Record<"docs" | "secret", string> = { docs: "", secret: "" };
const passages: Record<"docs" | "secret", string> = { docs: "", secret: "" };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "aura-access-"));
  mkdirSync(join(folder, "notes"));
  writeFileSync(join(folder, "notes", "a.md"), "# Keys\n\nKeys are rotated every ninety days.\n");
  app = createApp(
    loadConfig({
      EMBEDDING_MODEL: "",
      RETRIEVAL_DATA_DIR: join(folder, "data"),
      RETRIEVAL_ROOTS: folder,
      QDRANT_COLLECTION: "docs",
      METRICS_PORT: "0",
      RATE_LIMIT_QPS: "100000",
      LOG_LEVEL: "silent",
    }),
  );
  const operator = testCall();
  for (const name of ["docs", "secret"] as const) {
    const target = operator.access.collection(name);
    const source = join(folder, "notes");
    const job = await app.reindex(operator, { source, target, mode: "full", dryRun: false }).done;
    versions[name] = job.target as string;
    const found = await app.retrieve(operator, { query: "keys", collection: target, topK: 1 });
    passages[name] = found.passages[0]?.point.id as string;
    await app.snapshot(operator, target);
  }
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const caller = () => ({ principal: { id: "test" }, signal: new AbortController().signal });
const restricted = () => testCall({ access: Access.to(["docs"]) });
const thrown = async (work: () => Promise<unknown>): Promise<AppError | undefined> => {
  try {
    await work();
  } catch (error) {
    return toAppError(error);
  }
  return undefined;
};

/** What a caller can do with a collection's name; the error it gets, if any. */
const PLACES: Readonly<Record<string, (name: string) => Promise<AppError | undefined>>> = {
  retrieve: async (collection) =>
    (
      await answer(
        app,
        retrieveOperation({ queryMaxChars: 2_000, profileChoice: false }),
        { query: "keys", collection },
        caller(),
      )
    ).error,
  "reindex into": async (collection) =>
    (await answer(app, reindexOperation(), { source: join(folder, "notes"), collection, wait: true }, caller())).error,
  "reindex into, dry": async (collection) =>
    (await answer(app, reindexOperation(), { source: join(folder, "notes"), collection, dry_run: true }, caller()))
      .error,
  "reindex from": async (name) =>
    (await answer(app, reindexOperation(), { source: `collection:${name}`, mode: "full", wait: true }, caller())).error,
  "reindex from, dry": async (name) =>
    (await answer(app, reindexOperation(), { source: `collection:${name}`, dry_run: true }, caller())).error,
  "resources/read": async (collection) =>
    (await answer(app, documentOperation, { collection, document: "a.md" }, caller())).error,
  "completion of sources": async (collection) =>
    (await answer(app, completeOperation, { part: "source", value: "", collection }, caller())).error,
  "completion of paths": async (collection) =>
    (await answer(app, completeOperation, { part: "path", value: "", collection, source: "notes" }, caller())).error,
  "get_document by name": async (collection) =>
    (await answer(app, getDocumentOperation, { document: "a.md", collection }, caller())).error,
  "get_document by address": async (collection) =>
    (
      await answer(
        app,
        getDocumentOperation,
        { uri: documentUri(collection.replace(/\0/g, "%00"), "notes", "a.md") },
        caller(),
      )
    ).error,
  "get_document by passage": async (collection) =>
    (await answer(app, getDocumentOperation, { around: passages.secret, collection }, caller())).error,
  list_documents: async (collection) => (await answer(app, listDocumentsOperation, { collection }, caller())).error,
  "list_documents with a cursor": async (collection) =>
    (await answer(app, listDocumentsOperation, { collection, cursor: "WyJ4IiwieCJd" }, caller())).error,
  versions: (name) => thrown(async () => app.versions(restricted(), restricted().access.collection(name))),
  snapshot: (name) => thrown(async () => app.snapshot(restricted(), restricted().access.collection(name))),
  rollback: (name) => thrown(async () => app.rollback(restricted(), restricted().access.collection(name))),
  drop: (name) => thrown(async () => app.drop(restricted(), restricted().access.collection(name))),
};

const NAMES: Readonly<Record<string, () => string>> = {
  "another's": () => "secret",
  "another's version": () => versions.secret,
  "its own version": () => versions.docs,
  "in other case": () => "Docs",
  "a look-alike": () => "d\u043ecs", // a Cyrillic o
  "with a blank": () => "docs ",
  "with a path": () => "docs/../secret",
};

describe.each(Object.entries(PLACES))("%s", (_place, ask) => {
  it.each(Object.entries(NAMES))("refuses a name that is %s as one that is not there", async (_what, nameOf) => {
    const name = nameOf();
    const refused = await ask(name);
    const absent = await ask("nothing");
    const told = (error: AppError | undefined, of: string) => ({
      code: error?.code,
      message: error?.message.replaceAll(of, "X"),
      remedy: error?.remedy.replaceAll(of, "X"),
    });
    expect(refused?.code).toBe("not_found");
    expect(told(refused, name)).toEqual(told(absent, "nothing"));
  });

  it("refuses a name that holds NUL", async () => {
    const error = await ask("docs\u0000x");
    expect(["bad_request", "not_found"]).toContain(error?.code);
  });
});

it.each([
  ...["retrieve", "reindex into", "reindex into, dry", "reindex from", "reindex from, dry", "resources/read"],
  ...["completion of sources", "completion of paths", "get_document by name", "get_document by address"],
  "list_documents",
])("%s serves the caller's own", async (place) => expect(await PLACES[place]?.("docs")).toBeUndefined());

describe("a list", () => {
  it("of health names nothing that the caller may not name", async () => {
    const { outcome } = await answer(app, healthOperation, {}, caller());
    expect(JSON.stringify(outcome)).not.toContain("secret");
    expect(outcome?.value.collections.map(({ alias }) => alias)).toContain("docs");
    expect(outcome?.value.jobs.length).toBeGreaterThan(0);
  });

  it("of health shows the caller's own jobs, though more of others' than it shows came after them", async () => {
    const operator = testCall();
    const others = { source: join(folder, "notes"), target: operator.access.collection("secret") };
    for (let job = 0; job < 12; job++)
      await app.reindex(operator, { ...others, mode: "incremental", dryRun: false }).done;
    const { outcome } = await answer(app, healthOperation, {}, caller());
    expect(outcome?.value.jobs).toContainEqual(expect.objectContaining({ collection: "docs", state: "done" }));
    expect(JSON.stringify(outcome)).not.toContain("secret");
  });

  it("of completions names what the caller may name", async () => {
    const { outcome } = await answer(app, completeOperation, { part: "collection", value: "" }, caller());
    expect(outcome?.value.values).toEqual(["docs"]);
  });

  it("of versions and snapshots leaves out what the caller may not name", async () => {
    expect(new Set((await app.collections(restricted())).map(({ alias }) => alias))).toEqual(new Set(["docs"]));
    expect(new Set((await app.snapshots(restricted())).map(({ spec }) => spec.alias))).toEqual(new Set(["docs"]));
    expect((await app.snapshots(testCall())).map(({ spec }) => spec.alias)).toContain("secret");
  });

  it("does not hide a snapshot's name from who restores or deletes another's: it is not there", async () => {
    const [theirs] = (await app.snapshots(testCall())).filter(({ spec }) => spec.alias === "secret");
    for (const name of [theirs?.name as string, "nothing"]) {
      const restoring = await thrown(() => app.restore(restricted(), name, { serve: false }));
      const deleting = await thrown(() => app.deleteSnapshot(restricted(), name));
      expect([restoring?.code, deleting?.code]).toEqual(["not_found", "not_found"]);
    }
  });
});

it("no pass is made but by the check", () => {
  expect(() => new CollectionPass(Symbol("granted") as never, "secret")).toThrow(TypeError);
});
