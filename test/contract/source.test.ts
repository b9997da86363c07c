import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { Access } from "#src/core/access.js";
import { createOpenSource } from "#src/source/index.js";
import { Parser } from "#src/source/parser.js";
import { ParserProcess } from "#src/source/parser-process.js";
import { docxOf, slowPdf } from "../source/containers.js";
import { abortedCall, testCall } from "../support/call.js";
import { Bench } from "../support/fixtures.js";
import { sourceContract } from "./source.js";

/** Every read from a file passes here. */
const gate = vi.hoisted(() => {
  let opened = Promise.resolve();
  return {
    reads: 0,
    passed: () => opened,
    stall(): () => void {
      let open: (() => void) | undefined;
      opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      return () => open?.();
    },
  };
});
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const open = async (...args: Parameters<typeof real.open>) => {
    const handle = await real.open(...args);
    const read = handle.read.bind(handle) as (...args: unknown[]) => Promise<unknown>;
    handle.read = (async (...into: unknown[]) => {
      gate.reads++;
      await gate.passed();
      return read(...into);
    }) as FileHandle["read"];
    return handle;
  };
  return { ...real, open };
});

const base = realpathSync(mkdtempSync(join(tmpdir(), "aura-source-")));
const parser = new ParserProcess();
afterAll(async () => {
  await parser.close();
  rmSync(base, { recursive: true, force: true });
});

/** A folder with these files. */
function folderOf(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const folder = join(base, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  return folder;
}

const openSource = createOpenSource({ roots: [base], dataFolder: join(base, "data"), parser });
const onFiles = async (location: string) => ({
  source: await openSource(testCall(), location),
  stall: gate.stall,
  reads: () => gate.reads,
  dispose: async () => undefined,
});
const RECORDS = '{"id":"a","text":"one"}\nno record\n{"id":"b","text":"two"}\n{"id":"a","text":"again"}\n';

const MIXED = {
  "a.md": "# A\n\nText.\n",
  "b/page.html": "<p>text</p>",
  "b/c.txt": "text",
  "b/large.txt": "text ".repeat(60_000),
  "d.docx": docxOf("<w:p><w:r><w:t>word</w:t></w:r></w:p></w:body></w:document>"),
  "damaged.pdf": "no PDF",
  "photo.png": "png",
};
sourceContract("a folder", () => onFiles(folderOf("mixed", MIXED)));
sourceContract("a folder with records", () => onFiles(folderOf("records", { "a.md": "# A", "r.jsonl": RECORDS })));
sourceContract("a JSONL file", () => onFiles(join(folderOf("jsonl", { "r.jsonl": RECORDS }), "r.jsonl")));
sourceContract("the bench's fake", async () => {
  const bench = await Bench.open();
  bench.sources.set("notes", {
    a: "one",
    b: { text: "two" },
    c: { kind: "skipped", reason: "why" },
    d: { refused: "no" },
  });
  const source = await bench.parts().openSource(testCall(), "notes");
  return { source, dispose: () => bench.close() };
});

describe("a single file as a source", () => {
  it("is one document, which it counts and brings, for calls that go on", async () => {
    const source = await openSource(testCall(), join(folderOf("single", { "a.md": "# A" }), "a.md"));
    expect(await source.count(testCall())).toBe(1);
    for (const ended of [source.count(abortedCall()), source.read(abortedCall())[Symbol.asyncIterator]().next()]) {
      await expect(ended).rejects.toMatchObject({ code: "cancelled" });
    }
  });
});

describe("opening a source", () => {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), "aura-outside-")));
  afterAll(() => rmSync(outside, { recursive: true }));

  it("is bound to the roots unless the call's access says why not", async () => {
    await expect(openSource(testCall({ access: Access.to(["docs"]) }), outside)).rejects.toMatchObject({
      code: "bad_request",
    });
    expect((await openSource(testCall({ access: Access.full("the operator typed it") }), outside)).name).toContain(
      outside,
    );
  });

  it("rejects for a call that is aborted already", async () => {
    await expect(openSource(abortedCall(), outside)).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("the parser's process", () => {
  const children = () =>
    execFileSync("ps", ["-eo", "pid,ppid,args"], { encoding: "utf8" })
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, parent, ...args]) => parent === String(process.pid) && args.join(" ").includes("parser-worker"))
      .map(([pid]) => Number(pid));
  const ask = (hash: string, content: string | Buffer = slowPdf(), name = `${hash}.pdf`) => ({
    name,
    hash,
    load: async () => Buffer.from(content),
  });

  it("is not left working for a caller that has left, nor does one begin for who waited for a turn", async () => {
    const own = new ParserProcess();
    const before = new Set(children());
    const ours = () => children().filter((pid) => !before.has(pid));
    const caller = new AbortController();
    const call = testCall({ signal: caller.signal });
    const load = vi.fn(async () => slowPdf());
    const ended = [
      new Parser(own).parse(call, ask("slow")),
      new Parser(own).parse(call, { name: "next.pdf", hash: "next", load }),
    ].map((parsed) => expect(parsed).rejects.toMatchObject({ code: "cancelled" }));
    await vi.waitFor(() => expect(ours()).toHaveLength(1));
    const [working] = ours();
    await new Promise((done) => setTimeout(done, 300));
    const aborted = performance.now();
    caller.abort();
    await Promise.all(ended);
    expect(performance.now() - aborted).toBeLessThan(1_000);
    expect(load).not.toHaveBeenCalled();
    // Asked to leave, then killed.
    await vi.waitFor(() => expect(children()).not.toContain(working), { timeout: 5_000 });
    expect(await new Parser(own).parse(testCall(), ask("after", "<p>fine", "after.html"))).toMatchObject({
      text: "fine",
    });
    await own.close();
    expect(ours()).toEqual([]);
    await expect(new Parser(own).parse(testCall(), ask("closed", "<p>x", "x.html"))).rejects.toMatchObject({
      code: "cancelled",
    });
  });

  it("rejects at once for a caller that leaves while another's document is parsed", async () => {
    const own = new ParserProcess({ timeMs: 2_000, memoryBytes: 1e9 });
    const first = new Parser(own).parse(testCall(), ask("first"));
    const waiting = new Parser(own).parse(testCall({ timeoutMs: 100 }), ask("second", "<p>x", "x.html"));
    const started = performance.now();
    await expect(waiting).rejects.toMatchObject({ code: "timeout" });
    expect(performance.now() - started).toBeLessThan(1_000);
    await expect(first).rejects.toThrow("takes longer than 2 s");
    await own.close();
  });
});
