/** A `Filter` and a `Scope` as one SQL condition on document ids; names and values are always bound, never part of the SQL. */

import { literalStart } from "../../core/path-pattern.js";
import type { Condition, Filter, Scope } from "../../core/types.js";
import { asValue, checkRange, isList, isPatternOf, isRange, upperBound } from "../conditions.js";
import type { Value } from "./database.js";

export interface Fragment {
  /** A SELECT of the ids of the documents that fit. */
  readonly sql: string;
  readonly values: readonly Value[];
}

/** undefined = everything fits. @throws AppError `bad_request` for a range that is empty or mixes types */
export function compileFilter(filter: Filter | undefined, scope?: Scope): Fragment | undefined {
  const conditions = Object.entries(filter ?? {}).filter(([, condition]) => condition !== undefined);
  const parts = conditions.map(([key, condition]) => compileCondition(key, condition));
  if (scope !== undefined) parts.push(compileScope(scope));
  if (parts.length === 0) return undefined;
  return {
    sql: `SELECT id FROM documents WHERE ${parts.map((part) => part.sql).join(" AND ")}`,
    values: parts.flatMap((part) => part.values),
  };
}

function compileCondition(key: string, condition: Condition): Fragment {
  if (isRange(condition)) checkRange(condition, key);
  if (key === "document" || key === "source") return compare(key, { column: key, type: "text" }, condition) ?? NOTHING;
  const tests = (["text", "number"] as const).flatMap((type) => compare(key, { column: type, type }, condition) ?? []);
  if (tests.length === 0) return NOTHING;
  const sql = tests.map((test) => `id IN (SELECT document_id FROM metadata WHERE key = ? AND ${test.sql})`);
  return { sql: `(${sql.join(" OR ")})`, values: tests.flatMap((test) => [key, ...test.values]) };
}

/** A condition on rows of documents, each part a range of the unique index on source and document. */
export function compileScope(scope: Scope): Fragment {
  const whole = scope.flatMap(({ source, folder }) => (folder === undefined ? source : []));
  const parts = [
    ...(whole.length === 0
      ? []
      : [{ sql: "source IN (SELECT value FROM json_each(?))", values: [JSON.stringify(whole)] }]),
    ...scope.flatMap(({ source, folder }) => (folder === undefined ? [] : below(source, folder))),
  ];
  if (parts.length === 0) return NOTHING;
  return { sql: `(${parts.map(({ sql }) => sql).join(" OR ")})`, values: parts.flatMap(({ values }) => values) };
}

function below(source: string, folder: string): Fragment {
  // "0" is what follows "/": SQLite compares texts byte by byte.
  return {
    sql: "(source = ? AND document >= ? AND document < ?)",
    values: [source, folder, `${folder.slice(0, -1)}0`],
  };
}

const NOTHING: Fragment = { sql: "FALSE", values: [] };

interface Column {
  readonly column: string;
  readonly type: "text" | "number";
}

/** The part of a condition that values of one type can meet, if any: a number never equals a text. */
function compare(key: string, { column, type }: Column, condition: Condition): Fragment | undefined {
  const fits = (value: string | number) => (typeof value === "number" ? "number" : "text") === type;
  if (isRange(condition)) {
    const { gte, lte } = condition;
    const bounds = [
      { sql: `${column} >= ?`, value: gte },
      { sql: `${column} <= ?`, value: typeof lte === "string" ? upperBound(lte) : lte },
    ].flatMap(({ sql, value }) => (value !== undefined && fits(value) ? [{ sql, value }] : []));
    if (bounds.length === 0) return undefined;
    return { sql: bounds.map((bound) => bound.sql).join(" AND "), values: bounds.map((bound) => bound.value) };
  }
  const wanted = (isList(condition) ? condition : [condition]).map(asValue).filter(fits);
  const patterns = wanted.filter((value) => isPatternOf(key, value));
  const values = wanted.filter((value) => !isPatternOf(key, value));
  const tests = [
    ...(values.length === 0 ? [] : [oneOf(column, values)]),
    ...patterns.map((each) => like(column, each)),
  ];
  if (tests.length === 0) return undefined;
  return { sql: `(${tests.map(({ sql }) => sql).join(" OR ")})`, values: tests.flatMap((test) => test.values) };
}

function oneOf(column: string, values: readonly Value[]): Fragment {
  if (values.length === 1) return { sql: `${column} = ?`, values };
  return { sql: `${column} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(values)] };
}

/** Within what the pattern begins with, which the index finds. */
function like(column: string, pattern: string): Fragment {
  const start = literalStart(pattern);
  return {
    sql: `(${column} >= ? AND ${column} < ? AND fits_path(?, ${column}))`,
    values: [start, `${start}\u{10ffff}`, pattern],
  };
}
