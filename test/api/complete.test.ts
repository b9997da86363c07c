import { expect, it } from "vitest";
import { completeOperation } from "#src/api/complete/operation.js";
import type { App } from "#src/app/app.js";
import { Access } from "#src/core/access.js";
import { testCall } from "../support/call.js";

it("completing names only collections that this caller may name, whatever others may", async () => {
  const app: Pick<App, "live" | "sources" | "listDocuments"> = {
    live: { collections: ["docs", "drafts"] } as unknown as App["live"],
    sources: async () => [],
    listDocuments: async () => ({ collection: "docs", documents: [], total: 0, cursorFrom: () => undefined }),
  };
  const call = testCall({ access: Access.to(["drafts"]) });
  const { value } = await completeOperation.run(call, app, { part: "collection", value: "" });
  expect(value.values).toEqual(["drafts"]);
});
