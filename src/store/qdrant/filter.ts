/** A `Filter` as Qdrant's clauses. Only indexed fields are named, so that strict mode has nothing to refuse. */
import type { Call } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import { fitsPath } from "../../core/path-pattern.js";
import type { Condition, Filter, Scope } from "../../core/types.js";
import { checkFilter } from "../check-text.js";
import { asValue, checkRange, isList, isPatternOf, isRange, upperBound } from "../conditions.js";
import { fields, listOf, text } from "../shapes.js";
import { fieldName } from "./payload.js";
import { pathOf, type QdrantFilter, type Requests } from "./requests.js";
import { scopeClauses } from "./scope.js";

/** Distinct texts that a range or a pattern is looked for among. */
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
    if (place.indexes.has(paths.texts))
      clauses.push(...(await textClauses(call, place, { key, path: paths.texts }, condition)));
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

/** A field as it is asked for, and its path in the payload. */
interface TextField {
  readonly key: string;
  readonly path: string;
}

async function textClauses(
  call: Call,
  place: FilterPlace,
  { key, path }: TextField,
  condition: Condition,
): Promise<object[]> {
  const wanted = await textsOf(call, place, { key, path }, condition);
  return wanted.length === 0
    ? []
    : [{ key: path, match: wanted.length === 1 ? { value: wanted[0] } : { any: wanted } }];
}

async function textsOf(
  call: Call,
  place: FilterPlace,
  { key, path }: TextField,
  condition: Condition,
): Promise<string[]> {
  if (isRange(condition)) {
    const { gte, lte } = condition;
    if (typeof gte === "number" || typeof lte === "number") return [];
    const most = lte && upperBound(lte);
    const all = await distinctTexts(call, place, path);
    return all.filter((value) => (gte ?? value) <= value && value <= (most ?? value));
  }
  const texts = valuesOf(condition).filter((value) => typeof value === "string");
  const patterns = texts.filter((value) => isPatternOf(key, value));
  if (patterns.length === 0) return texts;
  const all = await distinctTexts(call, place, path);
  const fitting = all.filter((value) => patterns.some((pattern) => fitsPath(pattern, value)));
  return [...new Set([...texts.filter((value) => !isPatternOf(key, value)), ...fitting])];
}

/** Qdrant has ranges of numbers only, and no patterns. */
async function distinctTexts(call: Call, { requests, collection }: FilterPlace, key: string): Promise<string[]> {
  const { hits } = await requests.send(call, {
    operation: "facet",
    method: "POST",
    path: `${pathOf(collection)}/facet`,
    body: { key, limit: MAX_FACETS + 1, exact: true },
    result: FACETS,
  });
  if (hits.length > MAX_FACETS) {
    throw new AppError("bad_request", `A range or a pattern needs a field of at most ${MAX_FACETS} different texts.`, {
      remedy: "Name the values instead.",
    });
  }
  return hits.map(({ value }) => value);
}
