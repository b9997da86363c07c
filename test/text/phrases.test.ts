import { describe, expect, it } from "vitest";
import { phrases } from "#src/text/phrases.js";

describe("phrases of a question", () => {
  it.each([
    ['"connection reset by peer" in the log', ['"connection reset by peer"']],
    ["where does „Haftung für Schäden“ stand", ["„Haftung für Schäden“"]],
    ['"first words" or «second words»', ['"first words"', "«second words»"]],
    ['what does "rag" mean', []],
    ['"the of and"', []],
    ['a 5" and a 7" record', []],
    ["no quotation at all", []],
    ['an "open end', []],
  ])("%s", (question, texts) => {
    expect(phrases(question).map(({ text }) => text)).toEqual(texts);
  });

  it("stand in a text word after word, in any form of a word, over stop words and signs", () => {
    const [phrase] = phrases('"reading the settings file"');
    expect(phrase?.isIn("It reads settings files at the start.")).toBe(true);
    expect(phrase?.isIn("Settings are read. A file is not needed.")).toBe(false);
    expect(phrase?.isIn("read settings")).toBe(false);
  });

  it("are the first four", () => {
    expect(phrases(Array.from({ length: 6 }, (_, i) => `"number word${i}"`).join(" "))).toHaveLength(4);
  });
});
