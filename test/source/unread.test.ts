/** What of a text is shown and not read. */
import { expect, it } from "vitest";
import { chunkDocument } from "#src/chunk/chunk.js";
import { ReadText } from "#src/core/read-text.js";
import { markdown } from "#src/source/formats/markdown.js";
import { text as plain } from "#src/source/formats/text.js";
import { unreadSpans } from "#src/source/unread.js";
import { testCall } from "../support/call.js";
import { collect, parsed } from "./collect.js";
import { folderOf, openFor } from "./folder.js";

function read(format: typeof markdown, content: string): string {
  const { text, unread } = format.parse(content);
  return new ReadText({ text, unread: unreadSpans(text, unread) }).read({ start: 0, end: text.length });
}

it.each([
  ["[the guide](https://a.example/b_(c)?d#e)", "the guide"],
  ['[the guide](<a b.md> "Title") and [more][ref]', "the guide and more"],
  ["![Map of ports](map.png)", "Map of ports"],
  ["[![Build](https://ci.example/b.svg)](https://ci.example) [![npm][npm-img]][npm]", " "],
  ["![npm](https://img.shields.io/npm/v/a.svg) ![Stars](https://b.example/badge?x)", " "],
  ["[ref]: https://a.example/b 'Title'\n", "\n"],
  ["[^1]: A note.", "[^1]: A note."],
  ["<https://a.example/b> <ann@a.example> <b>c</b>", "<a.example> <ann@a.example> c"],
  ["a <kbd>Ctrl</kbd> b<br/>c <!-- hidden --> d", "a Ctrl bc  d"],
  ["`a[0](b)` and `<div>`", "`a[0](b)` and `<div>`"],
  ["```js\na[0](b) < c; d > e\n```", "```js\na[0](b) < c; d > e\n```"],
  ["a[0] (b), 1 < 2 > 1, [x] done", "a[0] (b), 1 < 2 > 1, [x] done"],
])("of Markdown neither targets nor badges, tags, comments and definitions: %j", (content, expected) => {
  expect(read(markdown, content)).toBe(expected);
});

it.each([
  ["see https://www.a.example:8080/b/c?d=e#f, then", "see a.example:8080 then"],
  ["(https://a.example/b)", "(a.example)"],
  [`key ${"aB3/".repeat(60)} end`, "key  end"],
  ["長い文章".repeat(100), "長い文章".repeat(100)],
  ["a".repeat(3_000_000), ""],
  [`https://${"a".repeat(3_000_000)}`, ""],
  [`a,b,${"c,d,".repeat(100)}`, `a,b,${"c,d,".repeat(100)}`],
])("of any text no address but its host, and no run without an end: %.60j", (content, expected) => {
  expect(read(plain, content)).toBe(expected);
});

it("a passage is shown as it stands and embedded as it is read, and nothing else than markup is none", async () => {
  const badges = "[![Build](https://ci.example/b.svg)](https://ci.example)";
  const document = markdown.parse(`# Quill ${badges}\n\nSends [letters](https://a.example).\n\n${badges}\n\n[a]: b\n`);
  const count = async (_: unknown, texts: readonly string[]) => texts.map((each) => each.length);
  const chunks = await chunkDocument(testCall(), document, { maxTokens: 128, countTokens: count });
  expect(chunks.map(({ text, embedText }) => [text, embedText])).toEqual([
    [`# Quill ${badges}\n\nSends [letters](https://a.example).`, "Quill\n# Quill \n\nSends letters."],
  ]);
});

it("records and files of every kind come with what is not read of them", async () => {
  const root = folderOf({
    "a.jsonl": '{"id":"a","text":"See https://a.example/b now."}\n',
    "a.html": "<p>See https://a.example/b now.</p>",
    "a.md": "See <https://a.example/b> now.",
  });
  for (const item of await collect((await openFor(root)).read(testCall()))) {
    if (item.kind !== "document") throw new Error(item.reason);
    const document = await parsed(item.document);
    const whole = new ReadText(document).read({ start: 0, end: document.text.length });
    expect(whole.replace(/[<>]/g, "").trim()).toBe("See a.example now.");
    expect(document.text).toContain("https://a.example/b");
  }
});
