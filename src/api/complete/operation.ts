/** Completing the parts of a document's address: collections, sources of one, and documents of one, as the address spells them. */
import { z } from "zod";
import type { App } from "../../app/app.js";
import { MOST_NAME_CHARS } from "../../core/collection-name.js";
import { documentOf, documentPath } from "../document/uri.js";
import { LONGEST_PATH } from "../limits.js";
import type { Operation } from "../operation.js";

/** The protocol's own limit. */
const MOST_VALUES = 100;

const PARTS = ["collection", "source", "path"] as const;

const input = z.strictObject({
  part: z.enum(PARTS),
  /** What has been typed of it. */
  value: z.string().max(1_000),
  /** Of the sources. */
  collection: z.string().max(MOST_NAME_CHARS).optional(),
  /** Of the documents, by its name as it is or as the address has it. */
  source: z.string().max(LONGEST_PATH).optional(),
});

type Completion = { readonly values: readonly string[]; readonly hasMore: boolean };

export const completeOperation: Operation<Pick<App, "live" | "sources" | "listDocuments">, typeof input, Completion> = {
  name: "complete",
  input,
  span: { settings: ["part", "collection"], texts: ["value", "source"], words: PARTS },
  deadline: true,
  async run(call, app, { part, value, collection, source }) {
    const fits = (name: string) => documentPath(name).startsWith(value) || name.startsWith(value);
    const answer = (values: readonly string[], hasMore = values.length > MOST_VALUES) => ({
      value: { values: values.slice(0, MOST_VALUES), hasMore },
      text: values.join("\n"),
    });
    if (part === "collection") {
      return answer(app.live.collections.filter((name) => call.access.allows(name) && name.startsWith(value)));
    }
    if (collection === undefined) return answer([]);
    const pass = call.access.collection(collection);
    const sources = await app.sources(call, pass);
    if (part === "source")
      return answer(sources.filter(({ name }) => fits(name)).map(({ name }) => documentPath(name)));
    const named = sources.find(({ name }) => name === source || documentPath(name) === source);
    if (named === undefined) return answer([]);
    const asked = { source: named.name, prefix: documentOf(whole(value)), limit: MOST_VALUES };
    const { documents, cursorFrom } = await app.listDocuments(call, pass, asked);
    const names = documents.map(({ document }) => document).filter(fits);
    return answer(names.map(documentPath), cursorFrom(documents.length) !== undefined);
  },
};

/** Without an escape at its end of which only a part has been typed. */
function whole(value: string): string {
  for (let kept = value; ; ) {
    try {
      decodeURIComponent(kept);
      return kept;
    } catch {
      const shorter = kept.replace(/%[0-9a-f]{0,2}$/i, "");
      if (shorter === kept) return value;
      kept = shorter;
    }
  }
}
