import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkDocument } from "#src/chunk/chunk.js";
import { type TextChunk, textLines } from "#src/chunk/document-text.js";
import { sanitize } from "#src/core/sanitize.js";
import type { Chunk, ParsedDocument } from "#src/core/types.js";
import { formatOf } from "#src/source/formats/index.js";
import { testCall } from "../support/call.js";

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Lines by number, from 1 on. */
async function linesOf(chunks: readonly TextChunk[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const { number, text } of textLines(each(chunks), 1e6)) {
    expect(number).toBeGreaterThan(lines.length);
    while (lines.length < number - 1) lines.push("");
    lines.push(text);
  }
  return lines;
}

const stored = (chunks: readonly Chunk[]) => chunks.map((chunk) => ({ ...chunk, id: String(chunk.ordinal) }));
const at = (text: string, start: number, first?: number, last = first): TextChunk => ({
  id: `at ${start}`,
  ordinal: start,
  text,
  start,
  end: start + text.length,
  ...(first !== undefined && last !== undefined && { lines: { first, last } }),
});

const countTokens = async (_call: unknown, texts: readonly string[]) =>
  texts.map((text) => (text.match(/\S+/g) ?? []).length);
const chunksOf = async (name: string, content: string, maxTokens: number) => {
  const format = formatOf(name);
  if (format?.kind !== "text") throw new Error(`${name} is no text`);
  const document: ParsedDocument = format.parse(content);
  return { document, chunks: stored(await chunkDocument(testCall(), document, { maxTokens, countTokens })) };
};

/** What authors write, and what they put between it. */
const word = fc.constantFrom("keys", "rotate", "in spring.", "Why?", "a\u2028b", "c\u0085d", "é", "語", "🎉", "x\fy");
const words = fc.array(word, { minLength: 1, maxLength: 12 }).map((all) => all.join(" "));
const blank = fc.constantFrom("\n", "\n\n", "\n\n\n\n", "\r\n\r\n", "\n   \n\n", "\r\n", " \n");
const joined = (piece: fc.Arbitrary<string>) =>
  fc.array(fc.tuple(piece, blank), { minLength: 1, maxLength: 14 }).map((all) => all.flat().join(""));
const FILES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  "a.md": fc
    .tuple(
      fc.constantFrom("", "---\ntitle: Keys\n---\n", "\n\n\n", "---\r\ntitle: Keys\r\ntags: a\r\n---\r\n\r\n"),
      joined(
        fc.oneof(
          words,
          words.map((text) => `## ${text}`),
          words.map((text) => `- ${text}\n- ${text}\n\n  ${text}`),
          words.map((text) => `\`\`\`\n${text}\n\n\n  ${text}\n\`\`\``),
          words.map((text) => `| a | b |\n|---|---|\n| ${text} | x |`),
          words.map((text) => `[a]: https://example.org\n> ${text}\n${text}`),
        ),
      ),
    )
    .map((all) => all.join("")),
  "a.txt": joined(
    fc.oneof(
      words,
      words.map((text) => `   ${text}`),
    ),
  ),
  "a.ts": joined(
    fc.oneof(
      words.map((text) => `// ${text}\nfunction keys() {\n  return "${text}";\n\n\n  // ${text}\n}`),
      words.map((text) => `const a = "${text}";`),
    ),
  ),
  "a.html": joined(
    fc.oneof(
      words.map((text) => `<p>${text}\n${text}</p>`),
      words.map((text) => `<h2>${text}</h2><p>${text}<br>${text}<br>${text}</p><p>${text}</p>`),
      words.map((text) => `<table><tr><td>${text}</td>\n<td>b</td></tr><tr><td>c</td></tr></table>`),
      words.map((text) => `<pre>${text}\n\n  ${text}</pre>`),
      words.map((text) => `<script>\n${text}\n</script>`),
    ),
  ),
};

describe("the text of a document", () => {
  it.each(Object.entries(FILES))("has every passage at the lines that it is cited by: %s", async (name, files) => {
    // A converted text may have more lines than its file has there; and a line of the file may hold other ends of lines.
    const visible = (text: string) => text.replace(/\s+/g, " ").trim();
    let passages = 0;
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 6, max: 60 }), async (content, maxTokens) => {
        const { chunks } = await chunksOf(name, content, maxTokens);
        const lines = await linesOf(chunks);
        for (const { text, lines: cited } of chunks) {
          const read = lines.slice((cited?.first ?? 0) - 1, cited?.last).join("\n");
          expect(visible(read)).toContain(visible(sanitize(text)));
          passages++;
        }
      }),
      { numRuns: 300 },
    );
    expect(passages).toBeGreaterThan(300);
  });

  it("is the file's own, line by line, where the format keeps them", async () => {
    const content = "---\ntitle: Keys\n---\n\n\n# Keys\n\nRotate\nthem.\n\n\n\n```\na\n\n\n  b\n```\n";
    const { chunks } = await chunksOf("a.md", content, 8);
    expect(chunks.length).toBeGreaterThan(1);
    const lines = await linesOf(chunks);
    const own = content.trimEnd().split("\n");
    expect(lines).toEqual(own.map((line, i) => (i < 3 ? "" : line)));
  });

  it("gives a document's words back once, whatever its chunks repeat", () =>
    fc.assert(
      fc.asyncProperty(joined(words), fc.integer({ min: 6, max: 30 }), async (content, maxTokens) => {
        const { chunks } = await chunksOf("a.txt", content, maxTokens);
        const together = (text: string) => text.replace(/\s+/g, "");
        for (const all of [chunks, chunks.map(({ lines: _, ...chunk }) => chunk)]) {
          expect(together((await linesOf(all)).join(""))).toBe(together(sanitize(content)));
        }
      }),
    ));

  it("has a line end or an empty line between chunks that no lines are known of", async () => {
    expect(await linesOf([at("one", 0), at("two", 4), at("three", 9)])).toEqual(["one", "two", "", "three"]);
    expect(await linesOf([at("one\r\ntwo\u2028three\ffour\rfive", 0)])).toEqual([
      ...["one", "two", "three", "four", "five"],
    ]);
  });

  it("joins what a converted format has on more lines than its file", async () => {
    expect(await linesOf([at("a\nb\nc", 0, 1, 2), at("d", 7, 2)])).toEqual(["a", "b c d"]);
    expect(await linesOf([at("one paragraph of four lines", 0, 1, 4), at("of four lines, cut", 14, 3, 5)])).toEqual([
      "one paragraph ",
      "",
      "of four lines, cut",
    ]);
  });

  it("takes no more than was asked for of one line, and skips a chunk that another one holds", async () => {
    const lines = [];
    const chunks = [at("abcdef", 0, 1), at("cd", 2, 1), at("ghi", 6, 1)];
    for await (const line of textLines(each(chunks), 7)) lines.push(line);
    expect(lines).toEqual([{ number: 1, text: "abcdefg", chunk: chunks[0], isCut: true }]);
  });

  it("costs no time for a line number that no file has", async () => {
    const { value } = await textLines(each([at("a", 0, 2 ** 40)]), 10).next();
    expect(value).toMatchObject({ number: 2 ** 40, text: "a" });
  });
});
