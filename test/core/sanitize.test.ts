import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sanitize, sanitizeAll, sanitizeLine } from "#src/core/sanitize.js";

const tags = (text: string) => [...text].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join("");
const flag = (region: string) => `🏴${tags(region)}\u{e007f}`;

describe("sanitize", () => {
  it.each([
    ["colours of a terminal", "\u001b[31mred\u001b[0m", "red"],
    ["a terminal's window title", "\u001b]0;owned\u0007text", "text"],
    ["a link of a terminal", "\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\", "text"],
    ["C1 controls and delete", "a\u009b31mb\u007fc", "a31mbc"],
    ["zero-width characters", "in\u200bvis\u200dible\u2060\ufeff", "invisible"],
    ["bidirectional controls", "abc\u202eevil\u2066x\u2069", "abcevilx"],
    ["Unicode tags, which hide text from people", `ok${tags("ignore")}`, "ok"],
    ["tags behind a flag that is none", `${flag("usca")}${flag("gbengx")}`, "🏴🏴"],
    ["variation selectors, which hide bytes behind any character", "a\ufe00b\ufe0fc\u{e0100}", "abc"],
    ["a second variation selector, and one for text", "❤\ufe0f\ufe0f ☎\ufe0e", "❤\ufe0f ☎"],
    ["joiners of nothing", "a\u200db 👩\u200d 👩\u200d\u200d👧 می\u200c\u200cخ", "ab 👩 👩👧 میخ"],
    ["fillers that look like blanks", "a\u3164b\u115fc\uffa0d", "abcd"],
    ["soft hyphens", "hy\u00adphen", "hyphen"],
    ["lone surrogates", "a\ud83db", "a\ufffdb"],
    ["halves of a hidden character with another between them", "a\udb40\u200b\udc41b", "a\ufffd\ufffdb"],
  ])("takes out %s", (_, text, clean) => {
    expect(sanitize(text)).toBe(clean);
  });

  it("takes out every ignorable code point and every control that stands alone", () => {
    const hidden = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Zl}\p{Zp}]/u;
    for (let code = 0; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      if (!hidden.test(character) || "\t\n".includes(character)) continue;
      const left = sanitize(`a${character}b`);
      if (left !== "ab" && left !== "a\nb") expect.fail(`U+${code.toString(16)} is kept`);
    }
  });

  it.each([
    ["tabs, line ends, accents and every script", "a\tb\nc é e\u0301 語 العربية हिन्दी"],
    [
      "emoji with their joiners, styles and keycaps",
      "👍 👩🏽\u200d🚀 ❤\ufe0f\u200d🔥 🏳\ufe0f\u200d🌈 👨\u200d👩\u200d👧 1\ufe0f\u20e3 #\ufe0f\u20e3",
    ],
    ["the three flags that are spelt with tags", ["gbeng", "gbsct", "gbwls"].map(flag).join("")],
    ["the joiners that Persian and Indic words are spelt with", "می\u200cخواهم ක්\u200dෂ क्\u200cष"],
  ])("keeps %s", (_, text) => {
    expect(sanitize(text)).toBe(text);
  });

  it("ends a line where any reader would", () => {
    expect(sanitize("a\r\nb\rc\u0085d\u2028e\u2029f\u000bg\u000ch")).toBe("a\nb\nc\nd\ne\nf\ng\nh");
  });

  it("leaves nothing that a second pass would change, and only well-formed text", () => {
    const nasty = fc.constantFrom(
      ...["\u001b", "[", "3", "m", "]", "\u0007", "\\", "\u200b", "\u200c", "\u200d", "\ufe0f", "\u20e3", "\r", "\n"],
      ...[
        "a",
        "1",
        "❤",
        "👩",
        "🏽",
        "🏴",
        "\u0645",
        "\u094d",
        "\ud83d",
        "\udb40",
        "\udc41",
        "\u{e0041}",
        flag("gbsct"),
      ],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 3 }))), (parts) => {
        const once = sanitize(parts.join(""));
        expect(sanitize(once)).toBe(once);
        expect(once.isWellFormed()).toBe(true);
        expect(once.replaceAll(/[\t\n]/g, "")).not.toMatch(/\p{Cc}|[\u200b\u200e\u200f\u202a-\u202e]/u);
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes time in proportion to what it is given", () => {
    for (const unit of ["\u200b", "\u200d", "\u001b", "\u001b[", "\u001b]", "\u001b[0", "🏴", "\ufe0f", "\r"]) {
      const text = unit.repeat(200_000);
      const began = performance.now();
      sanitize(text);
      expect(performance.now() - began).toBeLessThan(5_000);
    }
  });
});

describe("sanitizeLine", () => {
  it("is one line, trimmed, its blanks single", () => {
    expect(sanitizeLine("  a \n\n b\t\tc\u2028d\u0085e ")).toBe("a b c d e");
  });

  it("is cut to the length asked for, and says so", () => {
    expect(sanitizeLine("abcdef", 4)).toBe("abc…");
    expect(sanitizeLine("abcd", 4)).toBe("abcd");
    expect(sanitizeLine("x".repeat(500))).toHaveLength(200);
  });
});

describe("sanitizeAll", () => {
  it("reaches every text of a value, names of fields too, and nothing else", () => {
    const value = { "na\u200bme": ["te\u202ext", 1, true, null, { deep: "\u001b[31mred" }], absent: undefined };
    expect(sanitizeAll(value)).toStrictEqual({ name: ["text", 1, true, null, { deep: "red" }], absent: undefined });
  });
});
