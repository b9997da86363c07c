/** Secrets in a folder that is indexed: what must stay out, what must not, and where else they may hide. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createOpenSource } from "#src/source/index.js";
import { ParserProcess } from "#src/source/parser-process.js";
import { keepsValues } from "#src/source/secret-names.js";
import { secretIn } from "#src/source/secrets.js";
import { docxOf, epubOf, pdfOf, pptxOf, xlsxOf } from "../source/containers.js";
import { testCall } from "../support/call.js";
import { HARMLESS_FILES, HARMLESS_NAMES, HARMLESS_TEXTS, SECRET_FILES, SECRET_NAMES, SECRET_TEXTS } from "./secrets.js";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const parser = new ParserProcess();
afterAll(() => parser.close());

function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "secrets-")));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Document id → "indexed", or why it is not. */
async function outcome(location: string): Promise<Record<string, string>> {
  const source = await createOpenSource({ roots: [], dataFolder: join(tmpdir(), "no-data"), parser })(
    testCall(),
    location,
  );
  const found: Record<string, string> = {};
  for await (const item of source.read(testCall())) {
    if (item.kind !== "document") {
      found[item.document] = item.reason;
      continue;
    }
    const parsed = await item.document.parse(testCall());
    found[item.document.document] = "reason" in parsed ? parsed.reason : "indexed";
  }
  return found;
}

const texts = (of: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.values(of).map((text, i) => [`${i}.md`, `# Notes\n\n${text}\n`]));
const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, "some text"]));

it("is tried on at least 60 secrets and 40 that only look so", () => {
  expect(SECRET_NAMES.length + Object.keys({ ...SECRET_TEXTS, ...SECRET_FILES }).length).toBeGreaterThanOrEqual(60);
  expect(HARMLESS_NAMES.length + Object.keys(HARMLESS_TEXTS).length).toBeGreaterThanOrEqual(40);
});

