import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainLetters } from "#src/text/plain-letters.js";

describe("letters that stand for others", () => {
  it.each([
    ["ligatures", "e\ufb03cient \ufb01le \ufb05op", "efficient file stop"],
    ["full width", "\uff26\uff49\uff4c\uff45\uff01", "File!"],
    ["mathematical letters", "\u{1d41f}\u{1d422}\u{1d425}\u{1d41e} \u{1d7d9}", "file 1"],
    ["half-width katakana", "\uff76\uff9e", "ガ"],
  ])("become those: %s", (_what, text, plain) => {
    expect(plainLetters(text)).toBe(plain);
  });

  it("are all that changes", () => {
    expect(plainLetters("½ … µ ™ ² Å é 日本 🏴")).toBe("½ … µ ™ ² Å é 日本 🏴");
    fc.assert(fc.property(fc.string({ maxLength: 80 }), (text) => void expect(plainLetters(text)).toBe(text)));
  });

  it("are none in what was made plain", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
        expect(plainLetters(plainLetters(text))).toBe(plainLetters(text));
      }),
    );
  });
});
