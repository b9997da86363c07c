/** A first build answers by words as soon as they are written, and by meaning as vectors are made. */
import { recordServing } from "../versions/history.js";
import type { Build } from "./build.js";
import { awaitsVectors } from "./document-keys.js";
import { indexDocuments } from "./index-documents.js";
import { knownDocuments } from "./indexed-documents.js";
import { fromCollection, type InputItem } from "./input.js";
import { KnownVectors } from "./known-vectors.js";

/** Where nothing serves yet, and nothing is asked of what will: an incomplete answer is better than none. */
export function mayServeEarly(
  { golden = [], purpose }: { readonly golden?: readonly unknown[] | undefined; readonly purpose?: string | undefined },
  { input, live, current }: Pick<Build, "input" | "live" | "current">,
): boolean {
  const isFirst = live === undefined && current === undefined;
  return isFirst && purpose === undefined && golden.length === 0 && input.placement !== undefined;
}

/**
 * What was written serves by its words; then all documents that have no vectors get them, whichever run wrote them.
 * @param documents in the target @returns ids of some of the points that have vectors now
 * @throws AppError `conflict` when something else serves by now
 */
export async function wordsThenVectors(build: Build, documents: number): Promise<readonly string[]> {
  const { call, parts, alias, target, spec, live, tracker } = build;
  const { store } = parts;
  if (live === undefined) {
    await store.publish(call, alias, target, { from: null, embedding: true });
    await recordServing(call, store, alias.name, { version: target, why: "index" });
  }
  const vectors = new KnownVectors(store);
  const known = await knownDocuments(call, store, target, { vectors, wanted: (record) => !awaitsVectors(record) });
  const items = async function* (): AsyncIterable<InputItem> {
    for await (const document of fromCollection(call, parts, { name: target, spec }, { vectors: false }))
      yield { kind: "document", document };
  };
  const embedding = { target, items: items(), known, tracker: tracker.embedding(documents), vectors };
  return (await indexDocuments(call, parts, embedding)).sample;
}
