/** What a filter's condition is, told the same way by every store. */
import { AppError } from "../core/errors.js";
import { isPathPattern } from "../core/path-pattern.js";
import type { Condition, Scalar } from "../core/types.js";

type Range = { readonly gte?: number | string; readonly lte?: number | string };

/** @throws AppError `bad_request` for a range that is empty or mixes types */
export function checkRange({ gte, lte }: Range, key: string): void {
  const types = new Set([gte, lte].filter((bound) => bound !== undefined).map((bound) => typeof bound));
  if (types.size === 1) return;
  throw new AppError("bad_request", `The range on "${key}" ${types.size === 0 ? "is empty" : "mixes types"}.`, {
    remedy: "Give gte, lte or both, as two numbers or two strings.",
  });
}

/** The names whose texts are paths. */
const PATHS: ReadonlySet<string> = new Set(["document", "path"]);

/** Whether a filter's value stands for several texts of the field. */
export function isPatternOf(key: string, value: unknown): value is string {
  return PATHS.has(key) && typeof value === "string" && isPathPattern(value);
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** A day as an upper bound includes every time of it. */
export function upperBound(lte: string): string {
  return DAY.test(lte) ? `${lte}\u{10ffff}` : lte;
}

export function isRange(condition: Condition): condition is Range {
  return typeof condition === "object" && !isList(condition);
}

export function isList(condition: Condition): condition is readonly Scalar[] {
  return Array.isArray(condition);
}

/** Booleans are stored as text. */
export function asValue(scalar: Scalar): string | number {
  return typeof scalar === "boolean" ? String(scalar) : scalar;
}
