import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { Access } from "#src/core/access.js";
import type { AppError } from "#src/core/errors.js";
import type { Source, SourceDocument } from "#src/core/ports.js";
import { createOpenSource } from "#src/source/index.js";
import { ParserProcess } from "#src/source/parser-process.js";
import { unreadReason } from "#src/source/unread-types.js";
import { testCall } from "../support/call.js";
import { collect, outcome, parsed } from "./collect.js";

let base: string;
let root: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "files-")));
  root = join(base, "root");
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const parser = new ParserProcess();
afterAll(() => parser.close());

const put = (name: string, content: string | Buffer = "some text", under = root) => {
  mkdirSync(dirname(join(under, name)), { recursive: true });
  writeFileSync(join(under, name), content);
};
/** Of a client, bound to the roots. */
const bound = () => testCall({ access: Access.to([]) });
const open = (location: string, call = bound(), roots = [root]) =>
  createOpenSource({ roots, dataFolder: join(root, ".data"), parser })(call, location);
const refusal = (location: string, call = bound(), roots = [root]): Promise<AppError> =>
  open(location, call, roots).then(
    () => expect.unreachable(`opened ${location}`),
    (error) => error,
  );

async function documents(source: Source): Promise<SourceDocument[]> {
  const items = await collect(source.read(testCall()));
  return items.flatMap((item) => (item.kind === "document" ? [item.document] : []));
}

