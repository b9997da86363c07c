/** Every tool, resource and completion × every place of a document: what lies out of scope is answered as what is not there. */
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { z } from "zod";
import { type Answer, answer } from "#src/api/answer.js";
import { completeOperation } from "#src/api/complete/operation.js";
import { documentOperation } from "#src/api/document/operation.js";
import { getDocumentOperation } from "#src/api/get-document/operation.js";
import { healthOperation } from "#src/api/health/operation.js";
import { listDocumentsOperation } from "#src/api/list-documents/operation.js";
import type { Operation } from "#src/api/operation.js";
import { createTools } from "#src/api/operations.js";
import { reindexOperation } from "#src/api/reindex/operation.js";
import { retrieveOperation } from "#src/api/retrieve/operation.js";
import { type App, createApp } from "#src/app/app.js";
import { type Env, loadConfig } from "#src/config/load.js";
import type { Call } from "#src/core/call.js";
import { testCall } from "../support/call.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let base: string;
/** The workspace that is asked, and its settings as they are now. */
let app: App;
let env: Env;

/** A document by where it lies, with a word of its own. */
interface Target {
  /** Of the folder that was indexed. */
  readonly source: string;
  readonly document: string;
  readonly word: string;
}
const target = (source: string, document: string, word: string): Target => ({ source, document, word });
const ABSENT = target("ws-nowhere", "desert.md", "mangosteen");
const SEEN: Readonly<Record<string, Target>> = {
  "its own": target("ws-own", "orchard.md", "apple"),
  "its own, in a folder that a bigger one around it brought": target("ws-parent", "mine/deep/valley.md", "banana"),
};
const HIDDEN: Readonly<Record<string, Target>> = {
  "another's": target("ws-other", "meadow.md", "cherry"),
  "another's of the same name as its own": target("ws-twin", "orchard.md", "damson"),
  "the parent folder's": target("ws-parent", "hillside.md", "elderberry"),
  "of a folder whose name begins with a root's": target("ws-parent", "mine2/quarry.md", "fig"),
};
const PLACES = { ...SEEN, ...HIDDEN };
/** Passages and documents that the workspace sees. */
const SIZE = Object.keys(SEEN).length;

beforeAll(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "aura-scope-")));
  for (const { source, document, word } of Object.values(PLACES)) {
    mkdirSync(dirname(join(base, source, document)), { recursive: true });
    writeFileSync(join(base, source, document), `# Fruit\n\nThe ${word} grows on trees.\n`);
  }
  // One root by its path, the other through a link.
  symlinkSync(join(base, "ws-parent/mine"), join(base, "link"), "junction");
  env = settings([join(base, "ws-own"), join(base, "link")]);
  app = createApp(loadConfig(env), () => loadConfig(env));
  const operator = testCall();
  for (const source of ["ws-other", "ws-twin", "ws-parent", "ws-own"]) {
    await app.reindex(operator, { ...request("full"), source: join(base, source) }).done;
  }
});
afterAll(async () => {
  await app.close();
  rmSync(base, { recursive: true, force: true });
});

function settings(roots: readonly string[], more: Env = {}): Env {
  return {
    EMBEDDING_MODEL: "",
    RETRIEVAL_DATA_DIR: join(base, "data"),
    RETRIEVAL_ROOTS: roots.join(delimiter),
    QDRANT_COLLECTION: "docs",
    METRICS_PORT: "0",
    RATE_LIMIT_QPS: "100000",
    LOG_LEVEL: "silent",
    ...more,
  };
}
const request = (mode: "full" | "incremental") => ({
  target: testCall().access.collection("docs"),
  mode,
  dryRun: false,
});

const retrieve = retrieveOperation({ queryMaxChars: 2_000, profileChoice: false });
const reindex = reindexOperation();
async function ask<I extends z.ZodObject, O>(operation: Operation<App, I, O>, input: object): Promise<Answer<O>> {
  return answer(app, operation, input, { principal: { id: "test" }, signal: new AbortController().signal });
}
const urlOf = (source: string) => pathToFileURL(join(base, source)).href;

async function passageOf({ document, word }: Target): Promise<string> {
  const call = testCall();
  const found = await app.retrieve(call, { query: word, collection: request("full").target, topK: 50 });
  const own = found.passages.find(({ point }) => point.record.document === document && point.text.includes(word));
  return own?.point.id ?? "00000000-0000-8000-8000-000000000000";
}

