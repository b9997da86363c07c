import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ParsedDocument } from "#src/core/types.js";
import { code } from "#src/source/formats/code.js";
import { csv } from "#src/source/formats/csv.js";
import { html } from "#src/source/formats/html.js";
import { formatOf, type TextFormat } from "#src/source/formats/index.js";
import { markdown } from "#src/source/formats/markdown.js";
import { data, text } from "#src/source/formats/text.js";

const slices = ({ text, blocks }: ParsedDocument) => blocks.map(({ start, end }) => text.slice(start, end));
const lineOf = ({ lines }: ParsedDocument, offset: number) =>
  lines?.numbers[lines.offsets.findLastIndex((start) => start <= offset)];

function expectCoverage(document: ParsedDocument, from = 0) {
  let at = from;
  for (const { start, end } of document.blocks) {
    expect(start).toBeGreaterThanOrEqual(at);
    expect(end).toBeGreaterThan(start);
    expect(document.text.slice(at, start).trim()).toBe("");
    at = end;
  }
  expect(document.text.slice(at).trim()).toBe("");
}

const soup = fc
  .array(
    fc.constantFrom(
      ...[
        "# ",
        "## ",
        "- ",
        "1. ",
        "> ",
        "```",
        "~~~",
        "|a|b|\n|-|-|\n",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "    ",
        " ",
        "<div>",
        "</p>",
      ],
      ...[
        "<!--",
        "-->",
        "===",
        "---",
        "word",
        "def f():",
        "function x() {",
        "}",
        "@a",
        "// c",
        "[a]: b",
        "*",
        "🎉",
        "\u00a0",
        "&amp;",
      ],
      ...[
        "<h2>",
        "</h2>",
        "<pre>",
        "<table>",
        "<td>",
        "<tr><th>a",
        "a,b\n1,2",
        "<nav>",
        "<script>",
        "</script>",
        "<",
        "&#xD800;",
        "\ufeff",
        "\\",
        "`",
        "[x](y)",
      ],
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));

describe("every format", () => {
  const formats: TextFormat[] = [markdown, text, data, csv, html, code("ts"), code("py"), code("xyz"), code("c")];
  it.each(formats.map((format, i) => [`${format.name} ${i}`, format] as const))(
    "covers every visible character with ordered blocks and never throws: %s",
    (_, format) => {
      fc.assert(
        fc.property(soup, (input) => {
          const source = format === markdown ? `x${input}` : input;
          const document = format.parse(source);
          if (format !== html) expect(document.text).toBe(source);
          expectCoverage(document);
          for (const { header, end } of document.blocks) {
            if (header === undefined) continue;
            expect(document.text.slice(header.start, header.end).trim()).not.toBe("");
            expect(header.end).toBeLessThanOrEqual(end);
          }
        }),
        { numRuns: 500, examples: [["<pre># <td>\ufeff"]] },
      );
    },
  );
});

describe("markdown", () => {
  it("keeps the heading path, with setext headings and without inline markup", () => {
    const document = markdown.parse(
      "Title\n=====\n\nintro\n\n## Use `run` [now](http://x) {#id}\n\ntext\n\nOther\n---\n\nend\n",
    );
    expect(document.title).toBe("Title");
    expect(document.blocks.map((block) => block.headings)).toEqual([
      ...[
        ["Title"],
        ["Title"],
        ["Title", "Use run now"],
        ["Title", "Use run now"],
        ["Title", "Other"],
        ["Title", "Other"],
      ],
    ]);
    expect(slices(document)[0]).toBe("Title\n=====");
  });

  it("tells prose from what is split at line ends", () => {
    const document = markdown.parse(
      "para\n\n> quote\n\n- item\n- item\n\n```js\n# no heading\n```\n\n|a|b|\n|-|-|\n|1|2|\n\n<div>\nx\n</div>\n",
    );
    expect(document.blocks.map((block) => block.kind)).toEqual(["prose", "prose", "lines", "lines", "lines", "lines"]);
    expect(document.blocks.every((block) => block.headings.length === 0)).toBe(true);
  });

  it("takes the title from the front matter, which is no text", () => {
    const source = '---\ntitle: "A: guide"\ndescription: What it is\nlist:\n  - x\n---\n\n# Heading\n\ntext';
    const document = markdown.parse(source);
    expect(document.title).toBe("A: guide");
    expect(document.text).toBe(source);
    expect(slices(document)).toEqual(["# Heading", "text"]);
    expect(document.metadata).toEqual({ description: "What it is", list: ["x"] });
  });

  it("takes a rule at the start for no front matter", () => {
    expect(slices(markdown.parse("---\n\nSome text here\n\n---\n\nmore")).join()).toContain("Some text here");
    expect(slices(markdown.parse("---\ntitle: never closed\n")).join()).toContain("never closed");
  });

  it("keeps exact slices and line numbers with CRLF, tabs and emoji", () => {
    const source = "# 🎉 Party\r\n\r\n-\titem\r\n\t- nested\r\n\r\n```\r\n\tcode\r\n```\r\n\r\nend 🎈\r\n";
    const document = markdown.parse(source);
    expect(slices(document)).toEqual(["# 🎉 Party", "-\titem\r\n\t- nested", "```\r\n\tcode\r\n```", "end 🎈"]);
    expect(document.blocks.map(({ start }) => lineOf(document, start))).toEqual([1, 3, 6, 10]);
  });

  it("reads what is nested too deep as paragraphs", () => {
    const document = markdown.parse(`${">".repeat(20_000)} deep\n\nend`);
    expect(slices(document).at(-1)).toBe("end");
    expectCoverage(document);
  });
});