describe("a folder", () => {
  it("brings its files in sorted order, called by their paths", async () => {
    put("b/two.md", "# Two\n");
    put("a.txt");
    put("b.txt");
    const source = await open(root);
    const found = await documents(source);
    expect(found.map(({ document }) => document)).toEqual(["a.txt", "b/two.md", "b.txt"]);
    expect(source.name).toBe(pathToFileURL(root).href);
    expect(found[1]?.metadata).toEqual({ path: "b/two.md", format: "markdown", extension: "md" });
    expect((await parsed(found[1] as SourceDocument)).title).toBe("Two");
    expect(await source.count(testCall())).toBe(3);
  });

  it("respects .gitignore at every level and reports each ignored top entry once", async () => {
    put(".gitignore", "*.log\n/private/\n!keep.log\n");
    put("debug.log");
    put("keep.log");
    put("private/deep/a.md");
    put("sub/.gitignore", "local.md\n!important.log\n");
    put("sub/local.md");
    put("sub/important.log");
    put("sub/private/b.md");
    put("local.md");
    const found = await outcome(await open(root));
    expect(found).toEqual({
      ".gitignore": "ok",
      "debug.log": "ignored by .gitignore",
      "keep.log": "ok",
      "local.md": "ok",
      "private/": "ignored by .gitignore",
      "sub/.gitignore": "ok",
      "sub/important.log": "ok",
      "sub/local.md": "ignored by .gitignore",
      "sub/private/b.md": "ok",
    });
    expect(await (await open(root)).count(testCall())).toBe(Object.keys(found).length);
  });

  it("leaves version control, dependencies, build output and its own data out", async () => {
    put(".git/config.md");
    put("node_modules/x/readme.md");
    put("docs/build/steps.md");
    put("package.json", "{}");
    put("build/out.md");
    put(".data/index.md");
    expect(await outcome(await open(root))).toEqual({
      ".data/": "the server's own data folder",
      ".git/": "version control folder",
      "build/": "build folder",
      "docs/build/steps.md": "ok",
      "node_modules/": "dependency or cache folder",
      "package.json": "ok",
    });
  });

  it("skips secrets by their names and by a private key inside", async () => {
    for (const name of [".env", ".env.local", "tls.pem", "id_rsa", "id_ed25519.pub", "x.p12", "x.kdbx"]) put(name);
    for (const name of [".npmrc", ".netrc"]) put(name);
    put("key.md", "text\n-----BEGIN OPENSSH PRIVATE KEY-----\nabc");
    put("records/.env.jsonl", '{"id":"a","text":"x"}');
    const found = await outcome(await open(root));
    expect(found["key.md"]).toBe("holds a private key");
    delete found["key.md"];
    expect(Object.keys(found)).toHaveLength(10);
    expect(new Set(Object.values(found))).toEqual(new Set(["its name looks like a secret's"]));
  });

  it("reads text of any name by its lines, and no other file of an unknown kind", async () => {
    const names = [
      "Dockerfile.dev",
      "Jenkinsfile",
      "CODEOWNERS",
      "BUILD",
      "Meeting 12.03",
      "app.log.1",
      "x.f90",
      "x.sql.gz",
    ];
    for (const name of names) put(name, "Otters\n\nare counted\n");
    put("photo", Buffer.from("\x89PNG\r\n\x1a\n\0\0"));
    put("film.mkv", Buffer.alloc(20_000_000));
    put("short.dat", Buffer.from([0x1f, 0x8b, 0x08, 0x41]));
    put("icon.svg", "<svg><path d='M0 0'/></svg>");
    put("flake.lock", "{}");
    put("go.sum", "x");
    put("app.js.map", "{}");
    const generated = "generated file";
    const source = await open(root);
    expect(await outcome(source)).toEqual({
      ...Object.fromEntries(names.map((name) => [name, "ok"])),
      photo: "unsupported file type",
      "film.mkv": "no reader for .mkv: a video; index its transcript",
      "short.dat": "no reader for .dat",
      "icon.svg": "no reader for .svg: a drawing; export it as PDF",
      "flake.lock": generated,
      "go.sum": generated,
      "app.js.map": generated,
    });
    const build = (await documents(source)).find(({ document }) => document === "BUILD") as SourceDocument;
    expect(build.metadata).toEqual({ path: "BUILD", format: "text", extension: "" });
    expect((await parsed(build)).blocks).toMatchObject([{ kind: "lines" }, { kind: "lines" }]);
  });

  it("skips what is no text, too large, empty or of an unknown kind", async () => {
    put("nul.txt", "a\0b");
    put("latin.txt", Buffer.from([0x63, 0x61, 0x66, 0xe9]));
    put("huge.txt", Buffer.alloc(10_000_001, 97));
    put("large.txt", Buffer.alloc(10_000_000, 97));
    put("empty.md", "\ufeff \n");
    put("photo.png", "a\0b");
    put("package-lock.json");
    expect(await outcome(await open(root))).toEqual({
      "empty.md": "no text in it",
      "huge.txt": "larger than 10 MB",
      "large.txt": "ok",
      "latin.txt": "ok",
      "nul.txt": "binary, no text",
      "package-lock.json": "generated file",
      "photo.png": "no reader for .png: an image; its text needs OCR",
    });
  });

  it("says what a file is that it cannot read", async () => {
    for (const name of ["talk.odp", "a.tar.gz", "odd.xyz"]) put(name, "PK\u0003\u0004\0");
    put("letter.rtf", "{\\rtf1 Dear all}");
    put("plan.gdoc", '{"doc_id":"1"}');
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"ab".repeat(32)}\nsize 123456\n`;
    for (const name of ["report.pdf", "letter.docx", "table.csv"]) put(name, pointer);
    expect(await outcome(await open(root))).toEqual({
      "a.tar.gz": "no reader for .gz: an archive; unpack it",
      "letter.docx": "Git LFS pointer; run git lfs pull",
      "odd.xyz": "no reader for .xyz",
      "report.pdf": "Git LFS pointer; run git lfs pull",
      "table.csv": "Git LFS pointer; run git lfs pull",
      "letter.rtf": "no reader for .rtf: a word processor's document; save it as .docx",
      "plan.gdoc": "no reader for .gdoc: a link to a document of Google's; download it as .docx, .xlsx or .pptx",
      "talk.odp": "no reader for .odp: a presentation; save it as .pptx or PDF",
    });
  });

  it("has no advice for types that it reads", () => {
    const read = "md txt html xhtml csv pdf docx docm pptx ppsx xlsx xlsm epub eml ipynb".split(" ");
    for (const extension of read) expect(unreadReason(`a.${extension}`)).toBe(`no reader for .${extension}`);
  });

  it("skips code that is minified, and no prose or data with long lines", async () => {
    const minified = "function a(b){return b*2};".repeat(3_000);
    put("bundle.js", minified);
    put("small.js", minified.slice(0, 40_000));
    put("long.js", minified.replaceAll(";", ";\n"));
    for (const name of ["page.md", "page.html", "rows.csv", "one-line.json"]) put(name, minified);
    const { "bundle.js": reason, ...others } = await outcome(await open(root));
    expect(reason).toMatch(/^generated or minified/);
    expect(new Set(Object.values(others))).toEqual(new Set(["ok"]));
  });

  it("leaves encoded data out of a document and its passages, with the lines that it had", async () => {
    const encoded = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * i * 31 + (i >> 3)) & 0xff)).toString(
      "base64",
    );
    put("post.md", `# Trip\n\n![map](data:image/png;base64,${encoded})\n\nThe lamp.\n`);
    put("only.txt", encoded);
    put("a.jsonl", JSON.stringify({ id: "x", text: `walrus ${encoded}` }));
    expect(await outcome(await open(root))).toMatchObject({ "only.txt": "holds nothing but encoded data (base64)" });
    const [record, , post] = await documents(await open(root));
    expect((await parsed(record as SourceDocument)).text).toBe("walrus \u2026");
    const { text, lines } = await parsed(post as SourceDocument);
    expect(text).toBe("# Trip\n\n![map](\u2026)\n\nThe lamp.\n");
    expect(lines?.numbers.at(-1)).toBe(6);
  });

  it("tells the encoding of a document that is not in UTF-8", async () => {
    put("latin.txt", Buffer.from("Le caf\xe9 de la gare", "latin1"));
    put("utf8.txt", "Le café de la gare");
    const [latin, utf8] = await documents(await open(root));
    const first = await parsed(latin as SourceDocument);
    expect(first).toMatchObject({ text: "Le café de la gare" });
    expect(first.metadata?.encoding).toMatch(/^(?:windows|iso)-/);
    expect((await parsed(utf8 as SourceDocument)).metadata?.encoding).toBeUndefined();
  });

  it("strips the byte-order mark, keeps CRLF, and hashes the content", async () => {
    put("a.txt", "\ufeffone\r\n\r\ntwo 🎉\r\n");
    const [document] = await documents(await open(root));
    const { text, blocks, lines } = await parsed(document as SourceDocument);
    expect(text).toBe("one\r\n\r\ntwo 🎉\r\n");
    expect(blocks[1]).toMatchObject({ start: 7, end: 13 });
    expect([lines?.offsets[2], lines?.numbers[2]]).toEqual([7, 3]);
    put("a.txt", "changed");
    expect((await documents(await open(root)))[0]?.hash).not.toBe(document?.hash);
  });

  it("follows no link: neither out of the folder nor in a circle", async () => {
    put("secret.md", "outside", base);
    put("other/x.md", "outside", base);
    put("a/real.md");
    symlinkSync(join(base, "secret.md"), join(root, "file-out.md"));
    symlinkSync(join(base, "other"), join(root, "folder-out"));
    symlinkSync(root, join(root, "a/circle"));
    symlinkSync("real.md", join(root, "a/again.md"));
    symlinkSync("nowhere", join(root, "dangling"));
    expect(await outcome(await open(root))).toEqual({
      "a/again.md": "symbolic link; its target is indexed itself",
      "a/circle": "symbolic link; its target is indexed itself",
      "a/real.md": "ok",
      dangling: "symbolic link that leads nowhere",
      "file-out.md": "symbolic link that leaves the source folder",
      "folder-out": "symbolic link that leaves the source folder",
    });
  });

  it("reports what cannot be read and goes on", async () => {
    put("closed.md");
    put("shut/a.md");
    put("z.md");
    chmodSync(base, 0o755);
    chmodSync(join(root, "closed.md"), 0);
    chmodSync(join(root, "shut"), 0);
    // Root may read everything, so the reading is done as nobody.
    const privileged = process.getuid?.() === 0;
    if (privileged) process.seteuid?.(65_534);
    try {
      expect(await outcome(await open(root))).toEqual({
        "closed.md": "failed: permission denied (EACCES)",
        "shut/": "failed: permission denied (EACCES)",
        "z.md": "ok",
      });
    } finally {
      if (privileged) process.seteuid?.(0);
      chmodSync(join(root, "shut"), 0o700);
    }
  });

  it("reports a file that vanished while the folder was read", async () => {
    put("a.md");
    put("b.md");
    const found: string[] = [];
    for await (const item of (await open(root)).read(testCall())) {
      found.push(item.kind);
      rmSync(join(root, "b.md"), { force: true });
    }
    expect(found).toEqual(["document", "failed"]);
  });

  it("expands the records of a JSONL file inside it, and then cannot tell the count", async () => {
    put("d/r.jsonl", '{"id":"a","text":"x","metadata":{"path":"own"}}\nbad\n{"id":"b","text":"y"}');
    const source = await open(root);
    expect(await outcome(source)).toEqual({
      "d/r.jsonl#a": "ok",
      "d/r.jsonl#line 2": "line 2: not valid JSON",
      "d/r.jsonl#b": "ok",
    });
    const [first, second] = await documents(source);
    expect(first?.metadata).toEqual({ path: "d/r.jsonl", format: "jsonl", extension: "jsonl" });
    expect(first && (await parsed(first)).metadata).toEqual({ path: "own" });
    expect(second?.metadata.path).toBe("d/r.jsonl");
    expect(await source.count(testCall())).toBeUndefined();
  });

  it("stops between files when the call is cancelled", async () => {
    put("a.md");
    put("b.md");
    const controller = new AbortController();
    const items = (await open(root)).read(testCall({ signal: controller.signal }))[Symbol.asyncIterator]();
    await items.next();
    controller.abort();
    await expect(items.next()).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("a single file", () => {
  it("is a source of its own, its document called by the base name", async () => {
    put("sub/a.md", "# A");
    const source = await open(join(root, "sub/a.md"));
    expect(source.name).toBe(pathToFileURL(join(root, "sub/a.md")).href);
    expect(await outcome(source)).toEqual({ "a.md": "ok" });
    expect(await source.count(testCall())).toBe(1);
  });
});

describe("a location", () => {
  it("is found below each root in turn, or as a file URL", async () => {
    put("other/docs/a.md", "x", base);
    const roots = [join(base, "missing"), root, join(base, "other")];
    expect((await open("docs", bound(), roots)).name).toBe(pathToFileURL(join(base, "other/docs")).href);
    expect((await open(pathToFileURL(root).href)).name).toBe(pathToFileURL(root).href);
    expect((await open(".")).name).toBe(pathToFileURL(root).href);
  });

  it("outside the roots is refused in the same words whether it exists or not", async () => {
    put("outside.md", "x", base);
    put("root-sibling/a.md", "x", base);
    symlinkSync(base, join(root, "up"));
    symlinkSync(join(base, "nothing"), join(root, "dangling"));
    const places = [
      "../outside.md",
      "../nothing.md",
      join(base, "outside.md"),
      join(base, "nothing.md"),
      "up/outside.md",
    ];
    places.push("up/nothing.md", "dangling", join(base, "root-sibling"), "/", `${root}/../outside.md`, "up");
    for (const place of places) {
      const error = await refusal(place);
      expect([place, error.code, error.message]).toEqual([
        ...[place, "bad_request", "That location is not below a folder that this server may index."],
      ]);
      expect(error.remedy).toContain(`Name a location below ${JSON.stringify(root)}`);
    }
  });

  it("in a root that does not exist is told so, what lies beside it is not", async () => {
    const gone = join(base, "gone");
    for (const place of [gone, join(gone, "docs"), pathToFileURL(gone).href, "docs", "."]) {
      const error = await refusal(place, bound(), [gone]);
      expect([place, error.code]).toEqual([place, "not_found"]);
      expect(error.message).toBe("That location is in a folder of RETRIEVAL_ROOTS that does not exist.");
    }
    for (const place of [base, join(base, "gone-too"), `${gone}/../other`, "../other"]) {
      expect([place, (await refusal(place, bound(), [gone])).code]).toEqual([place, "bad_request"]);
    }
    expect((await refusal("docs", bound(), [gone, root])).message).toBe('There is nothing at "docs".');
  });

  it("that the operator typed may be anywhere", async () => {
    put("outside.md", "x", base);
    expect(await outcome(await open(join(base, "outside.md"), testCall(), []))).toEqual({ "outside.md": "ok" });
    expect((await refusal(join(base, "nothing"), testCall())).code).toBe("not_found");
  });

  it("needs roots when an agent sends it", async () => {
    const error = await refusal(root, bound(), []);
    expect(error.code).toBe("bad_request");
    expect(error.remedy).toContain("RETRIEVAL_ROOTS");
  });

  it("that is missing, in the data folder, or no path is refused with its reason", async () => {
    put(".data/a.md");
    expect((await refusal("nothing.md")).code).toBe("not_found");
    expect((await refusal(".data")).message).toContain("data folder");
    expect((await refusal("collection:docs")).message).toContain("Unknown source kind");
    expect((await refusal("https://example.org/")).code).toBe("bad_request");
    for (const place of ["", " ", "a\0b", "file://host/x"]) expect((await refusal(place)).code).toBe("bad_request");
  });
});
