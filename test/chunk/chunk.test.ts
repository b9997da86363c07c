import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkDocument } from "#src/chunk/chunk.js";
import type { Call } from "#src/core/call.js";
import type { Block, Chunk, ParsedDocument } from "#src/core/types.js";
import { lineStarts } from "#src/source/formats/format.js";
import { markdown } from "#src/source/formats/markdown.js";
import { testCall } from "../support/call.js";

/** Like WordPiece: cut at blanks, long words in pieces of four, endless words one unknown token. */
const count = (text: string) =>
  (text.match(/\S+/g) ?? []).reduce((sum, word) => sum + (word.length > 100 ? 1 : Math.ceil(word.length / 4)), 0);
const countTokens = async (_call: Call, texts: readonly string[]) => {
  expect(texts.length).toBeLessThanOrEqual(256);
  return texts.map(count);
};
const chunk = (document: ParsedDocument, maxTokens = 64) =>
  chunkDocument(testCall(), document, { maxTokens, countTokens });
const prose = (text: string, headings: string[] = []): ParsedDocument => ({
  text,
  blocks: [{ start: 0, end: text.length, headings, kind: "prose" }],
  lines: { offsets: Uint32Array.of(0), numbers: Uint32Array.of(1) },
});

const word = fc.oneof(
  { weight: 8, arbitrary: fc.stringMatching(/^[a-z]{1,12}$/) },
  fc.constantFrom("end.", "Why?", "naïve", "漢字かな。", "👩‍👩‍👧", "🎉", "{", "x".repeat(130), "é".repeat(30)),
);
const line = fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => words.join(" "));
const paragraph = fc.array(line, { minLength: 1, maxLength: 6 }).map((lines) => lines.join("\n"));
const documents = fc
  .record({
    title: fc.option(line, { nil: undefined }),
    sections: fc.array(
      fc.record({
        headings: fc.array(fc.constantFrom("Install", "Use it", "Why", "A long heading ".repeat(9).trim()), {
          maxLength: 3,
        }),
        blocks: fc.array(fc.record({ text: paragraph, kind: fc.constantFrom("prose" as const, "lines" as const) }), {
          maxLength: 4,
        }),
      }),
      { maxLength: 6 },
    ),
  })
  .map(({ title, sections }): ParsedDocument => {
    let text = "";
    const blocks: Block[] = [];
    for (const { headings, blocks: own } of sections) {
      const heading = headings.at(-1);
      const parts = heading === undefined ? own : [{ text: `## ${heading}`, kind: "prose" as const }, ...own];
      for (const part of parts) {
        const [start, end] = [text.length, text.length + part.text.length];
        // The first line of every other group of lines names columns.
        const isTable = part.kind === "lines" && part.text.length % 2 === 0;
        const header = isTable ? { start, end: start + (part.text.split("\n", 1)[0] as string).length } : undefined;
        blocks.push({ start, end, headings, kind: part.kind, header });
        text += `${part.text}\n\n`;
      }
    }
    const lines = lineStarts(text);
    return { ...(title === undefined ? {} : { title }), text, blocks, lines };
  });

