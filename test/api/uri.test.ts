import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documentOf, documentUri } from "#src/api/document/uri.js";

/** As the server reads an address: a URL first, then the template `aura://{collection}/{+document}`, which begins with its source. */
function opened(uri: string): string {
  const { href } = new URL(uri);
  expect(href).toBe(uri);
  return documentOf(/^aura:\/\/[^/]+\/(.+)$/s.exec(href)?.[1] ?? "");
}

describe("the address of a document", () => {
  it.each([
    ...[".", "..", "a/../b", "./a", "a/.", "../../etc/passwd", "a//b", "/a", "a/", "/", "//", "a/..", "..%2f.."],
    ...["%2e", "%2E%2e/b", "%252e%252e", "~", "~.", "~..", "~~/..", "a/~", "a\\..\\b", "a?b#c", "a b", "é/語", "a\nb"],
  ])("opens that document after any parser of URLs: %j", (document) => {
    expect(opened(documentUri("docs", "notes", document))).toBe(`notes/${document}`);
  });

  it("of any name comes back as it was, in ASCII", () => {
    const segment = fc.oneof(
      fc.constantFrom("", ".", "..", "~", "~.", "%2e", "%2E%2E", "%", "a", " ", "\\", "?", "#", ":", "@"),
      fc.string({ unit: "grapheme", maxLength: 4 }),
    );
    const documents = fc.array(segment, { minLength: 1, maxLength: 6 }).map((segments) => segments.join("/"));
    fc.assert(
      fc.property(documents, (document) => {
        const uri = documentUri("my_docs", "a b", document);
        expect(uri).toMatch(/^aura:\/\/my_docs\/a%20b\/[!-~]+$/);
        expect(opened(uri)).toBe(`a b/${document}`);
      }),
      { numRuns: 2_000 },
    );
  });

  it("keeps names apart that differ", () => {
    const name = fc.array(fc.constantFrom("", ".", "..", "~", "~.", "~~", "%7E", "%2e"), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(name, name, (one, other) => {
        const [a, b] = [one.join("/"), other.join("/")];
        expect(documentUri("docs", "d", a) === documentUri("docs", "d", b)).toBe(a === b);
      }),
    );
  });
});
