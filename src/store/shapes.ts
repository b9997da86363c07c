/** Shapes of what a store keeps and a server answers: what is used is checked first. By hand, because one answer holds thousands of points. */
import { AppError } from "../core/errors.js";
import type { Scalar } from "../core/types.js";

/** The value, if it has the shape. @param name of the field it stands in, for the error. @throws ShapeError */
export type Shape<T> = (value: unknown, name: string) => T;

/** Says which field is wrong, never what it holds. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** Of collections and files on a server. */
const MOST_NAME_CHARS = 255;

type Fields = Readonly<Record<string, unknown>>;

export const anything: Shape<unknown> = (value) => value;
export const text = checked("a text", (value): value is string => typeof value === "string");
/** Goes into paths and messages. */
export const name = checked(
  "a name",
  (value): value is string => typeof value === "string" && value.length <= MOST_NAME_CHARS && value.isWellFormed(),
);
export const flag = checked("true or false", (value): value is boolean => typeof value === "boolean");
export const number = checked("a number", (value): value is number => Number.isFinite(value));
export const positive = checked("above 0", (value): value is number => Number.isFinite(value) && (value as number) > 0);
export const object = checked("an object", (value): value is Fields => isObject(value));
/** Ours are UUIDs; others may have numbers. */
export const pointId = checked(
  "an id",
  (value): value is string | number => typeof value === "string" || typeof value === "number",
);

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** Whether a point can have this id: the server refuses others as no request. */
export function isPointId(id: string): boolean {
  return UUID.test(id) || (/^\d+$/.test(id) && Number.isSafeInteger(Number(id)));
}

/** As the server takes it: of what we wrote they are UUIDs, of others numbers too. */
export function toPointId(id: string): string | number {
  return /^\d+$/.test(id) ? Number(id) : id;
}

export const scalars = checked("a text, a number, true or false, or a list of them", areScalars);

export function oneOf<T extends string>(...values: readonly T[]): Shape<T> {
  return checked(values.join(" or "), (value): value is T => values.includes(value as T));
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, field) => (value === undefined ? undefined : shape(value, field));
}

export function orNull<T>(shape: Shape<T>): Shape<T | null | undefined> {
  return (value, field) => (value == null ? value : shape(value, field));
}

export function listOf<T>(each: Shape<T>): Shape<readonly T[]> {
  return (value, field) => {
    if (!Array.isArray(value)) throw new ShapeError(`\`${field}\` is not a list`);
    for (const item of value) each(item, field);
    return value as readonly T[];
  };
}

export function mapOf<T>(each: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, field) => {
    for (const item of Object.values(object(value, field))) each(item, field);
    return value as Readonly<Record<string, T>>;
  };
}

/** Other fields may be there. */
export function fields<T extends object>(shapes: { readonly [K in keyof T]-?: Shape<T[K]> }): Shape<T> {
  const entries = Object.entries(shapes) as [string, Shape<unknown>][];
  return (value, field) => {
    const found = object(value, field);
    for (const [key, shape] of entries) shape(found[key], key);
    return value as T;
  };
}

/** As an array of its own: not for a field of others, which keep their values as they came. */
export function vectorOf(dimension: number): Shape<Float32Array> {
  return (value, field) => {
    const vector = toVector(value);
    if (vector?.length === dimension) return vector;
    throw new ShapeError(`\`${field}\` holds no vector of ${dimension} numbers`);
  };
}

/** undefined for what is not a list of numbers. */
export function toVector(value: unknown): Float32Array | undefined {
  if (!Array.isArray(value)) return undefined;
  const vector = new Float32Array(value.length);
  for (let i = 0; i < value.length; i++) {
    if (typeof value[i] !== "number") return undefined;
    vector[i] = value[i];
  }
  return vector;
}

/** What was written into a collection: by us, or by somebody else in our name. @throws AppError `store_down` */
export function stored<T>(shape: Shape<T>, value: unknown, where: string): T {
  try {
    return shape(value, "payload");
  } catch (cause) {
    if (!(cause instanceof ShapeError)) throw cause;
    throw new AppError("store_down", `The store holds damaged data in ${where}: ${cause.message}.`, {
      remedy: "Restore the store's data, or delete that collection and run reindex with mode full.",
      cause,
    });
  }
}

function checked<T>(what: string, has: (value: unknown) => value is T): Shape<T> {
  return (value, field) => {
    if (has(value)) return value;
    throw new ShapeError(`\`${field}\` is not ${what}`);
  };
}

export function areScalars(value: unknown): value is Scalar | readonly Scalar[] {
  return Array.isArray(value) ? value.every(isScalar) : isScalar(value);
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