describe("text", () => {
  it("keeps the lines of a log whole, whatever its file is called, and takes dates in prose for none", () => {
    const kinds = (content: string) => (formatOf("a.txt") as TextFormat).parse(content).blocks.map(({ kind }) => kind);
    const logs = [
      "2026-01-02T10:00:00Z ERROR Failed. Retrying.\n",
      "[10:00:00] INFO Done. Next.\n",
      "Jan  2 10:00:00 host sshd[1]: Closed. Bye.\n",
      "WARN disk is full. Deleting.\n",
    ];
    for (const line of logs) expect([line, ...kinds(line.repeat(4))]).toEqual([line, "lines"]);
    expect(kinds(`${logs[0]}  at a.b.C\n${logs[0]}${logs[0]}`)).toEqual(["lines"]);
    expect(kinds("2026-01-02 was a Friday. It rained.\nNobody came.\nSo we went home.\n")).toEqual(["prose"]);
  });
});

describe("code", () => {
  it("cuts at top-level definitions, with the comments and decorators above them", () => {
    const source = [
      ...[
        "import x from 'y';",
        "",
        "/** Adds. */",
        "export function add(a) {",
        "  const b = 1;",
        "",
        "  return a + b;",
        "}",
        "",
      ],
      ...["// not attached", "", "@decorated", "class Thing {}", "", "run();"],
    ].join("\n");
    const document = code("ts").parse(source);
    expect(document.blocks.map(({ headings }) => headings)).toEqual([
      ...[[], ["export function add(a) {"], [], ["class Thing {}"], []],
    ]);
    expect(slices(document)).toEqual([
      "import x from 'y';",
      "/** Adds. */\nexport function add(a) {\n  const b = 1;\n\n  return a + b;\n}",
      "// not attached",
      "@decorated\nclass Thing {}",
      "run();",
    ]);
  });

  it.each([
    ["py", "import a\n\n@cache\nasync def go(x):\n    return x\n", "async def go(x):"],
    ["go", "package a\n\nfunc (s *S) Go() error {\n}\n", "func (s *S) Go() error {"],
    ["rs", "use a;\n\n#[test]\npub(crate) async fn go() {\n}\n", "pub(crate) async fn go() {"],
    ["java", "package a;\n\npublic final class Go {\n}\n", "public final class Go {"],
    ["kt", "package a\n\nsuspend fun go() {\n}\n", "suspend fun go() {"],
    ["c", "#include <a>\n\nstatic int go(void)\n{\n}\n", "static int go(void)"],
    ["cs", "using A;\n\npublic sealed class Go\n{\n}\n", "public sealed class Go"],
    ["rb", "require 'a'\n\nclass Go < A\nend\n", "class Go < A"],
    ["php", "<?php\n\nfunction go() {\n}\n", "function go() {"],
    ["swift", "import A\n\npublic func go() {\n}\n", "public func go() {"],
    ["scala", "package a\n\ncase class Go(x: Int)\n", "case class Go(x: Int)"],
    ["sh", "set -e\n\ngo() {\n}\n", "go() {"],
    ["sql", "-- a\n\nCREATE TABLE go (\n);\n", "CREATE TABLE go ("],
    ["lua", "x = 1\n\nlocal function go()\nend\n", "local function go()"],
    ["kt", "package a\n\ndata object Go\n", "data object Go"],
    ["kt", "package a\n\noperator fun Money.plus(o: Money) = o\n", "operator fun Money.plus(o: Money) = o"],
    ["kt", "package a\n\n@Composable fun Go() {\n}\n", "@Composable fun Go() {"],
    ["kt", "package a\n\ntypealias Go = () -> Unit\n", "typealias Go = () -> Unit"],
    ["kt", "package a\n\nprivate const val GO = 1\n", "private const val GO = 1"],
    ["kt", "package a\n\nfun interface Go {\n}\n", "fun interface Go {"],
    ["kt", "package a\n\nfun <T> go(x: T) {\n}\n", "fun <T> go(x: T) {"],
    ["swift", "import A\n\n@MainActor final class Go: B {\n}\n", "@MainActor final class Go: B {"],
    ["swift", "import A\n\npublic private(set) var go = 1\n", "public private(set) var go = 1"],
    ["swift", "import A\n\npackage actor Go {\n}\n", "package actor Go {"],
    ["swift", "import A\n\nnonisolated func go() async {\n}\n", "nonisolated func go() async {"],
    ["scala", "package a\n\nprivate[a] final class Go\n", "private[a] final class Go"],
    ["scala", "package a\n\nextension (x: Int) def go = x\n", "extension (x: Int) def go = x"],
    ["scala", "package a\n\npackage object go {\n}\n", "package object go {"],
    ["scala", "package a\n\nopaque type Go = Int\n", "opaque type Go = Int"],
    ["scala", "package a\n\ngiven Ordering[Go] with\n  def x = 1\n", "given Ordering[Go] with"],
    ["php", "<?php\n\nfinal readonly class Go\n{\n}\n", "final readonly class Go"],
    ["php", "<?php\n\n#[Attribute] enum Go: string\n{\n}\n", "#[Attribute] enum Go: string"],
    ["php", "<?php\n\n$app->get('/go', function () {\n});\n", "$app->get('/go', function () {"],
    ["php", "<?php\n\n$go = fn($x) => $x;\n", "$go = fn($x) => $x;"],
    ["cs", "using A;\n\npublic readonly record struct Go(int X);\n", "public readonly record struct Go(int X);"],
    ["cs", "using A;\n\n[Serializable] public class Go\n{\n}\n", "[Serializable] public class Go"],
    ["cs", "using A;\n\nnamespace A.B;\n", "namespace A.B;"],
    ["cs", 'using A;\n\napp.MapGet("/go", () => 1);\n', 'app.MapGet("/go", () => 1);'],
    ["rb", "require 'a'\n\nGo = Struct.new(:a) do\nend\n", "Go = Struct.new(:a) do"],
    ["rb", "require 'a'\n\nRSpec.describe Go do\nend\n", "RSpec.describe Go do"],
    ["rb", "require 'a'\n\nprivate def go\nend\n", "private def go"],
    ["rb", "require 'a'\n\ntask go: :environment do\nend\n", "task go: :environment do"],
    ["ex", "import A\n\ndefmodule Go do\nend\n", "defmodule Go do"],
    ["exs", 'import A\n\ntest "go" do\nend\n', 'test "go" do'],
    ["zig", 'const a = @import("a");\n\npub fn go() void {\n}\n', "pub fn go() void {"],
    ["zig", 'const a = @import("a");\n\npub const Go = struct {\n};\n', "pub const Go = struct {"],
    ["zig", 'const a = @import("a");\n\ntest "go" {\n}\n', 'test "go" {'],
  ])("knows a definition of .%s", (extension, source, signature) => {
    const document = code(extension).parse(source);
    expect(document.blocks.map(({ headings }) => headings)).toContainEqual([signature]);
  });
});

