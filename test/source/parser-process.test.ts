/** PDF, DOCX and HTML through the process that parses them, documents made to harm included. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { AppError } from "#src/core/errors.js";
import type { Refusal } from "#src/core/ports.js";
import type { ParsedDocument } from "#src/core/types.js";
import { Parser } from "#src/source/parser.js";
import { ParserProcess } from "#src/source/parser-process.js";
import { GivenUp } from "#src/source/refuse.js";
import { testCall } from "../support/call.js";
import { docxOf, epubOf, pdfOf, pptxOf, slowPdf, xlsxOf } from "./containers.js";

const parser = new ParserProcess();
const strict = new ParserProcess({ timeMs: 3_000, memoryBytes: 300_000_000 });
/** For what is refused for its memory: a machine that is busy takes its time to get there. */
const patient = new ParserProcess({ timeMs: 45_000, memoryBytes: 300_000_000 });
afterAll(() => Promise.all([parser.close(), strict.close(), patient.close()]));

let asked = 0;
const parse = (name: string, content: string | Uint8Array, by = parser, call = testCall()) =>
  new Parser(by).parse(call, { name, hash: String(asked++), load: async () => Buffer.from(content) });
const fixture = (name: string) => parse(name, readFileSync(new URL(`fixtures/${name}`, import.meta.url)));

async function read(result: Promise<ParsedDocument | Refusal>): Promise<ParsedDocument> {
  const parsed = await result;
  if ("reason" in parsed) expect.unreachable(parsed.reason);
  return parsed;
}
async function reasonOrRead(result: Promise<ParsedDocument | Refusal>): Promise<string> {
  const parsed = await result.catch((error: unknown) => {
    if (error instanceof GivenUp) return { reason: error.message };
    throw error;
  });
  return "reason" in parsed ? parsed.reason : "read";
}
async function reason(result: Promise<ParsedDocument | Refusal>): Promise<string> {
  const found = await reasonOrRead(result);
  expect(found).not.toBe("read");
  return found;
}
const slices = ({ text, blocks }: ParsedDocument) =>
  blocks.map(({ start, end, headings }) => [headings.join(" > "), text.slice(start, end)]);

describe("a PDF", () => {
  it("has paragraphs under headings by the size of their type, and pages", async () => {
    const manual = await read(fixture("manual.pdf"));
    expect(manual.title).toBe("Operating the pump");
    const found = slices(manual);
    expect(found.map(([, text]) => text?.split(/[ \n]/, 2).join(" "))).toEqual([
      "Operating the",
      "Priming",
      "Fill the",
      "Open the",
      "Winter",
      "Drain the",
      "Antifreeze",
      "Never use",
    ]);
    expect(found[2]).toEqual([
      "Priming",
      expect.stringContaining("destroys its shaft seal within a few minutes, and\n"),
    ]);
    expect(found[7]).toEqual(["Winter > Antifreeze", expect.stringContaining("Straße, naïve, 10 μm:\nÜnïcode")]);
    expect(manual.lines).toBeUndefined();
    expect([...(manual.pages?.numbers ?? [])]).toEqual([1, 2]);
    expect(manual.text.slice(manual.pages?.offsets[1])).toMatch(/^Winter/);
  });

  it("keeps columns apart and joins words that a line end cut", async () => {
    const columns = await read(fixture("columns.pdf"));
    expect(slices(columns).map(([, text]) => text)).toEqual([
      "The left column talks about bearings and how to grease them.",
      "The right column talks about\ngaskets.",
    ]);
  });

  it.each([
    ["locked.pdf", "password-protected"],
    ["scan.pdf", "no text in it; pages that are scans need OCR first"],
  ])("%s is refused: %s", async (name, expected) => {
    expect(await reason(fixture(name))).toBe(expected);
  });

  it("that is damaged is refused with what its reader says", async () => {
    const whole = readFileSync(new URL("fixtures/manual.pdf", import.meta.url));
    expect(await reason(parse("cut.pdf", whole.subarray(0, 1_500)))).toMatch(/^cannot be read as pdf: Invalid PDF/);
    expect(await reason(parse("no.pdf", Buffer.from("hello")))).toMatch(/^cannot be read as pdf/);
  });

  it("that holds a private key is refused like any text", async () => {
    const key = `-----BEGIN ${"PRIVATE"} KEY-----`;
    expect(await reason(parse("key.pdf", pdfOf(`BT /F1 10 Tf 10 10 Td (${key}) Tj ET`)))).toBe("holds a private key");
  });
});

