import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFrontMatter } from "#src/source/formats/front-matter.js";

const metadata = (text: string) => readFrontMatter(text).metadata;
const yaml = (...lines: string[]) => metadata(`---\n${lines.join("\n")}\n---\ntext`);
const toml = (...lines: string[]) => metadata(`+++\n${lines.join("\n")}\n+++\ntext`);

describe("front matter", () => {
  it("of YAML gives typed fields", () => {
    const fields = [
      ...["aliases: [Kubernetes, k8s]", "tags:", "  - orchestration", "  - 'a: b'", "priority: 3", "share: 0.5"],
      ...["draft: true # not yet", "about: >", "  two", "  lines", "nothing:", 'empty: ""', "infinite: .inf"],
    ];
    expect(yaml(...fields)).toEqual({
      aliases: ["Kubernetes", "k8s"],
      tags: ["orchestration", "a: b"],
      priority: 3,
      share: 0.5,
      draft: true,
      about: "two lines",
    });
  });

  it("of TOML and of a JSON object gives the same", () => {
    const expected = { tags: ["a", "}"], priority: 3, draft: false, "author.name": "Ottoline" };
    expect(toml('tags = ["a", "}"]', "priority = 3", "draft = false", "[author]", 'name = "Ottoline"')).toEqual(
      expected,
    );
    const object = { tags: ["a", "}"], priority: 3, draft: false, author: { name: "Ottoline" } };
    for (const space of [0, 2]) {
      const json = JSON.stringify(object, undefined, space);
      expect(readFrontMatter(`${json}\n\ntext`)).toEqual({ end: json.length + 1, metadata: expected });
    }
  });

  it.each([
    ["2024-05-17", "2024-05-17"],
    ["2024-05-17T08:30:00Z", "2024-05-17T08:30:00.000Z"],
    ["2024-05-17T10:30:00.5+02:00", "2024-05-17T08:30:00.500Z"],
    ["2024-05-17 10:30:00 +0200", "2024-05-17T08:30:00.000Z"],
    ["2024-05-17 08:30", "2024-05-17T08:30:00.000Z"],
    ["2024-02-31", "2024-02-31"],
  ])("of YAML has the date %s as %s", (written, read) => {
    expect(yaml(`date: ${written}`, `dates: [${written}]`)).toEqual({ date: read, dates: [read] });
  });

  it("of TOML has dates as ISO strings too", () => {
    const dates = ["day = 2024-05-17", "time = 2024-05-17T10:30:00+02:00", "local = 2024-05-17 08:30:00"];
    const time = "2024-05-17T08:30:00.000Z";
    expect(toml(...dates)).toEqual({ day: "2024-05-17", time, local: time });
  });

  it("takes mappings apart, and leaves lists in lists out", () => {
    const fields = ["author: { name: A, at: { city: B } }", "authors:", "  - name: C", "  - name: D", "  - [E]"];
    expect(yaml(...fields)).toEqual({ "author.name": "A", "author.at.city": "B", "authors.name": ["C", "D"] });
  });

  it.each([
    ["title: 'A: guide'", "A: guide"],
    ["title: 2024", "2024"],
    ["title: [a]", undefined],
    ["name: x", undefined],
  ])("gives the title apart: %s", (line, title) => {
    const front = readFrontMatter(`---\n${line}\n---\n`);
    expect(front.title).toBe(title);
    expect(front.metadata).not.toHaveProperty("title");
  });

  it.each([
    ["ends at dots", "---\na: b\n...\n", "text"],
    ["has carriage returns", "---\r\na: b\r\n---\r\n", "text"],
    ["is blank", "---\n\n---\n", "text"],
    ["has comments and blank lines", "---\n# why\n\na: b\n\n# end\n---\n", "text"],
    ["begins with a blank line", "---\n\ntitle: x\n---\n", "text"],
    ["is all there is", '{"a": 1}', ""],
  ])("is found where it %s", (_, front, text) => {
    expect(readFrontMatter(front + text).end).toBe(front.length);
  });

  it.each([
    ["prose between rules", "---\n\nMeeting: the budget was cut.\nEverybody was unhappy.\n\n---\n"],
    ["one sentence between rules", "---\n\nMeeting: the budget was cut.\n\n---\n"],
    ["such a sentence below the rule", "---\nMeeting: the budget was cut.\n\n---\n"],
    ["a paragraph behind fields", "---\ntitle: x\n\nSome words.\n---\n"],
    ["a list between rules", "---\n- a\n- b\n---\n"],
    ["a heading between rules", "---\n# Title\n---\n"],
    ["an unclosed block", "---\ntitle: never closed\n"],
    ["what is no YAML", "---\ntitle: [a\n---\n"],
    ["what is no TOML", "+++\ntitle: a\n+++\n"],
    ["a template", "{% include x %}\n"],
    ["an object with words behind it", '{"a": 1} is an object\n'],
    ["an object that is open", '{"a": 1\n'],
    ["a tag with a class", "---\na: !ruby/object:Gem {}\n---\n"],
    ["more than 64 kB", `---\na: ${"x".repeat(70_000)}\n---\n`],
  ])("is not %s", (_, text) => {
    expect(readFrontMatter(text)).toEqual({ end: 0, metadata: {} });
  });

  it("of hostile names stays data", () => {
    const fields = Object.entries(yaml("__proto__: { polluted: 1 }", "constructor: c", "toString: t"));
    expect(fields).toEqual([
      ["__proto__.polluted", 1],
      ["constructor", "c"],
      ["toString", "t"],
    ]);
    expect(Object.entries(metadata('{"__proto__": "p"}'))).toEqual([["__proto__", "p"]]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  const doubled = (write: (before: string) => string) =>
    yaml("a0: &a0 { x: 1 }", ...Array.from({ length: 45 }, (_, i) => `a${i + 1}: &a${i + 1} ${write(`*a${i}`)}`));
  it.each([
    ["mappings", () => doubled((before) => `{ x: ${before}, y: ${before} }`)],
    ["lists", () => doubled((before) => `[{ x: ${before} }, { y: ${before} }]`)],
    ["itself", () => yaml("a: &a { b: 1, c: *a, d: *a }")],
    ["a long text", () => yaml(`a: &a ${"x".repeat(60_000)}`, `b: [${"*a, ".repeat(99)}]`)],
    ["a deep table", () => toml(`a${".a".repeat(30_000)} = 1`)],
    ["deep JSON", () => metadata(`${'{"":'.repeat(13_000)}1${"}".repeat(13_000)}`)],
    ["deep lists", () => metadata(`{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`)],
    ["deep YAML", () => yaml(`a: ${"[".repeat(30_000)}${"]".repeat(30_000)}`)],
    ["open braces", () => metadata("{".repeat(1_000_000))],
  ])("that repeats %s takes neither time nor memory", (_, read) => {
    const before = process.cpuUsage();
    expect(JSON.stringify(read()).length).toBeLessThan(200_000);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });

  const pieces = fc.constantFrom(
    ...["---\n", "+++\n", "...\n", "{", "}", "\n", "\r\n", " ", "  ", "a", "tags", ": ", " = ", "- ", "[", "]", ","],
    ...["'", '"', "#", "&a ", "*a", "!x ", "|\n", ">\n", "1", "true", "2024-05-17", "T10:00:00Z", "\\", "é", "\ud800"],
    ...["[t]\n", "__proto__", "? ", "<<", "%", "@", "\t", "\0", '"a": 1', "a: b\n", "a = 1\n"],
  );
  const soup = fc.array(pieces, { maxLength: 40 }).map((list) => list.join(""));
  const open = fc.constantFrom("", "---\n", "+++\n", "{");
  const close = fc.constantFrom("", "\n---\n", "\n+++\n", "}\n");
  it("never throws, ends at the end of a line, and has fields of plain values only", () => {
    fc.assert(
      fc.property(open, soup, close, soup, (...parts) => {
        const text = parts.join("");
        const { end, metadata } = readFrontMatter(text);
        expect(end === 0 || end === text.length || text[end - 1] === "\n").toBe(true);
        expect(end).toBeLessThanOrEqual(text.length);
        for (const value of Object.values(metadata).flat()) {
          expect(["string", "number", "boolean"]).toContain(typeof value);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("is what it is whatever text stands behind it", () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const value = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.string(), { maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1 }), soup, (fields, text) => {
        const lines = Object.entries(fields).map(([key, each]) => `${key}: ${JSON.stringify(each)}\n`);
        for (const front of [`---\n${lines.join("")}---\n`, `${JSON.stringify(fields, undefined, 2)}\n`]) {
          expect(readFrontMatter(front + text)).toEqual(readFrontMatter(front));
          expect(readFrontMatter(front).end).toBe(front.length);
        }
      }),
    );
  });
});