describe("the chunks of any document", () => {
  const holds = (property: (document: ParsedDocument, maxTokens: number) => Promise<void>) =>
    fc.assert(fc.asyncProperty(documents, fc.integer({ min: 12, max: 256 }), property), { numRuns: 200 });

  it("hold every word, as exact slices in order", () =>
    holds(async (document, maxTokens) => {
      const chunks = await chunk(document, maxTokens);
      const covered = new Uint8Array(document.text.length);
      chunks.forEach((piece, i) => {
        expect(piece.ordinal).toBe(i);
        expect(piece.text).toBe(document.text.slice(piece.start, piece.end));
        expect(piece.text).toBe(piece.text.trim());
        expect(piece.text).not.toBe("");
        expect(piece.start).toBeGreaterThan(chunks[i - 1]?.start ?? -1);
        expect(piece.end).toBeGreaterThan(chunks[i - 1]?.end ?? -1);
        covered.fill(1, piece.start, piece.end);
      });
      for (let i = 0; i < covered.length; i++) {
        // Signs that stand alone, in a block or where a word of many signs was cut, are no passage.
        if (covered[i] === 0) expect(document.text[i]).toMatch(/[\s{#.?。\u200d]/);
      }
    }));

  it("never exceed the model's input, title and headings included", () =>
    holds(async (document, maxTokens) => {
      for (const { embedText, text } of await chunk(document, maxTokens)) {
        // A single character is the one thing that cannot be cut.
        if ([...text].length > 1) expect(count(embedText) + 2).toBeLessThanOrEqual(maxTokens);
        expect(embedText.endsWith(text)).toBe(true);
        expect(text.length).toBeLessThanOrEqual(4000);
      }
    }));

  it("bring the header of a table that they begin inside of, in no more than a quarter of the input", () => {
    let brought = 0;
    return holds(async (document, maxTokens) => {
      for (const { start, text, tableHeader, embedText } of await chunk(document, maxTokens)) {
        const { header } = document.blocks.findLast((block) => block.start <= start) as Block;
        const lead = tableHeader === undefined ? "" : `${tableHeader}\n`;
        expect(embedText.endsWith(`${lead}${text}`)).toBe(true);
        if (header === undefined || start < header.end) expect(tableHeader).toBeUndefined();
        if (tableHeader === undefined || header === undefined) continue;
        brought++;
        const [, kept = "", cut] = /^(.*?)( …)?$/s.exec(tableHeader) ?? [];
        const whole = document.text.slice(header.start, header.end);
        expect(cut === undefined ? kept === whole : whole.startsWith(kept)).toBe(true);
        expect(count(tableHeader)).toBeLessThanOrEqual((maxTokens - 2) / 4);
      }
    }).then(() => expect(brought).toBeGreaterThan(50));
  });

  it("tell the lines they stand on", () =>
    holds(async (document, maxTokens) => {
      for (const { start, end, lines, pages } of await chunk(document, maxTokens)) {
        const line = (offset: number) => document.text.slice(0, offset).split("\n").length;
        expect(lines).toEqual({ first: line(start), last: line(end) });
        expect(pages).toBeUndefined();
      }
    }));

  it("overlap only inside one block that was split, by few tokens", () =>
    holds(async (document, maxTokens) => {
      const chunks = await chunk(document, maxTokens);
      chunks.slice(1).forEach((piece, i) => {
        const before = chunks[i] as (typeof chunks)[number];
        if (piece.start >= before.end) return;
        expect(document.blocks.some(({ start, end }) => start <= piece.start && before.end <= end)).toBe(true);
        expect(count(document.text.slice(piece.start, before.end))).toBeLessThanOrEqual(32);
      });
    }));

  it("never part a surrogate pair, nor leave a heading alone before its text", () =>
    holds(async (document) => {
      const chunks = await chunk(document, 256);
      chunks.forEach(({ text }, i) => {
        expect(text).not.toMatch(/\p{Surrogate}/u);
        if (i < chunks.length - 1) expect(text).not.toMatch(/^## [^\n]*$/);
      });
    }));
});

/** Sections of short sentences: what is cut can be cut in the middle. */
const sentences = fc.array(fc.stringMatching(/^[A-Z][a-z]{1,9}( [a-z]{1,8}){1,8}\.$/), { minLength: 1, maxLength: 40 });
const sections = fc.array(
  fc.record({
    level: fc.integer({ min: 2, max: 4 }),
    paragraphs: fc.array(
      sentences.map((all) => all.join(" ")),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  { minLength: 1, maxLength: 5 },
);
const written = sections.map((all) =>
  all
    .flatMap(({ level, paragraphs }, i) => [`${"#".repeat(level)} Section ${i}`, ...paragraphs])
    .reduce((text, block) => `${text}\n\n${block}`, "# Guide"),
);

describe("the chunks of sections", () => {
  const holds = (property: (document: ParsedDocument, chunks: Chunk[]) => void) =>
    fc.assert(
      fc.asyncProperty(written, async (text) => {
        const document = markdown.parse(text);
        property(document, await chunk(document, 256));
      }),
      { numRuns: 300 },
    );

  it("are cited under a path that all of their text stands under", () => {
    let shared = 0;
    return holds((document, chunks) => {
      for (const { start, end, headings } of chunks) {
        const blocks = document.blocks.filter((block) => block.start < end && block.end > start);
        const bodies = blocks.filter((block) => !document.text.startsWith("#", block.start));
        const paths = bodies.map((block) => block.headings.slice(1));
        for (const path of paths) expect(path.slice(0, headings.length)).toEqual(headings);
        // None longer is shared by all of them.
        const [first = []] = paths;
        const longer = first.slice(0, headings.length + 1);
        if (longer.length > headings.length) {
          expect(paths.every((path) => path[headings.length] === longer.at(-1))).toBe(false);
          shared++;
        }
      }
    }).then(() => expect(shared).toBeGreaterThan(20));
  });

  it("end no long section with a stub", () => {
    let ends = 0;
    return holds((document, chunks) => {
      const sectionEnds = new Set(
        document.blocks.filter((block, i, all) => block.headings !== all[i + 1]?.headings).map((block) => block.end),
      );
      chunks.forEach((piece, i) => {
        const goesOn = i > 0 && !piece.text.startsWith("#");
        if (!goesOn || !sectionEnds.has(piece.end)) return;
        expect(count(piece.text)).toBeGreaterThanOrEqual(48);
        ends++;
      });
    }).then(() => expect(ends).toBeGreaterThan(20));
  });
});

describe("chunkDocument", () => {
  it("makes no chunk of an empty text", async () => {
    expect(await chunk({ text: " \n ", blocks: [{ start: 0, end: 3, headings: [], kind: "prose" }] })).toEqual([]);
    expect(await chunk({ text: "", blocks: [] })).toEqual([]);
  });

  it("leaves a record that fits whole", async () => {
    const text = "First paragraph.\n\nSecond paragraph.";
    const blocks: Block[] = [
      { start: 0, end: 16, headings: [], kind: "prose" },
      { start: 18, end: 35, headings: [], kind: "prose" },
    ];
    const chunks = await chunk({
      title: "A title",
      text,
      blocks,
      lines: { offsets: Uint32Array.of(0), numbers: Uint32Array.of(7) },
    });
    expect(chunks).toEqual([
      {
        ordinal: 0,
        text,
        start: 0,
        end: 35,
        lines: { first: 7, last: 7 },
        headings: [],
        embedText: `A title\n${text}`,
      },
    ]);
  });

  it("puts the title and the heading path in front, the title once", async () => {
    const [first, second] = await chunk(
      markdown.parse(`# Guide\n\n${"Some words here. ".repeat(11)}\n\n## Install\n\n${"Run it now. ".repeat(12)}`),
    );
    expect(first?.headings).toEqual([]);
    expect(first?.embedText).toMatch(/^Guide\n# Guide\n\nSome words/);
    expect(second?.headings).toEqual(["Install"]);
    expect(second?.embedText).toMatch(/^Guide > Install\n## Install\n\nRun it/);
  });

  it("drops the outermost headings of a path that is too long", async () => {
    const [only] = await chunk(prose("text", ["outer ".repeat(20).trim(), "middle ".repeat(14).trim(), "inner"]), 256);
    expect(only?.embedText).toBe(`${"middle ".repeat(14).trim()} > inner\ntext`);
    expect(only?.headings).toHaveLength(3);
  });

  it("splits prose at sentences and repeats whole sentences", async () => {
    const sentences = Array.from({ length: 40 }, (_, i) => `Sentence number ${i} says a little more.`);
    const chunks = await chunk(prose(sentences.join(" ")));
    expect(chunks.length).toBeGreaterThan(4);
    for (const { text } of chunks) expect(text).toMatch(/^Sentence number .* more\.$/s);
    expect((chunks[1]?.start ?? 0) < (chunks[0]?.end ?? 0)).toBe(true);
  });

  it("splits lines at line ends", async () => {
    const text = Array.from({ length: 200 }, (_, i) => `  call(${i}, "value");`).join("\n");
    const document: ParsedDocument = {
      ...prose(text),
      blocks: [{ start: 0, end: text.length, headings: [], kind: "lines" }],
    };
    for (const piece of await chunk(document)) expect(piece.text).toMatch(/^call\(\d+.*;$/s);
  });

  it("takes a small section in when it fits, and a lone heading always", async () => {
    const chunks = await chunk(
      markdown.parse(`# A\n\n## B\n\nShort.\n\n## C\n\nAlso short.\n\n## D\n\n${"Long text. ".repeat(300)}`),
    );
    expect(chunks[0]?.text).toBe("# A\n\n## B\n\nShort.\n\n## C\n\nAlso short.");
    expect(chunks[0]?.headings).toEqual([]);
    expect(chunks[0]?.embedText).toMatch(/^A\n# A/);
    expect(chunks[1]?.text).toMatch(/^## D\n\nLong text\./);
  });

  it("cites a passage of several sections under what their paths share", async () => {
    const host = (name: string) => `## Host ${name}\n\nRuns one of many.`;
    const [ports, languages] = await chunk(
      markdown.parse(
        `---\ntitle: Notes\n---\n\n# Ports\n\n${["1", "2", "3"].map(host).join("\n\n")}\n\n# Languages\n\n## C\n\nManual memory.\n\n## Go\n\nCollects garbage.`,
      ),
      256,
    );
    expect(ports?.text).toMatch(/^# Ports.*Host 3.*many\.$/s);
    expect(ports?.headings).toEqual(["Ports"]);
    expect(ports?.embedText).toMatch(/^Notes > Ports\n# Ports/);
    expect(languages?.text).toMatch(/^# Languages.*Go.*garbage\.$/s);
    expect(languages?.headings).toEqual(["Languages"]);
  });

  it("gives the short end of a section whole paragraphs of the chunk before it, or a part of a long one", async () => {
    const long = (words: number) => "Five words make this sentence. ".repeat(words / 5).trim();
    const parts = async (...paragraphs: string[]) =>
      (await chunk(markdown.parse(`## A\n\n${paragraphs.join("\n\n")}`), 256)).map(({ text }) => text);
    const whole = await parts(long(100), long(55), "Ask the desk.");
    expect(whole).toEqual([`## A\n\n${long(100)}`, `${long(55)}\n\nAsk the desk.`]);
    const [first, second] = await parts(long(155), "Ask the desk.");
    expect(first).toBe(`## A\n\n${long(80)}`);
    expect(second).toBe(`${long(75)}\n\nAsk the desk.`);
  });

  it("repeats the header of a table that takes several chunks, and of no other", async () => {
    const rows = (name: string) => Array.from({ length: 40 }, (_, i) => `| ${name}${i} | ${i} |`).join("\n");
    const chunks = await chunk(
      markdown.parse(
        `Before.\n\n| Name | Count |\n|---|---|\n${rows("a")}\n\nBetween.\n\n| Key |\n|---|\n| x |\n\n${"Behind. ".repeat(40)}`,
      ),
    );
    const [first, ...others] = chunks;
    expect(first?.text).toMatch(/^Before\.\n\n\| Name \| Count \|\n\|---\|---\|\n\| a0/);
    expect(first?.tableHeader).toBeUndefined();
    const inside = others.filter(({ text }) => text.startsWith("| a"));
    expect(inside.length).toBeGreaterThan(2);
    for (const { text, tableHeader, embedText } of inside) {
      expect(tableHeader).toBe("| Name | Count |");
      expect(embedText).toBe(`| Name | Count |\n${text}`);
    }
    for (const { text, tableHeader } of others) if (/^[B]/.test(text)) expect(tableHeader).toBeUndefined();
  });

  it("cuts a header that takes more than a quarter of a chunk, and leaves out what cannot be cut to fit", async () => {
    const table = (header: string) => {
      const text = `${header}\n${Array.from({ length: 60 }, (_, i) => `${i},${i}`).join("\n")}`;
      const block: Block = {
        ...{ start: 0, end: text.length, headings: [], kind: "lines" },
        header: { start: 0, end: header.length },
      };
      return chunk({ text, blocks: [block] });
    };
    const wide = await table(Array.from({ length: 40 }, (_, i) => `column_${i}`).join(", "));
    expect(wide.at(-1)?.tableHeader).toMatch(/^column_0, column_1[^…]*\d …$/);
    expect((await table("漢".repeat(90))).at(-1)?.tableHeader).toMatch(/^漢+ …$/);
    for (const { tableHeader } of await table("x".repeat(5000))) expect(tableHeader?.length ?? 0).toBeLessThan(803);
  });

  it("caps the characters of one endless word", async () => {
    const chunks = await chunk(prose("A".repeat(1_000_000)));
    expect(chunks).toHaveLength(250);
    expect(chunks.at(-1)?.end).toBe(1_000_000);
  });

  it("keeps the limit with a counter that is not additive inside words", async () => {
    const perCharacter = async (_call: Call, texts: readonly string[]) => texts.map((text) => [...text].length);
    const chunks = await chunkDocument(testCall(), prose("漢字🎉".repeat(3000)), {
      maxTokens: 50,
      countTokens: perCharacter,
    });
    for (const { text } of chunks) expect([...text].length).toBeLessThanOrEqual(48);
  });

  it.each([
    ["prose of sentences", "A few words in a sentence. "],
    ["prose without an end", "word "],
    ["one line of Chinese", "漢字"],
    ["short lines", "ab\n"],
    ["paragraphs", "One paragraph of text.\n\n"],
    ["headings", "# Heading\n\ntext\n\n"],
  ])(
    "takes time in proportion to the text: %s",
    async (_, unit) => {
      const timeOf = async (length: number) => {
        const document = markdown.parse(unit.repeat(Math.ceil(length / unit.length)));
        const started = performance.now();
        await chunk(document, 256);
        return performance.now() - started;
      };
      await timeOf(100_000);
      const small = await timeOf(200_000);
      expect(await timeOf(1_600_000)).toBeLessThan(40 * small + 500);
    },
    30_000,
  );
});