describe("a string or comment of several lines", () => {
  it.each([
    ["py", 'def go():\n    """Goes.\n\nColumn one.\n\n    """\n    return 1\n', "def go():"],
    ["ts", "function go() {\n  return `\nSELECT 1\n\nFROM x\n`;\n}\n", "function go() {"],
    ["js", "function go() {\n  /*\n\nOld code.\n  */\n  return 1;\n}\n", "function go() {"],
    ["go", "func go() {\n\tx := `\nSELECT 1\n\nFROM x\n`\n}\n", "func go() {"],
    ["kt", 'fun go() {\n  val x = """\nSELECT 1\n\nFROM x\n"""\n}\n', "fun go() {"],
    ["rb", "def go\n  <<~SQL\nSELECT 1\n\nFROM x\n  SQL\nend\n", "def go"],
    ["php", "function go() {\n  $x = <<<SQL\nSELECT 1\n\nFROM x\nSQL;\n}\n", "function go() {"],
    ["sh", "go() {\n  cat <<EOF\nUsage:\n\nNo more.\nEOF\n}\n", "go() {"],
    ["ex", 'def go do\n  """\nOne.\n\nTwo.\n"""\nend\n', "def go do"],
  ])("ends no definition of .%s", (extension, source, signature) => {
    const { blocks } = code(extension).parse(`${source}\nlast\n`);
    expect(blocks.map(({ headings }) => headings)).toEqual([[signature], []]);
  });

  it("is none where its mark stands in another string, a comment, or is never closed", () => {
    const marks = ['# it\'s """ here', 'x = \'"""\'', 'y = "it\'s"', 'z = """'];
    for (const mark of marks) {
      const { blocks } = code("py").parse(`def a():\n    ${mark}\n\nb = 1\n\ndef c():\n    pass\n`);
      expect([mark, ...blocks.map(({ headings }) => headings[0])]).toEqual([mark, "def a():", undefined, "def c():"]);
    }
  });

  it("is none where a definition begins in it: its mark opened nothing", () => {
    const source =
      "function a(x) {\n  return x.split(/`/);\n}\n\nfunction b() {\n  return `x`;\n}\n\nfunction c() {}\n";
    const { blocks } = code("js").parse(source);
    expect(blocks.map(({ headings }) => headings[0])).toEqual(["function a(x) {", "function b() {", "function c() {}"]);
  });
});

