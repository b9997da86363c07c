/** Listing and reading documents, from a call to its answer, on the embedded store and on a Qdrant's stub. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answer } from "#src/api/answer.js";
import { documentOperation } from "#src/api/document/operation.js";
import { addressOf } from "#src/api/document/uri.js";
import { getDocumentOperation } from "#src/api/get-document/operation.js";
import { listDocumentsOperation } from "#src/api/list-documents/operation.js";
import { retrieveOperation } from "#src/api/retrieve/operation.js";
import { type App, createApp } from "#src/app/app.js";
import { loadConfig } from "#src/config/load.js";
import { Stub } from "../store/qdrant/stub.js";
import { testCall } from "../support/call.js";

const retrieve = retrieveOperation({ queryMaxChars: 2_000, profileChoice: false });
const SECTIONS = 150;
const long = Array.from({ length: SECTIONS }, (_, i) => {
  return `## Part ${i}\n\nRotate key ${i} "in spring" or\nin autumn, whatever comes.\n\n\n`;
}).join("");
const canName = process.platform !== "win32";

/** By source; names are the same in both where that can be. */
const FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  handbook: {
    "README.md": "---\ntitle: Keys\ntags: a\n---\n\n\n\n# Keys\n\nRotate the keys in spring.\n",
    "docs/long.md": long,
    "docs/page.html":
      "<html>\n<head><title>Keys</title></head>\n<body>\n<h1>Keys</h1>\n<p>Rotate\nthe keys<br>in spring</p>\n<p>Or not</p></body>\n",
    "code.ts": "\n\n// Rotates keys.\nexport function rotate() {\n  return 1;\n}\n\n\n\nexport const keys = [];\n",
    "records.jsonl": ["one", "a/../b", "50%", "é🎉"]
      .map((id) => JSON.stringify({ id, text: `Rotate the keys.\n\nOf ${id}.` }))
      .join("\n"),
    "one-line.txt": `${"Rotate the keys, ".repeat(3_000)}\n`,
  },
  wiki: {
    "README.md": "# Locks\n\nRotate the keys of locks.\n",
    ...(canName && {
      "50% of it #1?.md": "\n\n# Odd\n\nRotate the keys.\n",
      "cafe\u0301/🎉.md": "# NFD\n\nRotate the keys.\n",
    }),
  },
};

/** Of their text, none of which stands in the file as it is. */
const EXTRACTED = [
  "manual.pdf",
  "policy.docx",
  "herons.pptx",
  "herons.xlsx",
  "birds.epub",
  "herons.ipynb",
  "storks.eml",
];

