import { describe, expect, it } from "vitest";
import { matches } from "#src/core/matches.js";

describe("every match of a pattern", () => {
  const pattern = /(?<letter>[a-z])(\d)?/gu;

  it.each(["", "a1b2 c", "é a1 😀b", "1234"])("is what matchAll gives: %s", (text) => {
    const found = matches(text, pattern).map(({ 0: whole, index, groups }) => ({
      whole,
      index,
      letter: groups?.letter,
    }));
    const all = [...text.matchAll(pattern)];
    expect(found).toEqual(all.map(({ 0: whole, index, groups }) => ({ whole, index, letter: groups?.letter })));
  });

  it("is the same when it is asked again", () => {
    expect(matches("a1 b2", pattern)).toEqual(matches("a1 b2", pattern));
  });
});
