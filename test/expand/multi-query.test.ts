import { describe, expect, it } from "vitest";
import { rephrase } from "#src/expand/multi-query.js";

const texts = (query: string) => rephrase(query).map(({ text }) => text);

describe("a question becomes", () => {
  it.each([
    ["how to do it", "How do I rotate the API keys?", "how to rotate the API keys"],
    ["a statement", "What is a vector store?", "vector store is"],
    ["a request for a definition", "what is a vector store", "definition of vector store"],
    ["a reason", "Why does the index grow?", "the reason why the index grow"],
    ["keywords", "How can we restore the index after a crash?", "restore index crash"],
    ["a statement without its auxiliary", "Does the server keep old versions?", "the server keep old versions"],
    ["a topic turned round", "Which port does the server use?", "the server use port"],
  ])("%s: %s", (_, query, rephrasing) => {
    expect(texts(query)).toContain(rephrasing);
  });

  it("a question when it is a topic", () => {
    expect(texts("vector store")).toContain("what is vector store");
  });

  it("nothing that repeats the question or another form of it", () => {
    for (const query of ["vector store", "How to rotate keys", "What is X?", "the reason why x because", ""]) {
      const all = [query, ...texts(query)].map((text) => text.toLowerCase());
      expect(new Set(all).size).toBe(all.length);
    }
  });

  it("the same forms every time, even where it holds what a replacement could mistake for a group", () => {
    const query = "How do I escape $1 and $& in a pattern?";
    expect(texts(query)).toEqual(texts(query));
    expect(texts(query)).toContain("how to escape $1 and $& in a pattern");
  });
});
