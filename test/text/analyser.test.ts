import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANALYSER_VERSION, analyse } from "#src/text/analyser.js";
import { STOP_WORDS } from "#src/text/stop-words.js";

describe("the analyser", () => {
  it.each([
    [
      "stems English words and drops stop words",
      "The indexed documents are being retrieved",
      ["index", "document", "retriev"],
    ],
    ["lower-cases and removes accents", "Café ÀÉÎ Zürich", ["cafe", "aei", "zurich"]],
    ["keeps repeats in order", "cat dog cat", ["cat", "dog", "cat"]],
    ["gives an identifier and its parts", "maxTokens", ["maxtoken", "max", "token"]],
    ["splits snake case", "read_only_mode", ["read_only_mode", "read", "mode"]],
    ["splits acronyms from words", "parseHTTPResponse", ["parsehttprespons", "pars", "http", "respons"]],
    ["keeps numbers and versions' parts", "v2 3.10", ["v2", "3", "10"]],
    ["cuts contractions at the apostrophe", "don't can't server's", ["server"]],
    ["reads full-width forms and ligatures as plain letters", "Ｆｉｌｅ ﬁle", ["file", "file"]],
    ["gives pairs of characters where a script has no spaces", "東京都", ["東京", "京都"]],
    ["keeps a single such character", "水", ["水"]],
    ["leaves out punctuation and symbols", "!!! --- €$ ***", []],
    ["finds nothing in nothing", "", []],
    ["leaves out a run of underscores", "____ __", []],
  ])("%s", (_, text, terms) => {
    expect(analyse(text)).toEqual(terms);
  });

  it("drops a run that is data, not a word", () => {
    expect(analyse(`hash ${"a1".repeat(33)} end`)).toEqual(["hash", "end"]);
    expect(analyse("b".repeat(64))).toHaveLength(1);
  });

  it("gives the same terms for composed and decomposed accents", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
        expect(analyse(text.normalize("NFD"))).toEqual(analyse(text.normalize("NFC")));
      }),
    );
  });

  it("gives terms of letters, marks, digits and underscores only, none empty and none a stop word", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        for (const term of analyse(text)) {
          expect(term).toMatch(/^[\p{L}\p{N}\p{M}_]+$/u);
          expect(STOP_WORDS.has(term) && /^[a-z]+$/.test(text)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("finds a word in whatever case it is written", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,20}$/), (word) => {
        expect(analyse(word.toUpperCase())).toEqual(analyse(word));
      }),
    );
  });

  it("gives a text's terms word by word: joining texts with a blank joins their terms", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 60 }), (a, b) => {
        expect(analyse(`${a} ${b}`)).toEqual([...analyse(a), ...analyse(b)]);
      }),
    );
  });

  it("takes linear time", () => {
    const started = performance.now();
    analyse("aA".repeat(1_000_000));
    analyse("_".repeat(2_000_000));
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it("has a version that collections are stamped with", () => {
    expect(ANALYSER_VERSION).toMatch(/^[a-z0-9-]+$/);
  });
});
