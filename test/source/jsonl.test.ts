import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { SourceItem } from "#src/core/ports.js";
import { createOpenSource } from "#src/source/index.js";
import { readLines } from "#src/source/line-reader.js";
import { ParserProcess } from "#src/source/parser-process.js";
import { testCall } from "../support/call.js";
import { collect, parsed } from "./collect.js";

const folder = mkdtempSync(join(tmpdir(), "jsonl-"));
afterAll(() => rmSync(folder, { recursive: true }));

const parser = new ParserProcess();
afterAll(() => parser.close());

async function read(content: string | Buffer): Promise<SourceItem[]> {
  const file = join(folder, "records.jsonl");
  writeFileSync(file, content);
  const source = await createOpenSource({ roots: [folder], dataFolder: join(folder, "data"), parser })(
    testCall(),
    file,
  );
  return collect(source.read(testCall()));
}
const reasons = (items: SourceItem[]) =>
  items.map((item) => (item.kind === "document" ? item.document.document : item.reason));

async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe("readLines", () => {
  it("gives the lines however the stream is cut", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.json(), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        fc.constantFrom("\n", "\r\n"),
        async (records, sizes, feed) => {
          const stream = inPieces(Buffer.from(records.map((record) => record + feed).join("")), sizes);
          const lines = await collect(readLines(stream, 1_000_000));
          expect(lines.map(({ line }) => line)).toEqual(records.map((_, i) => i + 1));
          expect(lines.map(({ bytes }) => JSON.parse(String(bytes)))).toEqual(
            records.map((record) => JSON.parse(record)),
          );
        },
      ),
    ));

  it("passes over a line beyond the limit and goes on after it", async () => {
    const stream = inPieces(Buffer.from(`short\n${"x".repeat(1000)}\n\nend`), [7, 100]);
    const lines = await collect(readLines(stream, 10));
    expect(lines.map(({ bytes }) => bytes?.toString())).toEqual(["short", undefined, "", "end"]);
  });

  it("does not hold an endless line in memory", async () => {
    const chunk = Buffer.alloc(1 << 20, 120);
    async function* endless() {
      for (let i = 0; i < 400; i++) yield Buffer.from(chunk);
    }
    const before = process.memoryUsage().arrayBuffers;
    let peak = 0;
    const lines = readLines(
      (async function* () {
        for await (const piece of endless()) {
          peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
          yield piece;
        }
      })(),
      4_000_000,
    );
    expect((await collect(lines))[0]?.bytes).toBeUndefined();
    expect(peak).toBeLessThan(300 << 20);
  });
});