/** What a caller may ask that names a document, its folder, or a word of it. */
const QUESTIONS: Readonly<Record<string, (of: Target) => Promise<Answer<unknown>>>> = {
  "retrieve its word": ({ word }) => ask(retrieve, { query: word, mode: "lexical", explain: true }),
  "retrieve by its document": ({ document }) => ask(retrieve, { query: "fruit", filter: { document } }),
  "retrieve by its source": ({ source }) => ask(retrieve, { query: "fruit", filter: { source: urlOf(source) } }),
  "retrieve by its key": ({ source, document }) =>
    ask(retrieve, { query: "fruit", filter: { source: urlOf(source), document } }),
  "read it by its address": ({ source, document }) =>
    ask(documentOperation, { collection: "docs", document: `${source}/${document}` }),
  "get it by its address": ({ source, document }) =>
    ask(getDocumentOperation, { uri: `aura://docs/${source}/${document}` }),
  "get it by its names": ({ source, document }) => ask(getDocumentOperation, { source, document }),
  "get what stands around its passage": async (of) => ask(getDocumentOperation, { around: await passageOf(of) }),
  "list its source": ({ source }) => ask(listDocumentsOperation, { source }),
  "list by its name": ({ document }) => ask(listDocumentsOperation, { prefix: document }),
  "complete its source": ({ source }) => ask(completeOperation, { part: "source", value: source, collection: "docs" }),
  "complete its path": ({ source, document }) =>
    ask(completeOperation, { part: "path", value: document.slice(0, -3), source, collection: "docs" }),
  "reindex its folder": ({ source }) => ask(reindex, { source: join(base, source), dry_run: true }),
  "reindex its file": ({ source, document }) => ask(reindex, { source: join(base, source, document), dry_run: true }),
};

/** An answer without what is different every time, and without the words of the question. */
function plain(given: Answer<unknown>, { source, document, word }: Target): string {
  const { error, outcome } = given;
  const text = JSON.stringify(error === undefined ? outcome : [error.code, error.message, error.remedy]);
  return [document, document.slice(0, -3), word, source]
    .reduce((all, own) => all.replaceAll(own, "X"), text)
    .replace(/"timings_ms":\{[^}]*\}/g, "")
    .replace(
      /\d+(\.\d+)? s:|"elapsed_ms":\d+|"id":"[0-9a-f]{16}"|Job [0-9a-f]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}/g,
      "",
    );
}

describe.each(Object.entries(QUESTIONS))("%s", (what, question) => {
  it.each(Object.entries(HIDDEN))("answers for %s as for what is not there", async (_where, hidden) => {
    // The own one of that name is found by it, as it would be without the other.
    const isNamed = hidden.document === "orchard.md" && /by its document|by its name$/.test(what);
    // The parent folder is a source of which a part is visible.
    const isPart = hidden.source === "ws-parent";
    const instead = isNamed
      ? { ...hidden, source: "ws-nowhere" }
      : isPart
        ? { ...ABSENT, source: "ws-parent" }
        : ABSENT;
    const given = await question(hidden);
    expect(JSON.stringify(given)).not.toContain(`The ${hidden.word} grows`);
    expect(plain(given, hidden)).toBe(plain(await question(instead), instead));
  });

  it.each(Object.entries(SEEN))("answers for %s", async (_where, seen) => {
    if (what.startsWith("reindex")) return;
    const { outcome, error } = await question(seen);
    expect(error).toBeUndefined();
    const told =
      what === "complete its source" ? seen.source : /^(complete|list)/.test(what) ? seen.document : seen.word;
    expect(JSON.stringify(outcome)).toContain(told);
  });
});

it("no tool is left out: what a new one says of each place is asked above, or below", () => {
  const names = createTools({ queryMaxChars: 2_000, profileChoice: false, isReadOnly: false }).map(({ name }) => name);
  expect(names.sort()).toEqual(["get_document", "health", "list_documents", "reindex", "retrieve"]);
});

it("a question without a filter is answered from the visible documents only, which are all that is counted", async () => {
  const { outcome } = await ask(retrieve, { query: "which fruit grows on trees", top_k: 50 });
  expect(outcome?.value.results.map(({ source }) => source.document).sort()).toEqual([
    "mine/deep/valley.md",
    "orchard.md",
  ]);
  expect(outcome?.value.collection.points).toBe(SIZE);
});

