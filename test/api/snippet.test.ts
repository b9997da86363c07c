import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { snippet as snippetOf } from "#src/api/retrieve/snippet.js";

const snippet = (text: string, query: string) => snippetOf(text, query, 240);

const filler = (words: number) => Array.from({ length: words }, (_, i) => `filler${i}`).join(" ");

describe("a snippet", () => {
  it("of a short text is the text", () => {
    expect(snippet("short text", "anything")).toBe("short text");
  });

  it("is about the query: it holds its words", () => {
    const text = `${filler(100)} rotate the signing keys every month ${filler(100)}`;
    const cut = snippet(text, "How do I rotate signing keys?");
    expect(cut).toContain("rotate the signing keys every month");
    expect(text).toContain(cut);
    expect(cut.length).toBeLessThanOrEqual(240);
  });

  it("takes the densest place, not the first one", () => {
    const text = `keys ${filler(100)} rotate signing keys ${filler(100)}`;
    expect(snippet(text, "rotate signing keys")).toContain("rotate signing keys");
  });

  it("of a text without spaces is about the query too", () => {
    const rows = Array.from({ length: 100 }, (_, i) => `EMP${1000 + i},${30_000 + i}`);
    for (const text of [rows.join("\n"), rows.join(";")]) {
      const cut = snippet(text, "salary of EMP1087");
      expect(cut).toContain("EMP1087,30087");
      expect(cut.length).toBeLessThan(330);
    }
  });

  it("of a text without the query's words is its beginning", () => {
    const cut = snippet(filler(200), "nothing of this");
    expect(cut.startsWith("filler0 filler1")).toBe(true);
  });

  it("is cut at words where there are any", () => {
    const text = `${filler(60)} needle ${filler(60)}`;
    const words = new Set(text.split(" "));
    const cut = snippet(text, "needle");
    for (const word of cut.split(" ")) expect(words.has(word)).toBe(true);
  });

  it("begins with a sentence and ends with one, and repeats no heading", () => {
    const text = `## Rotating keys\n\n${filler(20)}. Rotate the keys every month. Tell nobody. ${filler(60)}`;
    expect(snippetOf(text, "rotate keys", 40)).toBe("Rotate the keys every month.");
    expect(snippetOf(text, "rotating", 40).startsWith("filler0 ")).toBe(true);
  });

  it("takes linear time", () => {
    const text = "key. ".repeat(200_000);
    const started = performance.now();
    snippet(text, "key");
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it("is short and a part of the text, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 0, maxLength: 2_000 }), fc.string({ maxLength: 40 }), (text, query) => {
        const cut = snippet(text, query);
        if (text.length <= 240) return cut === text;
        return cut.length <= 2 * 240 && (text.includes(cut) || !text.isWellFormed());
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.constantFrom("key", "rotate", "and", "x".repeat(50)), { minLength: 80 }), (words) => {
        return snippet(words.join(" "), "rotate key").length <= 2 * 240 + 4;
      }),
    );
  });
});