describe("a DOCX", () => {
  it("has its headings, lists and tables, and no lines", async () => {
    const policy = await read(fixture("policy.docx"));
    expect(policy.title).toBe("Leave policy");
    expect(slices(policy)).toEqual([
      ["Leave policy", "Leave policy"],
      ["Parental leave", "Parental leave"],
      ["Parental leave", "Parents take up to 26 weeks. Ask the people team three months before."],
      ["Parental leave > Table of weeks", "Table of weeks"],
      ["Parental leave > Table of weeks", "Country | Weeks\nDenmark | 52"],
      ["Sick leave", "Sick leave"],
      ["Sick leave", "Tell your lead before ten."],
      ["Sick leave", "A note is needed from day four."],
    ]);
    expect(policy.lines).toBeUndefined();
    expect(policy.pages).toBeUndefined();
  });

  it("that is none, empty or locked is refused with what its reader says", async () => {
    expect(await reason(parse("a.docx", Buffer.from("hello")))).toMatch(/^cannot be read as docx/);
    expect(await reason(parse("b.docx", docxOf("</w:body></w:document>")))).toBe("no text in it");
    expect(await reason(parse("c.docx", Buffer.from("d0cf11e0a1b11ae1000000", "hex")))).toMatch(/password-protected/);
  });

  it("never expands entities of its own making", async () => {
    const laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><w:p><w:r><w:t>&b;</w:t></w:r></w:p>';
    expect(await reason(parse("d.docx", docxOf(`${laughs}</w:body></w:document>`)))).toMatch(/^cannot be read as docx/);
  });
});