it("a list counts what is visible, and no cursor of it names anything else", async () => {
  const call = testCall({ access: app.access() });
  const listed: string[] = [];
  let cursor: string | undefined;
  do {
    const list = await app.listDocuments(call, request("full").target, { cursor, limit: 1 });
    expect(list.total).toBe(SIZE);
    listed.push(...list.documents.map(({ document }) => document));
    cursor = list.cursorFrom(list.documents.length);
    const told = Buffer.from(cursor ?? "", "base64url").toString();
    for (const { document } of Object.values(HIDDEN))
      if (document !== "orchard.md") expect(told).not.toContain(document);
  } while (cursor !== undefined && listed.length < 10);
  expect(listed.sort()).toEqual(["mine/deep/valley.md", "orchard.md"]);
});

it("a job that others run is neither cancelled nor told of", async () => {
  const { jobs } = await app.health(testCall());
  const theirs = jobs.find(({ source }) => source.endsWith("ws-other"))?.id ?? "";
  const refusals = await Promise.all([theirs, "0123456789abcdef"].map((cancel) => ask(reindex, { cancel })));
  const [hidden, absent] = refusals.map(({ error }) => [error?.code, error?.message.replace(/"[0-9a-f]{16}"/, "X")]);
  expect(theirs).not.toBe("");
  expect(hidden).toEqual(absent);
});

it("a short name that others have too means the visible document", async () => {
  const { outcome } = await ask(documentOperation, { collection: "docs", document: "orchard.md" });
  expect(outcome?.text).toContain("apple");
});

it("health counts what is visible, and names neither places nor jobs of others", async () => {
  const { outcome } = await ask(healthOperation, {});
  const { collections, jobs } = outcome?.value ?? { collections: [], jobs: [] };
  expect(collections.find(({ serving }) => serving)).toMatchObject({ documents: SIZE, points: SIZE });
  expect(jobs.map(({ source }) => source)).toEqual([join(base, "ws-own")]);
});

describe("a job", () => {
  const operatorsDocuments = async () => {
    const found: string[] = [];
    for await (const { document } of app.documents(testCall(), request("full").target)) found.push(document);
    return found.sort();
  };
  const all = Object.values(PLACES).map(({ document }) => document);

  it.each([
    ["of its own folder, built anew", () => ({ source: join(base, "ws-own"), mode: "full" }), 1],
    ["of a folder of a bigger source", () => ({ source: join(base, "ws-parent/mine") }), 1],
    ["of a folder of a bigger source, built anew", () => ({ source: join(base, "ws-parent/mine"), mode: "full" }), 1],
    ["of the whole collection, built anew", () => ({ source: "collection:docs", mode: "full" }), SIZE],
    ["of the whole collection", () => ({ source: "collection:docs" }), SIZE],
    ["of the whole collection, dry", () => ({ source: "collection:docs", dry_run: true }), SIZE],
  ])("%s counts the visible documents only, and keeps the others", async (_what, input, seen) => {
    const { outcome, error } = await ask(reindex, { ...input(), wait: true });
    expect(error).toBeUndefined();
    expect(outcome?.value.job).toMatchObject({ documents: { seen, changed: 0, removed: 0 } });
    expect([undefined, SIZE]).toContain(outcome?.value.job.points);
    expect(await operatorsDocuments()).toEqual(all.sort());
  });

  it("is judged by golden questions that only others' documents answer", async () => {
    const call = testCall({ access: app.access() });
    const golden = [{ question: "the cherry grows on trees", documents: ["meadow.md"], top: 3 }];
    const { state } = await app.reindex(call, { ...request("full"), source: join(base, "ws-own"), golden }).done;
    expect(state).toBe("done");
  });

  it("that ended before its source was found is shown to the process that ran it", async () => {
    await ask(reindex, { source: join(base, "ws-other"), wait: true });
    const { outcome } = await ask(healthOperation, {});
    expect(outcome?.value.jobs[0]).toMatchObject({ source: join(base, "ws-other"), state: "failed" });
  });
});

