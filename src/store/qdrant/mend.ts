/**
 * Passages of writes that were cut off: of no document, or of another version of one than its first passage says. Such a
 * document is written anew by the next run that reads it, whatever it holds by then.
 */
import type { Call } from "../../core/call.js";
import { versionOf } from "./payload.js";
import { match, type PointId, type Requests } from "./requests.js";

const VERSION_FIELDS = ["source", "document", "hash", "chunker"] as const;
const BATCH = 1_000;

/** @param name of the collection, as it may be written to */
export async function mend(call: Call, requests: Requests, name: string): Promise<void> {
  const documents = new Map<string, { readonly first: PointId; readonly version: string; readonly isTorn: boolean }>();
  const firsts = { must: [match("ordinal", 0)] };
  for await (const { id, payload } of requests.scroll(call, name, { filter: firsts, with_payload: VERSION_FIELDS })) {
    const { document, version, hash } = versionOf(payload);
    documents.set(document, { first: id, version, isTorn: hash === "" });
  }
  const stray: PointId[] = [];
  const torn = new Set<PointId>();
  const others = { must: [{ key: "ordinal", range: { gte: 1 } }] };
  for await (const { id, payload } of requests.scroll(call, name, { filter: others, with_payload: VERSION_FIELDS })) {
    const { document, version } = versionOf(payload);
    const known = documents.get(document);
    if (known !== undefined && (known.isTorn || known.version === version)) continue;
    stray.push(id);
    if (known !== undefined) torn.add(known.first);
  }
  // First: what is cut off here is known to be torn.
  for (const points of batches([...torn])) await requests.forgetHash(call, name, points);
  for (const points of batches(stray)) await requests.remove(call, name, { points });
}

function* batches(ids: readonly PointId[]): Generator<readonly PointId[]> {
  for (let from = 0; from < ids.length; from += BATCH) yield ids.slice(from, from + BATCH);
}
