import { describe, expect, it } from "vitest";
import { mustStay, readQuery } from "#src/expand/read-query.js";

describe("a query stays as it is", () => {
  it.each([
    "maxTokens",
    "RETRIEVAL_ROOTS",
    "fs.readFileSync",
    "std::vector",
    "--env-file",
    "-v",
    "src/core/ports.ts",
    "parse()",
    "E11000",
    "v1.2.3",
    "404",
    "@scope/package",
    "QDRANT_URL QDRANT_API_KEY",
    "ECONNREFUSED_2?",
    "http://localhost:6333",
    " maxTokens ",
    "CVE-2021-44228",
    "ISO-8859-1",
    "UTF-8?",
    "C++",
  ])("when it is an identifier: %s", (query) => {
    expect(mustStay(query)).toBe("identifier");
  });

  it.each([
    '"exact phrase"',
    "“the exact phrase”",
    "'one phrase'",
    "`npm run bench`",
    " «phrase exacte» ",
    "„genaue Phrase“",
    '"exact phrase"?',
    '"exact".',
    '"one phrase" "another"',
    '"one", "two"',
  ])("when it is a quotation: %s", (query) => {
    expect(mustStay(query)).toBe("quoted_phrase");
  });

  it.each([
    "car",
    "how to fix a car?",
    "what does maxTokens mean",
    'the "exact" phrase',
    '"one" and "two"',
    "ice cream (vanilla)",
    "e-mail",
    "NASA",
    "",
    "   ",
    "?!",
  ])("and not when it is words: %s", (query) => {
    expect(mustStay(query)).toBeUndefined();
  });
});

describe("of a query's words", () => {
  const fixed = (query: string) =>
    readQuery(query)
      .filter((word) => word.fixed)
      .map(({ text }) => text);

  it.each([
    ["identifiers", "why is maxTokens ignored by read_file()", ["maxtokens", "read_file"]],
    ["names", "hotels near Paris and the Turkey border", ["paris", "turkey"]],
    ["acronyms", "NASA budget and the EU", ["nasa", "eu"]],
    ["languages with signs", "memory leaks in C++ and C#", ["c", "c"]],
    ["numbers and words with digits", "about 20 b12 tests", ["20", "b12"]],
    ["other languages' words", "meaning of schön", ["schön"]],
  ])("%s are left alone", (_, query, words) => {
    expect(fixed(query)).toEqual(words);
  });

  it("quoted ones are not known", () => {
    expect(readQuery('a "fast car" here').map(({ text }) => text)).toEqual(["a", "", "", "here"]);
  });

  it("the first may have a capital", () => {
    expect(fixed("Fix the car")).toEqual([]);
  });

  it("function words are stop words, with an apostrophe too", () => {
    expect(readQuery("what's the car's cost").map(({ stop }) => stop)).toEqual([true, true, false, false]);
  });

  it("those with punctuation between them are not joined", () => {
    expect(readQuery("ice, cream cone").map(({ joined }) => joined)).toEqual([false, true, false]);
  });
});