describe("settings in force", () => {
  const words = async () => {
    const { outcome } = await ask(retrieve, { query: "which fruit grows on trees", top_k: 50 });
    const text = outcome?.value.results.map((result) => result.text).join() ?? "";
    const found = Object.values(PLACES).flatMap(({ word }) => (text.includes(word) ? word : []));
    return outcome?.value.empty_reason ?? found;
  };
  const change = async (next: Env) => {
    env = next;
    await app.reload();
    return words();
  };
  const everything = Object.values(PLACES).map(({ word }) => word);

  it("change what the next call sees", async () => {
    expect(await words()).toEqual(["apple", "banana"]);
    expect(await change(settings([join(base, "ws-other")]))).toEqual(["cherry"]);
    expect(await change(settings([join(base, "ws-parent")]))).toEqual(["banana", "elderberry", "fig"]);
    expect(await change(settings([join(base, "ws-parent/min")]))).toBe("out_of_scope");
    expect(await change(settings([join(base, "ws-own")], { RETRIEVAL_SCOPE: "all" }))).toEqual(everything);
    expect(await change(settings([]))).toEqual(everything);
    expect(await change(settings([], { RETRIEVAL_SCOPE: "roots" }))).toBe("out_of_scope");
    expect(await change(settings([base]))).toEqual(everything);
  });

  it("keep a scope closed when a Qdrant is named that needs a restart", async () => {
    expect(await change(settings([join(base, "ws-own")], { QDRANT_URL: "http://127.0.0.1:9" }))).toEqual(["apple"]);
  });

  it("keep what a root covers while it is not there", async () => {
    await change(settings([join(base, "ws-own")]));
    renameSync(join(base, "ws-own"), join(base, "elsewhere"));
    expect(await words()).toEqual(["apple"]);
    renameSync(join(base, "elsewhere"), join(base, "ws-own"));
  });

  it("open it by default for a Qdrant, which is shared on purpose, and for who has no roots", async () => {
    for (const [more, isScoped] of [
      [{}, true],
      [{ RETRIEVAL_ROOTS: "" }, false],
      [{ QDRANT_URL: "http://127.0.0.1:9" }, false],
      [{ QDRANT_URL: "http://127.0.0.1:9", RETRIEVAL_SCOPE: "roots" }, true],
      [{ RETRIEVAL_SCOPE: "all" }, false],
    ] as const) {
      const other = createApp(loadConfig(settings([base], more)));
      expect([more, other.access().roots !== undefined]).toEqual([more, isScoped]);
      await other.close();
    }
  });
});

it("a folder that holds what another's missing folder held does not take its source", async () => {
  const text = { "a.md": "# Plum\n\nThe plum grows on trees.\n", "b.md": "# Quince\n\nThe quince grows too.\n" };
  for (const folder of ["ws-gone", "ws-copy"]) {
    mkdirSync(join(base, folder));
    for (const [name, content] of Object.entries(text)) writeFileSync(join(base, folder, name), content);
  }
  const moving = settings([join(base, "ws-copy")], { QDRANT_COLLECTION: "moving" });
  const other = createApp(loadConfig(moving));
  try {
    const operator = testCall();
    const asked = { target: operator.access.collection("moving"), mode: "incremental", dryRun: false } as const;
    await other.reindex(operator, { ...asked, source: join(base, "ws-gone") }).done;
    rmSync(join(base, "ws-gone"), { recursive: true });
    const confined = testCall({ access: other.access() });
    const job = await other.reindex(confined, { ...asked, source: join(base, "ws-copy") }).done;
    expect(job).toMatchObject({ state: "done", documents: { added: 2 } });
    expect(JSON.stringify(job)).not.toContain("ws-gone");
    const names = async (call: Call) => (await other.sources(call, asked.target)).map(({ name }) => name).sort();
    expect(await names(confined)).toEqual(["ws-copy"]);
    expect(await names(operator)).toEqual(["ws-copy", "ws-gone"]);
    // Who sees both is told of the move.
    rmSync(join(base, "ws-copy"), { recursive: true });
    mkdirSync(join(base, "ws-new"));
    for (const [name, content] of Object.entries(text)) writeFileSync(join(base, "ws-new", name), content);
    const moved = await other.reindex(operator, { ...asked, source: join(base, "ws-new") }).done;
    expect(moved).toMatchObject({ indexedAs: { movedFrom: expect.stringContaining("ws-") } });
  } finally {
    await other.close();
  }
});

it("the operator sees everything", async () => {
  const call = testCall();
  const request = { query: "which fruit grows on trees", collection: call.access.collection("docs"), topK: 50 };
  expect((await app.retrieve(call, request)).passages).toHaveLength(Object.keys(PLACES).length);
});
