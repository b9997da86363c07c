/** A `Filter` as Qdrant's clauses. Only indexed fields are named, so that strict mode has nothing to refuse. */
import type { Call } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import type { Condition, Filter, Scope } from "../../core/types.js";
import { checkFilter } from "../check-text.js";
import { asValue, checkRange, isList, isRange } from "../conditions.js";
import { fields, listOf, text } from "../shapes.js";
import { fieldName } from "./payload.js";
import { pathOf, type QdrantFilter, type Requests } from "./requests.js";
import { scopeClauses } from "./scope.js";

/** Distinct texts that a range is looked for among: Qdrant has ranges of numbers only. */
const MAX_FACETS = 10_000;

const FACETS = fields({ hits: listOf(fields({ value: text })) });

/** Where a filter is to be used. */
export interface FilterPlace {
  readonly requests: Requests;
  readonly collection: string;
  /** Paths of payload fields with an index; a field nobody has has none. */
  readonly indexes: ReadonlySet<string>;
  /** What of the collection may be seen; absent: all of it. */
  readonly scope?: Scope | undefined;
}

/** undefined: nothing can fit. @throws AppError `bad_request` for a range that is empty, mixes types, or is too wide */
export async function compileFilter(
  call: Call,
  filter: Filter | undefined,
  place: FilterPlace,
): Promise<QdrantFilter | undefined> {
  checkFilter(filter);
  const must: object[] = [];
  for (const [key, condition] of Object.entries(filter ?? {})) {
    if (condition === undefined) continue;
    if (isRange(condition)) checkRange(condition, key);
    const own = key === "document" || key === "source";
    const paths = own ? { texts: key } : { texts: `s.${fieldName(key)}`, numbers: `n.${fieldName(key)}` };
    const clauses: object[] = [];
    if (place.indexes.has(paths.texts)) clauses.push(...(await textClauses(call, place, paths.texts, condition)));
    if (paths.numbers !== undefined && place.indexes.has(paths.numbers))
      clauses.push(...numberClauses(paths.numbers, condition));
    if (clauses.length === 0) return undefined;
    must.push(clauses.length === 1 ? (clauses[0] as object) : { should: clauses });
  }
  if (place.scope !== undefined) {
    const should = await scopeClauses(call, place.scope, place);
    if (should.length === 0) return undefined;
    must.push({ should });
  }
  return must.length === 0 ? {} : { must };
}

function valuesOf(condition: Exclude<Condition, { readonly gte?: number | string }>): (string | number)[] {
  return (isList(condition) ? condition : [condition]).map(asValue);
}

function numberClauses(key: string, condition: Condition): object[] {
  if (isRange(condition)) {
    const { gte, lte } = condition;
    if (typeof gte === "string" || typeof lte === "string") return [];
    return [{ key, range: { gte, lte } }];
  }
  // There is no equality of floating-point numbers but a range that holds one.
  return valuesOf(condition).flatMap((value) =>
    typeof value === "number" ? [{ key, range: { gte: value, lte: value } }] : [],
  );
}

async function textClauses(call: Call, place: FilterPlace, key: string, condition: Condition): Promise<object[]> {
  const wanted = isRange(condition)
    ? await textsWithin(call, place, key, condition)
    : valuesOf(condition).filter((value) => typeof value === "string");
  return wanted.length === 0 ? [] : [{ key, match: wanted.length === 1 ? { value: wanted[0] } : { any: wanted } }];
}

async function textsWithin(
  call: Call,
  { requests, collection }: FilterPlace,
  key: string,
  { gte, lte }: { readonly gte?: number | string; readonly lte?: number | string },
): Promise<string[]> {
  if (typeof gte === "number" || typeof lte === "number") return [];
  const { hits } = await requests.send(call, {
    operation: "facet",
    method: "POST",
    path: `${pathOf(collection)}/facet`,
    body: { key, limit: MAX_FACETS + 1, exact: true },
    result: FACETS,
  });
  if (hits.length > MAX_FACETS) {
    throw new AppError("bad_request", `A range of texts needs a field of at most ${MAX_FACETS} different ones.`, {
      remedy: "Name the values instead of a range.",
    });
  }
  return hits.map(({ value }) => value).filter((value) => (gte ?? value) <= value && value <= (lte ?? value));
}