describe("a secret", () => {
  it("is known by the name of its file, or of a folder that it lies in", async () => {
    // Each by itself: on some disks two of the names are one.
    for (const name of SECRET_NAMES) {
      const reasons = Object.values(await outcome(folderOf({ [name]: "some text" })));
      expect([name, ...reasons]).toEqual([
        name,
        expect.stringMatching(/^(its name looks like a secret's|folder for secrets|hidden folder)$/),
      ]);
    }
  });

  it("is known by the name of its file and its values, where documents may be called so too", async () => {
    for (const [name, content] of Object.entries(SECRET_FILES)) {
      const reasons = Object.values(await outcome(folderOf({ [name]: content })));
      expect([name, ...reasons]).toEqual([
        name,
        expect.stringMatching(/^(its name looks like a secret's, and it holds values|holds an? .*)$/),
      ]);
    }
  });

  it("is known by its name in a file of records, whatever they hold", async () => {
    const files = { "passwords.jsonl": '{"id":"a","text":"x"}', ".env.jsonl": '{"id":"a","text":"x"}' };
    const reason = "its name looks like a secret's";
    expect(await outcome(folderOf(files))).toEqual({ ".env.jsonl": reason, "passwords.jsonl": reason });
  });

  it("in one file does not refuse the same text in another", async () => {
    const text = "mail: swordfish\n";
    const found = await outcome(folderOf({ "a/passwords.txt": text, "b/zoo.txt": text }));
    expect(found["b/zoo.txt"]).toBe("indexed");
  });

  it("is known by what it holds, whatever it is called", async () => {
    const found = await outcome(folderOf(texts(SECRET_TEXTS)));
    const names = Object.keys(SECRET_TEXTS);
    const told = Object.fromEntries(names.map((name, i) => [name, found[`${i}.md`]]));
    expect(told).toEqual(Object.fromEntries(names.map((name) => [name, expect.stringMatching(/^holds an? /)])));
  });

  it("is found in every part of a JSONL record, and not told in the report", async () => {
    const secret = SECRET_TEXTS["a GitHub token"] as string;
    const records = [
      { id: "text", text: secret },
      { id: "title", title: secret, text: "x" },
      { id: "metadata", text: "x", metadata: { note: ["y", secret] } },
      { id: "field", text: "x", metadata: { [secret]: 1 } },
      { id: secret, text: "x" },
      { id: secret, text: "again" },
      { id: "fine", title: "t", text: "x", metadata: { note: "y" } },
    ];
    const file = join(folderOf({ "r.jsonl": records.map((record) => JSON.stringify(record)).join("\n") }), "r.jsonl");
    const found = await outcome(file);
    expect(Object.values(found)).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((line) => `line ${line}: holds a GitHub token`),
      "indexed",
    ]);
    expect(JSON.stringify(found)).not.toContain(secret.slice(-30));
  });

  it("is found in the text of every format, however it is written there", async () => {
    const secret = (SECRET_TEXTS["an AWS key"] as string).split(" ")[1] as string;
    const page = pdfOf(`BT /F1 10 Tf 20 200 Td (${secret}) Tj 0 -40 Td (Some text.) Tj ET`);
    const found = await outcome(
      folderOf({
        "a.html": `<p>the key is &#${secret.charCodeAt(0)};${secret.slice(1)}</p>`,
        "b.docx": docxOf(
          `<w:p><w:r><w:t>${secret.slice(0, 6)}</w:t></w:r><w:r><w:t>${secret.slice(6)}</w:t></w:r></w:p></w:body></w:document>`,
        ),
        "c.pdf": page,
        "e.pptx": pptxOf([
          `<a:p><a:r><a:t>${secret.slice(0, 6)}</a:t></a:r><a:r><a:t>${secret.slice(6)}</a:t></a:r></a:p>`,
        ]),
        "f.xlsx": xlsxOf({ S: `<row><c t="str"><v>&#${secret.charCodeAt(0)};${secret.slice(1)}</v></c></row>` }),
        "g.epub": epubOf({ "a.xhtml": "<p>fine</p>" }, `<dc:title>${secret}</dc:title>`),
        "h.ipynb": JSON.stringify({ cells: [{ cell_type: "code", source: [secret.slice(0, 6), secret.slice(6)] }] }),
        "i.eml": `From: a@example.com\nContent-Transfer-Encoding: base64\n\n${Buffer.from(secret).toString("base64")}`,
        "j.eml": `From: a@example.com\nSubject: =?utf-8?b?${Buffer.from(secret).toString("base64")}?=\n\nfine`,
        "d.html": "<title>fine</title><p>fine</p>",
      }),
    );
    expect(found).toEqual({
      "a.html": "holds an AWS key",
      "b.docx": "holds an AWS key",
      "c.pdf": "holds an AWS key",
      "d.html": "indexed",
      ...Object.fromEntries(
        ["e.pptx", "f.xlsx", "g.epub", "h.ipynb", "i.eml", "j.eml"].map((name) => [name, "holds an AWS key"]),
      ),
    });
  });

  it("folder cannot be named either, nor what lies below one", async () => {
    const folder = folderOf({ ".ssh/keys/notes.md": "x" });
    for (const name of [".ssh", ".ssh/keys", ".ssh/keys/notes.md"]) {
      await expect(outcome(join(folder, name))).rejects.toMatchObject({
        code: "bad_request",
        message: "That location is inside a folder for secrets.",
      });
    }
  });
});

describe("what only looks like a secret", () => {
  it("is indexed by its name", async () => {
    const files = named(HARMLESS_NAMES);
    const found = await outcome(folderOf(files));
    expect(found).toEqual(Object.fromEntries(HARMLESS_NAMES.map((name) => [name, "indexed"])));
  });

  it("is indexed where its name is a secret's and its text is not", async () => {
    for (const [name, content] of Object.entries(HARMLESS_FILES)) {
      expect({ [name]: "indexed" }).toEqual(await outcome(folderOf({ [name]: content })));
    }
  });

  it("is indexed by what it holds", async () => {
    const found = await outcome(folderOf(texts(HARMLESS_TEXTS)));
    const names = Object.keys(HARMLESS_TEXTS);
    const told = Object.fromEntries(names.map((name, i) => [name, found[`${i}.md`]]));
    expect(told).toEqual(Object.fromEntries(names.map((name) => [name, "indexed"])));
  });
});

it("looking for secrets takes time in proportion to a text that is made to slow it down", () => {
  const hostile = [
    "A",
    `${"AK"}IAAAAAAAAAAAAAAAAA `,
    `${"gl"}pat-${"x".repeat(20)} `,
    `${"S"}G.aaaaaaaaaaaaaaaaaaaaaa.`,
    `-----${"BEGIN"} RSA PRIVATE KEY-----\n...${"a".repeat(31)}.`,
    `-----${"BEGIN"} AAAAAAAA `,
    "aws_secret_access_key   ",
    "password=password=",
    "a,",
    "a b c: ",
    "aB3_",
  ];
  for (const piece of hostile) {
    const text = piece.repeat(Math.floor(400_000 / piece.length));
    const began = performance.now();
    secretIn(text);
    keepsValues("passwords.txt", text);
    // Some 20 ms; by the square of the length it would be minutes.
    expect([piece, performance.now() - began < 5_000]).toEqual([piece, true]);
  }
});
