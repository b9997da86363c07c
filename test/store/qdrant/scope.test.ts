/** A scope as Qdrant's clauses, without a server. */
import { expect, it } from "vitest";
import type { Requests } from "#src/store/qdrant/requests.js";
import { scopeClauses } from "#src/store/qdrant/scope.js";
import { testCall } from "../../support/call.js";

/** A source with documents of these names. */
function place(names: readonly string[]) {
  async function* scroll() {
    for (const document of names) yield { id: document, payload: { document } };
  }
  return { requests: { scroll } as unknown as Requests, collection: "docs" };
}
const many = (count: number, folder: string) => Array.from({ length: count }, (_, i) => `${folder}${i}.md`);
const part = [{ source: "files", folder: "proj/" }];

it("names the documents below a folder, and asks nothing for whole sources", async () => {
  expect(await scopeClauses(testCall(), part, place(["proj/a.md", "project/b.md", "c.md"]))).toEqual([
    {
      must: [
        { key: "source", match: { value: "files" } },
        { key: "document", match: { any: ["proj/a.md"] } },
      ],
    },
  ]);
  const nobody = { requests: undefined as unknown as Requests, collection: "docs" };
  expect(await scopeClauses(testCall(), [{ source: "a" }, { source: "b" }], nobody)).toEqual([
    { key: "source", match: { any: ["a", "b"] } },
  ]);
});

it("refuses a folder of more documents than one request names, and shows nothing instead", async () => {
  const names = [...many(20_000, "rest/"), ...many(10_000, "proj/")];
  expect(await scopeClauses(testCall(), part, place(names))).toHaveLength(1);
  await expect(scopeClauses(testCall(), part, place([...names, "proj/one-more.md"]))).rejects.toMatchObject({
    code: "bad_request",
    remedy: expect.stringContaining("RETRIEVAL_SCOPE=all"),
  });
});
