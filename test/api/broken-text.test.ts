import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refuseBrokenText } from "#src/api/broken-text.js";
import { AppError } from "#src/core/errors.js";

function nested(depth: number): unknown {
  let value: unknown = "x";
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

describe("broken text", () => {
  it.each([
    ["NUL", { query: "a\0b" }, "input.query holds NUL"],
    ["a lone surrogate", { query: "a\ud83d" }, "input.query holds half of a character (a lone surrogate)"],
    ["NUL in a list", { filter: { team: ["a", "\0"] } }, "input.filter.team.1 holds NUL"],
    ["NUL in a name", { filter: { "te\0am": 1 } }, "a name in input.filter holds NUL"],
    ["half of a character in a name", { "\udc00": 1 }, "a name in input holds half of a character (a lone surrogate)"],
    ["the text itself", "\0", "input holds NUL"],
  ])("is refused where it stands: %s", (_, value, what) => {
    expect(() => refuseBrokenText(value)).toThrow(
      expect.objectContaining({ code: "bad_request", message: `Invalid input: ${what}.` }),
    );
  });

  it("is not looked for without end: what is nested deeper than any input is refused", () => {
    expect(() => refuseBrokenText(nested(15))).not.toThrow();
    expect(() => refuseBrokenText(nested(100_000))).toThrow(AppError);
  });

  it("is never quoted, and long names only in part", () => {
    const thrown = (value: unknown) => {
      try {
        refuseBrokenText(value);
      } catch (error) {
        return (error as AppError).message;
      }
      return "";
    };
    expect(thrown({ query: "secret\0" })).not.toContain("secret");
    expect(thrown({ ["x".repeat(10_000)]: "\0" }).length).toBeLessThan(200);
  });

  it("is nothing of well-formed text, whatever else it is", () => {
    const text = fc.string({ unit: "grapheme" }).map((each) => each.replaceAll("\0", ""));
    const value = fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined));
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(value, fc.array(value))), (input) => {
        expect(() => refuseBrokenText(input)).not.toThrow();
      }),
    );
  });
});
