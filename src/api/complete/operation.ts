/** Completing the parts of a document's address: collections, and documents of one, as the address spells them. */
import { z } from "zod";
import type { App } from "../../app/app.js";
import { MOST_NAME_CHARS } from "../../core/collection-name.js";
import { documentPath } from "../document/uri.js";
import type { Operation } from "../operation.js";

/** The protocol's own limit. */
const MOST_VALUES = 100;
/** Documents looked at for one answer. */
const MOST_DOCUMENTS = 20_000;

const PARTS = ["collection", "document"] as const;

const input = z.strictObject({
  part: z.enum(PARTS),
  /** What has been typed of it. */
  value: z.string().max(1_000),
  /** Of the documents. */
  collection: z.string().max(MOST_NAME_CHARS).optional(),
});

export const completeOperation: Operation<
  Pick<App, "live" | "documents">,
  typeof input,
  { readonly values: readonly string[] }
> = {
  name: "complete",
  input,
  span: { settings: ["part", "collection"], texts: ["value"], words: PARTS },
  deadline: true,
  async run(call, app, { part, value, collection }) {
    const values: string[] = [];
    if (part === "collection")
      values.push(...app.live.collections.filter((name) => call.access.allows(name) && name.startsWith(value)));
    else if (collection !== undefined) {
      let seen = 0;
      for await (const { document } of app.documents(call, call.access.collection(collection))) {
        const path = documentPath(document);
        if (path.startsWith(value) || document.startsWith(value)) values.push(path);
        if (values.length === MOST_VALUES || ++seen === MOST_DOCUMENTS) break;
      }
    }
    return { value: { values: values.slice(0, MOST_VALUES) }, text: values.join("\n") };
  },
};
