/** A `Scope` as Qdrant's clauses. */
import type { Call } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import type { Scope, ScopePart } from "../../core/types.js";
import { fields, stored, text } from "../shapes.js";
import { match, type Requests } from "./requests.js";

/** Documents below a folder of a source that one request names. */
const MOST_DOCUMENTS = 10_000;

const DOCUMENT = fields({ document: text });

interface ScopePlace {
  readonly requests: Requests;
  readonly collection: string;
}

/** One of them has to fit; none: nothing can. @throws AppError `bad_request` for a folder of too many documents */
export async function scopeClauses(call: Call, scope: Scope, place: ScopePlace): Promise<object[]> {
  const whole = scope.flatMap(({ source, folder }) => (folder === undefined ? source : []));
  const clauses: object[] = whole.length === 0 ? [] : [{ key: "source", match: { any: whole } }];
  for (const { source, folder } of scope) {
    if (folder === undefined) continue;
    const any = await documentsBelow(call, { source, folder }, place);
    if (any.length > 0) clauses.push({ must: [match("source", source), { key: "document", match: { any } }] });
  }
  return clauses;
}

/** By their names: Qdrant compares keywords whole, and has no index that finds the beginning of one. */
async function documentsBelow(
  call: Call,
  { source, folder }: Required<ScopePart>,
  { requests, collection }: ScopePlace,
): Promise<string[]> {
  const found: string[] = [];
  const first = { must: [match("ordinal", 0), match("source", source)] };
  for await (const { payload } of requests.scroll(call, collection, { filter: first, with_payload: ["document"] })) {
    const { document } = stored(DOCUMENT, payload, "a passage");
    if (document.startsWith(folder)) found.push(document);
    if (found.length > MOST_DOCUMENTS) throw tooMany(folder);
  }
  return found;
}

function tooMany(folder: string): AppError {
  return new AppError(
    "bad_request",
    `More than ${MOST_DOCUMENTS} documents lie in ${JSON.stringify(folder)}, a part of a bigger source that this server may see.`,
    {
      remedy:
        "Index that folder as a source of its own in another collection, or set RETRIEVAL_SCOPE=all for a Qdrant whose users may see all of it.",
    },
  );
}
