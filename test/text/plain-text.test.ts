import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainText } from "#src/text/plain-text.js";

describe("the plain form of a text", () => {
  it.each([
    ["ligatures", "e\ufb03cient \ufb01le \ufb05op", "efficient file stop"],
    ["full width", "\uff26\uff49\uff4c\uff45\uff01", "File!"],
    ["mathematical letters", "\u{1d41f}\u{1d422}\u{1d425}\u{1d41e} \u{1d7d9}", "file 1"],
    ["half-width katakana", "\uff76\uff9e", "ガ"],
    ["circled digits, units in one sign", "① 3 ㎏ ㈱", "1 3 kg (株)"],
    ["Arabic forms", "\ufee3\ufe8e", "ما"],
    ["two signs of one letter", "\u00b5m \u212b", "\u03bcm Å"],
    ["invisible signs", "re\u00adport \u200bpass\u2060word\ufeff", "report password"],
  ])("has the letters that are meant: %s", (_what, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  it("keeps signs that mean something else than their plain form, and everything plain", () => {
    expect(plainText("1½ … ™ 10² H₂O Å é 日本 🏴")).toBe("1½ … ™ 10² H₂O Å é 日本 🏴");
    fc.assert(fc.property(fc.string({ maxLength: 80 }), (text) => void expect(plainText(text)).toBe(text)));
  });

  it("is its own plain form", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
        expect(plainText(plainText(text))).toBe(plainText(text));
      }),
    );
  });

  it("takes linear time, whatever marks are heaped on a letter", () => {
    const started = performance.now();
    expect(plainText(`a${"\u0301\u0316".repeat(500_000)}b`)).toHaveLength(31);
    plainText(`${`a${"\u0316\u0301".repeat(14)}`.repeat(30_000)}`);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
