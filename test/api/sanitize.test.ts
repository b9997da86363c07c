import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sanitize, sanitizeLine } from "#src/api/sanitize.js";

describe("sanitize", () => {
  it.each([
    ["colours of a terminal", "\u001b[31mred\u001b[0m", "red"],
    ["a terminal's window title", "\u001b]0;owned\u0007text", "text"],
    ["a link of a terminal", "\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\", "text"],
    ["C1 controls and delete", "a\u009b31mb\u007fc", "a31mbc"],
    ["zero-width characters", "in\u200bvis\u200dible\u2060\ufeff", "invisible"],
    ["bidirectional controls", "abc\u202eevil\u2066x\u2069", "abcevilx"],
    [
      "Unicode tags, which hide text from people",
      `ok${[..."ignore"].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join("")}`,
      "ok",
    ],
    ["soft hyphens", "hy\u00adphen", "hyphen"],
    ["lone surrogates", "a\ud83db", "a\ufffdb"],
  ])("takes out %s", (_, text, clean) => {
    expect(sanitize(text)).toBe(clean);
  });

  it("keeps tabs, line ends, emoji, accents and every script", () => {
    const text = "a\tb\nc 👍 é e\u0301 語 العربية हिन्दी";
    expect(sanitize(text)).toBe(text);
    expect(sanitize("a\r\nb\rc")).toBe("a\nb\nc");
  });

  it("leaves nothing that a second pass would change, and only well-formed text", () => {
    const nasty = fc.constantFrom(
      "\u001b",
      "[",
      "3",
      "m",
      "]",
      "\u0007",
      "\\",
      "\u200b",
      "\r",
      "\n",
      "a",
      "\ud83d",
      "\u{e0041}",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 3 }))), (parts) => {
        const once = sanitize(parts.join(""));
        expect(sanitize(once)).toBe(once);
        expect(once.isWellFormed()).toBe(true);
        expect(once.replaceAll(/[\t\n]/g, "")).not.toMatch(/\p{Cc}|[\u200b-\u200f\u202a-\u202e]/u);
      }),
      { numRuns: 500 },
    );
  });
});

describe("sanitizeLine", () => {
  it("is one line, trimmed, its blanks single", () => {
    expect(sanitizeLine("  a \n\n b\t\tc\u2028d ")).toBe("a b cd");
  });

  it("is cut to the length asked for, and says so", () => {
    expect(sanitizeLine("abcdef", 4)).toBe("abc…");
    expect(sanitizeLine("abcd", 4)).toBe("abcd");
    expect(sanitizeLine("x".repeat(500))).toHaveLength(200);
  });
});