describe("a document made to harm", () => {
  const filler = (length: number) => Buffer.alloc(length, "a");
  const bombs: [string, () => string | Buffer, RegExp, ParserProcess?][] = [
    ["zip.docx", () => docxOf(filler(600_000_000)), /^cannot be read as docx: it unpacks to more than 100 MB$/],
    ["deep.docx", () => docxOf("<w:tbl><w:tr><w:tc>".repeat(300_000)), /^no text in it$/, patient],
    [
      "long.docx",
      () => docxOf(`<w:p><w:r><w:t>${"word ".repeat(2_200_000)}</w:t></w:r></w:p></w:body></w:document>`),
      /more than 10 MB of text|memory/,
      patient,
    ],
    [
      "zip.epub",
      () => epubOf({ "a.xhtml": "a".repeat(200_000_000) }),
      /^cannot be read as epub: it unpacks to more than/,
    ],
    ["zip.pptx", () => pptxOf(["a".repeat(200_000_000)]), /^cannot be read as pptx: it unpacks to more than 100 MB$/],
    [
      "zip.xlsx",
      () => xlsxOf({ S: "a".repeat(200_000_000) }),
      /^cannot be read as xlsx: it unpacks to more than 100 MB$/,
    ],
    ["deep.pptx", () => pptxOf(["<p:sp><a:tbl><a:tr><a:tc>".repeat(300_000)]), /^no text in it$/, patient],
    ["deep.epub", () => epubOf({ "a.xhtml": "<p>a" }, "<dc:title>".repeat(500_000)), /^read$/],
    [
      "laughs.xlsx",
      () => xlsxOf({ S: '<!DOCTYPE x [<!ENTITY a "ha">]>&a;' }),
      /^cannot be read as xlsx: its XML declares/,
    ],
    ["laughs.epub", () => epubOf({ "a.xhtml": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><p>&b;' }), /^read$/],
    [
      "cells.xlsx",
      () => xlsxOf({ S: `<row>${"<c><v>1234.5</v></c>".repeat(3_000_000)}</row>` }),
      /memory|takes longer|more than 10 MB of text/,
    ],
    [
      "sparse.xlsx",
      () =>
        xlsxOf({
          S: Array.from({ length: 20_000 }, (_, i) => `<row r="${i * 50_000}"><c r="XFD1"><v>1</v></c></row>`).join(""),
        }),
      /^read$/,
    ],
    [
      "shared.xlsx",
      () =>
        xlsxOf(
          { S: `<row>${'<c t="s"><v>0</v></c>'.repeat(20_000)}</row>` },
          { sharedStrings: `<si><t>${"word ".repeat(20_000)}</t></si>` },
        ),
      /more than 10 MB of text/,
    ],
    ["nested.eml", () => nestedMail(100_000), /^cannot be read as email: .*nesting/i],
    ["mails.eml", () => mailInMail(200), /^read$/],
    ["blank.eml", () => `From: a@example.com\n\n${"\n".repeat(10_000_000)}x`, /takes longer than 3 s|memory|^read$/],
    ["deep.ipynb", () => `{"cells":${"[".repeat(3_000_000)}`, /^cannot be read as notebook: it is not valid JSON$/],
    ["flate.pdf", () => pdfOf(Buffer.concat([Buffer.from("BT ("), filler(600_000_000)])), /memory|takes longer/],
    ["deep.pdf", () => pdfOf(`BT ${"[".repeat(5_000_000)}`), /no text|cannot be read|memory/],
  ];
  /** Multipart in multipart. */
  const nestedMail = (depth: number) =>
    `From: a@example.com\n${Array.from({ length: depth }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`).join("")}`;
  /** Mail in mail. */
  const mailInMail = (depth: number) =>
    `${"From: a@example.com\nContent-Type: message/rfc822\n\n".repeat(depth)}From: b@example.com\n\ntext`;
  it.each(bombs)(
    "%s costs no more than itself, and the next document is read",
    { timeout: 60_000 },
    async (name, make, why, limited = strict) => {
      expect(await reasonOrRead(parse(name, make(), limited))).toMatch(why);
      expect((await read(parse("next.html", "<p>fine", limited))).text).toBe("fine");
    },
  );

  it("is refused at once when it is met again", async () => {
    const ask = { name: "again.pdf", hash: "again", load: async () => Buffer.from("no PDF") };
    const first = await reason(new Parser(parser).parse(testCall(), ask));
    const load = () => expect.unreachable("loaded again");
    expect(await reason(new Parser(parser).parse(testCall(), { ...ask, load }))).toBe(first);
  });

  it("does no harm by its nesting in HTML", async () => {
    expect((await read(parse("deep.html", `${"<div>".repeat(2_000_000)}x`))).text).toBe("x");
    expect((await read(parse("table.html", `${"<table><tr><td>".repeat(600_000)}x`))).text).toBe("x");
  });
});

describe("the process that parses", () => {
  const children = () => {
    const listed = execFileSync("ps", ["-eo", "pid,ppid,args"], { encoding: "utf8" }).split("\n");
    return listed
      .map((line) => line.trim().split(/\s+/))
      .filter(([, parent, ...args]) => parent === String(process.pid) && args.join(" ").includes("parser-worker"))
      .map(([pid]) => Number(pid));
  };

  it("is replaced when somebody else ends it, and the document is read", async () => {
    const own = new ParserProcess();
    const before = new Set(children());
    await read(parse("a.html", "<p>a", own));
    const [pid] = children().filter((child) => !before.has(child));
    const reading = parse("b.html", "<p>b</p>".repeat(500_000), own);
    process.kill(pid as number, "SIGKILL");
    expect((await read(reading)).blocks).toHaveLength(500_000);
    await own.close();
    expect(children().filter((child) => !before.has(child))).toEqual([]);
  });

  it("stops working for a caller who left, and serves the next", async () => {
    const own = new ParserProcess();
    const abort = new AbortController();
    const reading = parse("slow.pdf", slowPdf(), own, testCall({ signal: abort.signal }));
    setTimeout(() => abort.abort(), 500);
    expect(await reading.catch((error: AppError) => error.code)).toBe("cancelled");
    expect((await read(parse("next.html", "<p>next", own))).text).toBe("next");
    await own.close();
  });

  it("that stands still gives the document up, which is no verdict on it", async () => {
    const own = new ParserProcess({ timeMs: 2_000, memoryBytes: 1e9 });
    const before = new Set(children());
    await read(parse("a.html", "<p>a", own));
    const [pid] = children().filter((child) => !before.has(child));
    process.kill(pid as number, "SIGSTOP");
    await expect(parse("b.html", "<p>b", own)).rejects.toThrow("takes longer than 2 s to read");
    expect((await read(parse("c.html", "<p>c", own))).text).toBe("c");
    await own.close();
    expect(children().filter((child) => !before.has(child))).toEqual([]);
  });

  it("gives a document up at once that it gave up before, for another job too", async () => {
    const load = vi.fn(async () => slowPdf());
    const ask = { name: "slow.pdf", hash: "given up", load };
    for (let i = 0; i < 2; i++) {
      await expect(new Parser(strict).parse(testCall(), ask)).rejects.toBeInstanceOf(GivenUp);
    }
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("has little patience for a job that has lost its time, and does not hold that against the document", async () => {
    const own = new ParserProcess();
    const impatient = new Parser(own, 0);
    const ask = { name: "slow.pdf", hash: "slow", load: async () => slowPdf() };
    await expect(impatient.parse(testCall(), ask)).rejects.toThrow("takes longer than 2 s to read");
    const fine = {
      ...ask,
      name: "policy.docx",
      load: async () => readFileSync(new URL("fixtures/policy.docx", import.meta.url)),
    };
    expect((await read(new Parser(own).parse(testCall(), fine))).title).toBe("Leave policy");
    await own.close();
  });
});
