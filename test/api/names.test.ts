/** A collection has the same longest name wherever one is named. */
import { expect, it } from "vitest";
import { completeOperation } from "#src/api/complete/operation.js";
import { documentOperation } from "#src/api/document/operation.js";
import { getDocumentOperation } from "#src/api/get-document/operation.js";
import { listDocumentsOperation } from "#src/api/list-documents/operation.js";
import { reindexOperation } from "#src/api/reindex/operation.js";
import { retrieveOperation } from "#src/api/retrieve/operation.js";
import { checkName } from "#src/store/names.js";

const LONGEST = "n".repeat(128);
const retrieveInput = retrieveOperation({ queryMaxChars: 2_000, profileChoice: false }).input;

it.each<[string, (collection: string) => boolean]>([
  ["retrieve", (collection) => retrieveInput.safeParse({ query: "q", collection }).success],
  ["reindex", (collection) => reindexOperation().input.safeParse({ source: ".", collection }).success],
  ["a document", (collection) => documentOperation.input.safeParse({ collection, document: "a" }).success],
  [
    "a completion",
    (collection) => completeOperation.input.safeParse({ part: "source", value: "", collection }).success,
  ],
  ["get_document", (collection) => getDocumentOperation.input.safeParse({ document: "a", collection }).success],
  ["list_documents", (collection) => listDocumentsOperation.input.safeParse({ collection }).success],
])("%s takes the name of a collection up to what a store takes", (_, takes) => {
  expect(() => checkName("collection", LONGEST)).not.toThrow();
  expect(() => checkName("collection", `${LONGEST}n`)).toThrow(/not a valid collection name/);
  expect(takes(LONGEST)).toBe(true);
  expect(takes(`${LONGEST}n`)).toBe(false);
});