describe.each([["the embedded store"], ["a Qdrant"]])("documents in %s", (store) => {
  let folder: string;
  let app: App;
  let stub: Stub | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "aura-documents-"));
    for (const [source, files] of Object.entries(FILES)) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, source, path)), { recursive: true });
        writeFileSync(join(folder, source, path), text);
      }
    }
    for (const name of EXTRACTED) {
      copyFileSync(join(import.meta.dirname, "../source/fixtures", name), join(folder, "handbook", name));
    }
    stub = store === "a Qdrant" ? await Stub.start() : undefined;
    app = createApp(
      loadConfig({
        EMBEDDING_MODEL: "",
        RETRIEVAL_DATA_DIR: join(folder, "data"),
        RETRIEVAL_COLLECTIONS: "docs,other,empty",
        QDRANT_COLLECTION: "docs",
        METRICS_PORT: "0",
        LOG_LEVEL: "silent",
        RATE_LIMIT_QPS: "100000",
        ...(stub && { QDRANT_URL: stub.url }),
      }),
    );
    const operator = testCall();
    const index = (source: string, into: string) =>
      app.reindex(operator, {
        source: join(folder, source),
        target: operator.access.collection(into),
        mode: "incremental",
        dryRun: false,
      }).done;
    await index("handbook", "docs");
    await index("wiki", "docs");
    await index("wiki", "other");
  }, 60_000);
  afterAll(async () => {
    await app.close();
    await stub?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const caller = () => ({ principal: { id: "test" }, signal: new AbortController().signal });
  const get = async (input: object) => {
    const { outcome, error } = await answer(app, getDocumentOperation, input, caller());
    if (error !== undefined) throw error;
    expect(getDocumentOperation.output.parse(outcome.value)).toBeTruthy();
    return { ...outcome.value, said: outcome.text };
  };
  const list = async (input: object = {}) => {
    const { outcome, error } = await answer(app, listDocumentsOperation, input, caller());
    if (error !== undefined) throw error;
    expect(listDocumentsOperation.output.parse(outcome.value)).toBeTruthy();
    return { ...outcome.value, said: outcome.text };
  };
  const listAll = async (input: object = {}) => {
    const found = [];
    let cursor: string | undefined;
    do {
      const page = await list({ ...input, cursor });
      found.push(...page.documents);
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    return found;
  };
  const passages = async (query: string, more: object = {}) => {
    const input = { query, top_k: 50, max_tokens: 100_000, detail: "full", ...more };
    const { outcome, error } = await answer(app, retrieve, input, caller());
    if (error !== undefined) throw error;
    return outcome.value.results;
  };
  const whole = async (uri: string) => {
    const { outcome, error } = await answer(app, documentOperation, addressOf(uri), caller());
    if (error !== undefined) throw error;
    return outcome.text;
  };
  const visible = (text = "") => text.replace(/\s+/g, " ").trim();

  describe("a passage", () => {
    it("stands in the text of its address, at the lines that it cites", async () => {
      const seen = new Set<string>();
      for (const query of [
        "rotate the keys in spring",
        "Part 77",
        "locks",
        "manual",
        "é🎉",
        "NFD odd",
        "leave weeks",
        "herons",
        "Störche",
      ]) {
        for (const { id, source, text } of await passages(query)) {
          seen.add(source.document);
          const { line_start: first, line_end: last, uri } = source;
          const isRecord = source.document.includes("#") && source.document.startsWith("records");
          // An excerpt is a part of it, and it is a part of what it was joined with.
          const own = visible((await get({ around: id, passages: 0 })).text);
          expect(own.includes(visible(text)) || visible(text).includes(own), uri).toBe(true);
          if (first === undefined || isRecord) {
            expect(visible(await whole(uri)), uri).toContain(visible(text));
            continue;
          }
          const lines = (await whole(uri)).split("\n").slice(first - 1, last);
          expect(visible(lines.join("\n")), `${uri} ${first}-${last}`).toContain(visible(text));
          const read = await get({ uri, line_start: first, line_end: last, max_tokens: 50_000 });
          expect(read).toMatchObject({ line_start: first, source: { uri, name: source.name, path: source.path } });
          expect(visible(read.text), uri).toContain(visible(text));
        }
      }
      expect(seen.size).toBeGreaterThanOrEqual(canName ? 18 : 16);
    }, 60_000);

    it("is shown with as many of its neighbours, or lines, as are asked for", async () => {
      const [found] = await passages('"Part 77"', { mode: "lexical", top_k: 1 });
      const { id, source, text = "" } = found as NonNullable<typeof found>;
      const alone = await get({ around: id, passages: 0 });
      expect([alone.line_start, alone.line_end]).toEqual([source.line_start, source.line_end]);
      expect(alone.next).toEqual({ around: expect.any(String), collection: "docs" });
      const two = await get({ around: id });
      expect(two.line_start).toBeLessThan(source.line_start as number);
      expect(two.line_end).toBeGreaterThan(source.line_end as number);
      expect(two.text).toContain(text);
      const onward = await get(alone.next as object);
      expect(onward.line_end).toBeGreaterThan(two.line_end as number);
      const lines = await get({ around: id, lines: 3 });
      const all = long.split("\n").slice((source.line_start as number) - 4, (source.line_end as number) + 3);
      expect(lines.line_start).toBe((source.line_start as number) - 3);
      expect(lines.text).toBe(all.join("\n").trimEnd());
      expect(lines.truncated).toBe(false);
    });

    it("of a document without lines is shown with lines of its text", async () => {
      const [found] = await passages("manual", { filter: { format: "pdf" }, top_k: 1 });
      const { id, text } = found as NonNullable<typeof found>;
      const read = await get({ around: id, lines: 2 });
      expect(read.line_start).toBeGreaterThanOrEqual(1);
      expect(visible(read.text)).toContain(visible(text));
      expect((await get({ around: id, passages: 0 })).line_start).toBeUndefined();
    });

    it("of a record has the record's own lines, and says which line of the file it is", async () => {
      const read = await get({ source: "handbook", document: "records.jsonl#50%" });
      expect(read).toMatchObject({ text: "Rotate the keys.\n\nOf 50%.", line_start: 1, line_end: 3, record_line: 3 });
      expect(read.said).toContain("Lines 1-3 (a record, on line 3 of its file)");
      await expect(get({ source: "handbook", document: "records.jsonl#50%", line_start: 4 })).rejects.toMatchObject({
        code: "bad_request",
        message: expect.stringContaining("Line 3 is where its file has the record"),
      });
    });
  });

  describe("a document", () => {
    it("is read by its address, by source and name, or by a name that only one source has", async () => {
      const text = `${"\n".repeat(7)}# Keys\n\nRotate the keys in spring.`;
      const uri = "aura://docs/handbook/README.md";
      for (const input of [
        { uri },
        { source: "handbook", document: "README.md" },
        { document: "handbook/README.md" },
      ]) {
        expect(await get(input)).toMatchObject({ text, line_start: 1, line_end: 10, truncated: false });
      }
      expect((await get({ document: "code.ts" })).source.uri).toBe("aura://docs/handbook/code.ts");
      expect((await get({ uri: "aura://docs/code.ts" })).source.name).toBe("handbook");
      expect(await whole(uri)).toBe(text);
    });

    it("is read on from where an answer ends, to its end, each as long as was asked for", async () => {
      const rows: string[] = [];
      let input: object | undefined = { document: "docs/long.md", max_tokens: 500 };
      let answers = 0;
      while (input !== undefined) {
        const read: Awaited<ReturnType<typeof get>> = await get({ max_tokens: 500, ...input });
        expect(JSON.stringify(read.text).length).toBeLessThanOrEqual(500 * 4);
        expect(read.line_start).toBe(rows.length + 1);
        rows.push(...(read.text as string).split("\n"));
        while (read.next?.line_start !== undefined && rows.length < read.next.line_start - 1) rows.push("");
        expect(read.truncated).toBe(read.next !== undefined);
        if (read.next !== undefined) expect(read.said).toContain(JSON.stringify(read.next));
        input = read.next;
        answers++;
      }
      expect(answers).toBeGreaterThan(4);
      expect(rows.join("\n")).toBe(long.trimEnd());
    });

    it("of one endless line is cut inside it, and read on by its passages", async () => {
      const first = await get({ document: "one-line.txt", max_tokens: 1_000 });
      expect(first).toMatchObject({ truncated: true, line_start: 1, line_end: 1 });
      expect(JSON.stringify(first.text).length).toBeLessThanOrEqual(4_002);
      let text = "";
      let input: object | undefined = first.next;
      for (let answers = 0; input !== undefined; answers++) {
        expect(answers).toBeLessThan(500);
        const read: Awaited<ReturnType<typeof get>> = await get({ passages: 0, ...input });
        text += ` ${read.text}`;
        input = read.next;
      }
      // Passages of a line that was split repeat some of it.
      expect(visible(text).split("Rotate").length).toBeGreaterThanOrEqual(3_000);
    });

    it("has a part that holds no text, where there is none", async () => {
      const front = await get({ document: "handbook/README.md", line_start: 2, line_end: 5 });
      expect(front).toMatchObject({ text: "", line_start: 2, line_end: 5, next: { line_start: 8 } });
    });
  });

  describe("a list", () => {
    it("has every document once, with the address that reads it", async () => {
      const found = await listAll();
      const records = ["one", "a/../b", "50%", "é🎉"].map((id) => `handbook/records.jsonl#${id}`);
      const files = Object.entries(FILES).flatMap(([source, all]) =>
        Object.keys(all).map((path) => `${source}/${path}`),
      );
      const expected = [
        ...files.filter((path) => !path.endsWith(".jsonl")),
        ...records,
        ...EXTRACTED.map((name) => `handbook/${name}`),
      ];
      expect(found.map(({ source, document }) => `${source}/${document}`.normalize()).sort()).toEqual(
        expected.map((path) => path.normalize()).sort(),
      );
      for (const { uri, source, document } of found) {
        expect((await get({ uri })).source).toMatchObject({ name: source, document, uri });
      }
      expect(found.find(({ uri }) => uri === "aura://docs/handbook/README.md")?.title).toBe("Keys");
      expect((await list()).total).toBe(expected.length);
    });

    it("keeps to a source, and to what paths begin with", async () => {
      expect((await listAll({ source: "wiki" })).every(({ source }) => source === "wiki")).toBe(true);
      expect((await listAll({ source: "wiki" })).length).toBe(Object.keys(FILES.wiki ?? {}).length);
      const below = (await listAll({ prefix: "docs/" })).map(({ document }) => document).sort();
      expect(below).toEqual(["docs/long.md", "docs/page.html"]);
      expect((await listAll({ source: "handbook", prefix: "README" })).length).toBe(1);
      expect(await listAll({ prefix: "nothing" })).toEqual([]);
    });

    it("goes on from a cursor, which is good for the same list only", async () => {
      const call = testCall();
      const docs = call.access.collection("docs");
      const first = await app.listDocuments(call, docs, { limit: 3 });
      expect(first.documents).toHaveLength(3);
      const cursor = first.cursorFrom(3) as string;
      const second = await app.listDocuments(call, docs, { limit: 1, cursor: first.cursorFrom(1) });
      expect(second.documents).toEqual(first.documents.slice(1, 2));
      const rest = await app.listDocuments(call, docs, { limit: 100, cursor });
      const names = [...first.documents, ...rest.documents].map(({ document }) => document);
      expect(names.length).toBe(first.total);
      expect(rest.cursorFrom(rest.documents.length)).toBeUndefined();
      const forged = Buffer.from(JSON.stringify(["x", "y", "z"])).toString("base64url");
      for (const input of [
        { collection: "other", cursor },
        { source: "handbook", cursor },
        { prefix: "d", cursor },
        { cursor: forged },
        { cursor: "no cursor" },
        { cursor: `${cursor.slice(0, -2)}xx` },
      ]) {
        await expect(list(input), JSON.stringify(input)).rejects.toMatchObject({
          code: "bad_request",
          remedy: expect.stringContaining("without a cursor"),
        });
      }
      // Another version serves: places may be others.
      const { done } = app.reindex(call, { source: join(folder, "wiki"), target: docs, mode: "full", dryRun: false });
      await done;
      await expect(list({ cursor })).rejects.toMatchObject({ code: "bad_request" });
    }, 30_000);
  });

  describe("what is not there is refused with what is:", () => {
    it.each<[string, object, string, RegExp]>([
      ["a name that two sources have", { document: "README.md" }, "bad_request", /handbook, wiki/],
      [
        "a source",
        { source: "nope", document: "README.md" },
        "not_found",
        /There is no source "nope"; there are: handbook, wiki/,
      ],
      ["a document of a source", { source: "wiki", document: "nope.md" }, "not_found", /no document of that name/],
      ["an address of a collection", { uri: "aura://nowhere/a/b" }, "not_found", /There is no collection "nowhere"/],
      [
        "an address beside another collection",
        { uri: "aura://docs/wiki/README.md", collection: "other" },
        "bad_request",
        /is of the collection "docs", and "other" is named/,
      ],
      ["what is no address", { uri: "https://example.org/a" }, "bad_request", /is no address of a document/],
      [
        "a line beyond the end",
        { document: "wiki/README.md", line_start: 4 },
        "bad_request",
        /has lines 1 to 3; line 4/,
      ],
      [
        "lines the wrong way round",
        { document: "wiki/README.md", line_start: 3, line_end: 2 },
        "bad_request",
        /Line 2 is before line 3/,
      ],
      ["a passage", { around: "00000000-0000-8000-8000-000000000000" }, "not_found", /no passage of that id/],
      ["a passage by what is no id", { around: "x" }, "not_found", /no passage of that id/],
      ["no document at all", {}, "bad_request", /No document is named/],
      ["a source alone", { source: "wiki" }, "bad_request", /without a document/],
      [
        "an address and a name",
        { uri: "aura://docs/wiki/README.md", document: "a" },
        "bad_request",
        /Both an address and a name/,
      ],
      ["neighbours of nothing", { document: "wiki/README.md", passages: 1 }, "bad_request", /none is named/],
      ["lines and a passage", { around: "x", line_start: 1 }, "bad_request", /Both lines and a passage/],
      ["lines and passages", { around: "x", lines: 1, passages: 1 }, "bad_request", /Both lines and passages/],
    ])("%s", async (_what, input, code, message) => {
      const { error } = await answer(app, getDocumentOperation, input, caller());
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(error?.remedy.length).toBeGreaterThan(10);
    });

    it("a passage of another document, or of another collection", async () => {
      const [found] = await passages("locks", { filter: { path: "README.md" }, collection: "other", top_k: 1 });
      const around = found?.id as string;
      await expect(get({ around, collection: "other", document: "README.md" })).resolves.toBeTruthy();
      const [mine] = await passages("manual", { filter: { format: "pdf" }, top_k: 1 });
      await expect(get({ around: mine?.id, document: "code.ts" })).rejects.toMatchObject({
        code: "bad_request",
        message: expect.stringContaining("of another document"),
      });
      await expect(get({ around: mine?.id, collection: "other" })).rejects.toMatchObject({ code: "not_found" });
    });

    it("a source to list, and a collection", async () => {
      await expect(list({ source: "nope" })).rejects.toMatchObject({
        code: "not_found",
        message: expect.stringContaining("there are: handbook, wiki"),
      });
      await expect(list({ collection: "empty" })).rejects.toMatchObject({
        code: "not_found",
        remedy: expect.stringContaining('reindex with {"source":".","collection":"empty"}'),
      });
    });
  });
});