describe("a JSONL file", () => {
  it("holds one document on each line, called by its record's id", async () => {
    const items = await read(
      '\ufeff{"_id":"a","title":"T","text":"one\\n\\ntwo","metadata":{"year":2020,"tags":["x"],"none":null,"__proto__":"p"}}\r\n\n{"id":7,"text":"seven"}',
    );
    expect(reasons(items)).toEqual(["a", "7"]);
    const [first, second] = items.map((item) => (item.kind === "document" ? item.document : undefined));
    expect(first && JSON.stringify((await parsed(first)).metadata)).toBe('{"year":2020,"tags":["x"],"__proto__":"p"}');
    expect(first?.metadata).toEqual({ path: "records.jsonl", format: "jsonl", extension: "jsonl" });
    expect(first && (await parsed(first))).toMatchObject({
      title: "T",
      text: "one\n\ntwo",
      blocks: [
        { start: 0, end: 3, headings: [], kind: "prose" },
        { start: 5, end: 8, headings: [], kind: "prose" },
      ],
      lines: { offsets: Uint32Array.of(0), numbers: Uint32Array.of(1) },
    });
    expect(second && (await parsed(second)).lines).toEqual({ offsets: Uint32Array.of(0), numbers: Uint32Array.of(3) });
    expect(first?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(first?.source).toMatch(/^file:\/\/.*records\.jsonl$/);
  });

  it("skips what is no record, with its line and the reason", async () => {
    const items = await read(
      Buffer.concat([
        Buffer.from('{"id":"a","text":"x"}\n{bad\n[1]\n\n{"id":"b"}\n{"id":"c","text":" "}\n\n'),
        Buffer.from('\n{"id":"a","text":"again"}\n'),
        Buffer.from([0xff, 0xfe, 10]),
        Buffer.from('{"id":"f","text":"-----BEGIN RSA PRIVATE KEY-----"}\n'),
      ]),
    );
    expect(reasons(items)).toEqual([
      "a",
      "line 2: not valid JSON",
      "line 3: not a JSON object",
      "line 5: no text: `text`, `page_content` or `content` must be a string",
      "line 6: empty",
      "line 9: the id was already used on line 1",
      "line 10: not UTF-8 text",
      "line 11: holds a private key",
    ]);
  });

  it("leaves out a field that nobody can use, not the record, and says so", async () => {
    const deep = `${"[".repeat(20)}1${"]".repeat(20)}`;
    const lines = [
      ['{"id":{"$oid":"a"},"text":"x"}', "`id`, which must be a string or a number"],
      ['{"id":"b","text":"x","title":["T"]}', "`title`, which must be a string"],
      ['{"id":"c","text":"x","metadata":["n"]}', "`metadata`, which must be an object"],
      [`{"id":"d","text":"x","metadata":{"n":${deep},"m":1}}`, "fields of `metadata` nested deeper than 16 levels"],
    ] as const;
    const items = await read(lines.map(([line]) => line).join("\n"));
    const documents = await Promise.all(items.map((item) => item.kind === "document" && parsed(item.document)));
    expect(documents).toMatchObject(lines.map(([, note]) => ({ text: "x", title: undefined, leftOut: [note] })));
    expect(documents[3]).toMatchObject({ metadata: { m: 1 } });
    const [numbered] = await read('{"id":"e","text":"x","title":1984}');
    expect(numbered?.kind === "document" && (await parsed(numbered.document)).title).toBe("1984");
  });

  it("reads UTF-16 with a mark", async () => {
    const lines = '\ufeff{"id":"a","text":"crème"}\r\n{"id":"b","text":"brûlée"}\r\n';
    const texts = (items: SourceItem[]) =>
      Promise.all(items.map(async (item) => item.kind === "document" && (await parsed(item.document)).text));
    expect(await texts(await read(Buffer.from(lines, "utf16le")))).toEqual(["crème", "brûlée"]);
    expect(await texts(await read(Buffer.from(lines, "utf16le").swap16()))).toEqual(["crème", "brûlée"]);
  });

  it("knows a file that Git LFS did not download", async () => {
    const items = await read("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 1\n");
    expect(reasons(items)[0]).toBe("line 1: Git LFS pointer; run git lfs pull");
  });

  it("replaces a few bad bytes of a record", async () => {
    const line = Buffer.from(`{"id":"a","text":"${"crème brûlée ".repeat(5)}?"}`);
    line[line.length - 3] = 0xff;
    const [item] = await read(line);
    expect(item?.kind === "document" && (await parsed(item.document)).text).toMatch(/crème brûlée \ufffd$/);
  });

  it("keeps what lies deeper in the metadata under the way to it", async () => {
    const metadata = {
      source: "x.pdf",
      loc: { lines: { from: 1, to: 3 }, "": 0 },
      tags: [{ name: "z", by: { id: 1 } }, { name: "y" }, "plain", null],
      matrix: [[1, 2], [3]],
      a: { b: 1 },
      "a.b": 2,
      none: null,
      empty: {},
      list: [],
    };
    const [item] = await read(JSON.stringify({ id: "a", text: "x", metadata }));
    expect(item?.kind === "document" && (await parsed(item.document)).metadata).toEqual({
      source: "x.pdf",
      "loc.lines.from": 1,
      "loc.lines.to": 3,
      "loc.": 0,
      "tags.name": ["z", "y"],
      "tags.by.id": [1],
      tags: ["plain"],
      matrix: [1, 2, 3],
      "a.b": [1, 2],
      list: [],
    });
  });

  it("takes the text by the names that other programs give it", async () => {
    const items = await read(
      '{"id":"a","page_content":"seal"}\n{"id":"b","content":"crab"}\n{"id":"c","text":"own","content":"other"}\n{"id":"d","text":null,"content":"x"}',
    );
    const texts = items.map(async (item) => item.kind === "document" && (await parsed(item.document)).text);
    expect(await Promise.all(texts)).toEqual(["seal", "crab", "own", "x"]);
  });

  it("calls a record without an id by a hash of its line, which stays when lines come before it", async () => {
    const whale = '{"text":"The whale sings."}';
    const [id] = reasons(await read(whale));
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(reasons(await read(`{"id":null,"text":"x"}\n ${whale} \n${whale}`)).slice(1)).toEqual([
      id,
      "line 3: the id was already used on line 2",
    ]);
  });

  it("reads metadata in time that grows with its size, whatever its form", async () => {
    const many = (of: string, times: number) => Array(times).fill(of).join(",");
    const forms = [
      `{"a":[${many("1", 1_500_000)}]}`,
      `{"a":[${many('{"b":1}', 450_000)}]}`,
      `{"${"k".repeat(1_500_000)}":[${many('{"b":1}', 200_000)}]}`,
    ];
    for (const metadata of forms) {
      const began = performance.now();
      await read(`{"id":"a","text":"x","metadata":${metadata}}`);
      expect(performance.now() - began).toBeLessThan(10_000);
    }
  });

  it("skips a line of 5 MB and reads the next", async () => {
    const items = await read(`{"id":"big","text":"${"x".repeat(5_000_000)}"}\n{"id":"next","text":"y"}\n`);
    expect(reasons(items)).toEqual(["line 1: longer than 4 MB", "next"]);
  });

  it("keeps a record's hash when lines move, and changes it with the record", async () => {
    const hash = async (content: string) => {
      const item = (await read(content)).at(-1);
      return item?.kind === "document" ? item.document.hash : undefined;
    };
    expect(await hash('{"id":"z","text":"0"}\n{"id":"a","text":"x"}\n')).toBe(await hash('{"id":"a","text":"x"}'));
    expect(await hash('{"id":"a","text":"x","metadata":{"n":1}}')).not.toBe(await hash('{"id":"a","text":"x"}'));
  });

  it("never yields half a surrogate pair", async () => {
    const [item] = await read('{"id":"a","text":"\\ud800x \\ud83c\\udf89 \\u0000"}');
    expect(item?.kind === "document" && (await parsed(item.document)).text).toBe("\ufffdx 🎉 \ufffd");
  });
});
