import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formOf } from "#src/retrieve/ranking/query-form.js";

describe("a query's form", () => {
  it.each([
    ["quoted", '"connection reset by peer"'],
    ["quoted", "“connection reset by peer” nginx"],
    ["quoted", "`maxTokens`"],
    ["quoted", "„genaue Phrase“"],
    ["question", "How do I rotate keys"],
    ["question", "keys are rotated how often?"],
    ["question", 'what does "self" mean in a method?'],
    ["question", "  is it safe to delete the cache"],
    ["plain", "rotate signing keys"],
    ["plain", "howto rotate keys"],
    ["plain", 'the 5" drive and the 3" drive'],
    ["plain", "ValueError: embedded null byte"],
    ["plain", "max_tokens"],
    ["plain", '""'],
    ["plain", ""],
  ])("is %s: %s", (form, query) => {
    expect(formOf(query)).toBe(form);
  });

  it("is quoted for whatever stands in quotation marks as a whole", () => {
    const words = fc.stringMatching(/^\w[\w ?]{0,40}$/);
    fc.assert(
      fc.property(words, (text) => {
        expect(formOf(`"${text}"`)).toBe("quoted");
      }),
    );
  });

  it("does not depend on blank space around the query", () => {
    const spaced = fc.tuple(fc.string(), fc.stringMatching(/^[ \n\t]{0,3}$/));
    fc.assert(
      fc.property(spaced, ([text, blank]) => {
        expect(formOf(blank + text + blank)).toBe(formOf(text));
      }),
    );
  });
});