describe("html", () => {
  it("keeps the visible text under its headings", () => {
    const document = html.parse(
      "<!doctype html><html><head><title>A &amp; B</title><style>p{}</style><script>x<p></script></head>\n<body><nav>menu</nav>" +
        "<h1>One</h1>\n<p>Some <b>bo</b>ld   text,\n caf&eacute;.</p><h2>Two</h2><ul><li>a</li><li>b</li></ul>" +
        "<pre>\n x\n  y</pre><table><tr><th>k<th>v<tr><td>1<td>2</table></body>",
    );
    expect(document.title).toBe("A & B");
    expect(slices(document)).toEqual(["One", "Some bold text, café.", "Two", "a", "b", " x\n  y", "k | v\n1 | 2"]);
    expect(document.blocks.map(({ kind }) => kind).slice(-3)).toEqual(["prose", "lines", "lines"]);
    expect(document.blocks.at(-1)?.headings).toEqual(["One", "Two"]);
  });

  it("maps its text back to the page's lines", () => {
    const document = html.parse("<html>\n<p>first\nsecond</p>\n\n<p>&lt;fifth&gt;</p>\n<pre>\nseventh\neighth</pre>");
    const line = (word: string) => lineOf(document, document.text.indexOf(word));
    expect(["first", "second", "<fifth", "seventh", "eighth"].map(line)).toEqual([2, 3, 5, 7, 8]);
  });

  it("does without a tree: 100,000 open tags are no trouble", () => {
    const started = performance.now();
    const document = html.parse(`${"<div><b>".repeat(100_000)}deep${"</b>".repeat(100_000)}`);
    expect(slices(document)).toEqual(["deep"]);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it("shows the navigation when it swallows the page, and never half a character", () => {
    expect(slices(html.parse("<nav>all <p>there is"))).toEqual(["all", "there is"]);
    expect(html.parse("<p>a&#xD800;&#0;b").text).toBe("a\ufffd\ufffdb");
  });
});

describe("formatOf", () => {
  it("goes by the extension, then by well-known names", () => {
    const name = (file: string) => formatOf(file)?.name;
    expect(["a.md", "a.MDX", "a.html", "a.rs", "a.yaml", "a.tsv", "README", "Makefile"].map(name)).toEqual([
      ...["markdown", "markdown", "html", "code", "data", "csv", "text", "code"],
    ]);
    expect(["a.odd", "a", ".gitignore", "constructor", "a.dev"].map(name)).toEqual(new Array(5).fill("text"));
    expect(name("a.svg")).toBeUndefined();
  });
});
