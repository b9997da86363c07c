import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { markdown } from "#src/source/formats/markdown.js";

const paths = (text: string) => markdown.parse(text).blocks.map(({ headings }) => headings);
const slices = (text: string) => markdown.parse(text).blocks.map(({ start, end }) => text.slice(start, end));
/** The text of a heading, whatever else it shows. */
const shown = (heading: string, rest = "") => paths(`${heading}\n\ntext\n\n${rest}`)[0]?.join(" > ");

describe("a heading in Markdown", () => {
  it.each([
    [
      "a badge",
      "# Quillpost [![Build](https://ci.example.org/q/badge.svg?branch=main)](https://ci.example.org)",
      "Quillpost",
    ],
    ["an image", "# ![logo](logo.svg) Quillpost", "Quillpost"],
    ["a link", "# The [post office](https://example.org/a_(b)_c)", "The post office"],
    ["a reference link", "# The [post office][post]", "The post office"],
    ["a short reference link", "# The [post]", "The post"],
    ["a referenced badge", "# Quillpost [![npm][img]][post]", "Quillpost"],
    ["what looks like a reference", "# Quillpost [beta]", "Quillpost [beta]"],
    ["tags", '# <a name="x"></a>H<sub>2</sub>O <br> and <img src="x"/> salt', "H2O and salt"],
    ["a comment", "# Post <!-- old --> office", "Post office"],
    ["entities", "# Install&nbsp;it &amp; run &lt;it&gt;", "Install it & run <it>"],
    ["code", "# `quill.send()` and `a_b_c`", "quill.send() and a_b_c"],
    ["emphasis", "# **Bold** _and_ *so* ~~on~~ snake_case_name", "Bold and so on snake_case_name"],
    ["escapes", "# \\# not \\*so\\*", "# not *so*"],
    ["an id", "# Title {#title}", "Title"],
    ["two lines", "Two\nlines\n===", "Two lines"],
    ["nothing but images", "# ![Quill](a.svg) [![Post](b.svg)](c)", "Quill Post"],
  ])("is plain text where it has %s", (_, heading, text) => {
    expect(shown(heading, "[img]: https://img.example.org/a.svg\n[post]: https://example.org/post")).toBe(text);
  });

  it.each([
    ["attributes", '<h1 align="center" id=x>Quillfeather</h1>', "Quillfeather"],
    [
      "lines of tags",
      '<h1>\n  <img src="a.svg">\n  <br>\n  Quill&shy;feather &amp; co\n</h1>',
      "Quill\u00adfeather & co",
    ],
    ["capitals", "<H1>Quill</H1>", "Quill"],
    ["nothing but an image", '<h1><img src="a.svg" alt="Quill &amp; co"></h1>', "Quill & co"],
    ["signs of Markdown", "<h1>__init__ *args</h1>", "__init__ *args"],
    ["tags around it", '<div align="center">\n<h1>Quill</h1>\n</div>', "Quill"],
  ])("may be written as HTML, with %s", (_, heading, text) => {
    expect(shown(heading)).toBe(text);
    expect(slices(`${heading}\n\ntext`)).toEqual([heading, "text"]);
    expect(markdown.parse(`${heading}\n\ntext`).title).toBe(text);
  });

  it("written as HTML closes those below its level, beside headings of Markdown", () => {
    const text = "<h1>A</h1>\n\na\n\n## B\n\nb\n\n<h3>C</h3>\n\nc\n\n<h2>D</h2>\n\nd";
    expect(paths(text).filter((_, i) => i % 2 === 1)).toEqual([["A"], ["A", "B"], ["A", "B", "C"], ["A", "D"]]);
  });

  it("written as HTML begins a block, within HTML too", () => {
    const html = "<div>\n<p>one</p>\n<h2>A</h2>\n<h3>B</h3>\n<p>two</p>\n<h2>C</h2>\n</div>";
    expect(slices(html)).toEqual(["<div>\n<p>one</p>", "<h2>A</h2>", "<h3>B</h3>\n<p>two</p>", "<h2>C</h2>\n</div>"]);
    expect(paths(html)).toEqual([[], ["A"], ["A", "B"], ["C"]]);
    expect(markdown.parse(html).blocks.map(({ kind }) => kind)).toEqual(["lines", "prose", "lines", "prose"]);
  });

  it.each([
    ["a comment", "<!-- <h1>A</h1> -->"],
    ["a code block", "```html\n<h1>A</h1>\n```"],
    ["a heading that stays open", "<h1>A"],
    ["another tag", "<hr1>A</hr1><hgroup>B</hgroup><header>C</header>"],
  ])("is not %s", (_, text) => {
    expect(paths(`${text}\n\ntext`).flat()).toEqual([]);
  });

  it("takes nothing from the text, whatever it is", () => {
    const pieces = fc.constantFrom(
      ...["<h1>", "</h1>", "<h2 id='a'>", "</h2>", "<h1></h1>", "<div>\n", "</div>\n", "<!--", "-->", "<img alt='x'>"],
      ...["\n", "\n\n", "a", "# ", "## ", "[a]", "[a]: b\n", "![", "](", "`", "&amp;", "<", ">", "*", "{#", "}", "\r"],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (list) => {
        const text = `x${list.join("")}`;
        const visible = (part: string) => part.replace(/\s/g, "");
        expect(visible(slices(text).join(""))).toBe(visible(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("the title of a Markdown text", () => {
  it.each([
    ["# A\n\ntext\n\n# B\n", "A"],
    ["[![b](c)](d)\n\n# A\n\n# B\n", "A"],
    ["text\n\n# A\n\nmore\n", "A"],
    ["text\n\n# A\n\n# B\n", undefined],
    ["# 1.2.3\n\n# 1.2.2\n", undefined],
    ["# [v1.2.3-rc.1] - 2024-05-17\n", undefined],
    ["# 17th May 2024\n\ntext\n", undefined],
    ["# Unreleased\n\n# 1.0\n", undefined],
    ["# Release notes 2024\n", "Release notes 2024"],
    ["# 第3章\n\n本文\n", "第3章"],
    ["# Maya 2\n", "Maya 2"],
  ])("is its only heading of level 1 or stands before all text, and is no version or date: %j", (text, title) => {
    expect(markdown.parse(text).title).toBe(title);
  });
});
