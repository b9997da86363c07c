/** Bounds on what travels with every passage of a document: its title and metadata. */
import type { DocumentRecord, Metadata, Scalar } from "./types.js";

export const RECORD_LIMITS = {
  fields: 64,
  keyChars: 100,
  valueChars: 1_000,
  listEntries: 50,
  titleChars: 300,
  /** Of title and metadata as JSON. */
  bytes: 8_000,
} as const;

/** What the server says of a passage and its document: no document may say it of itself. `__proto__` is never asked for. */
const SERVER_NAMES: ReadonlySet<string> = new Set([
  ...["source", "document", "uri", "title", "heading", "path", "format", "extension"],
  ...["line_start", "line_end", "page_start", "page_end", "__proto__"],
]);

type Described = Pick<DocumentRecord, "title" | "metadata">;

export interface Bounded extends Described {
  /** What was left out, for the run's report; empty for nearly every document. */
  readonly leftOut: readonly string[];
}

/** @param own what a document says of itself, behind what the server says of it */
export function describedBy(server: Metadata, own: Metadata): Pick<Bounded, "metadata" | "leftOut"> {
  const isTaken = (name: string) => SERVER_NAMES.has(name) || Object.hasOwn(server, name);
  const free = Object.entries(own).filter(([name]) => !isTaken(name));
  const taken = Object.keys(own).filter(isTaken);
  return {
    metadata: { ...server, ...Object.fromEntries(free) },
    leftOut: taken.length === 0 ? [] : [`fields with names of the server's own: ${taken.join(", ")}`],
  };
}

/** The same again when given its own result. */
export function boundRecord({ title, metadata }: Described): Bounded {
  const { fields, keyChars, valueChars, listEntries, titleChars, bytes } = RECORD_LIMITS;
  const count = { beyond: 0, longKeys: 0, tooMuch: 0, values: 0, lists: 0 };
  const cut = (value: Scalar): Scalar => {
    if (typeof value !== "string" || value.length <= valueChars) return value;
    count.values++;
    return value.slice(0, valueChars).toWellFormed();
  };
  const shortTitle =
    title === undefined || title.length <= titleChars ? title : title.slice(0, titleChars).toWellFormed();
  const kept: [string, Scalar | readonly Scalar[]][] = [];
  let left = bytes - sizeOf({ title: shortTitle, metadata: {} });
  for (const [name, field] of Object.entries(metadata)) {
    if (kept.length === fields) count.beyond++;
    else if (name.length > keyChars) count.longKeys++;
    else {
      const isLong = Array.isArray(field) && field.length > listEntries;
      if (isLong) count.lists++;
      const value = Array.isArray(field) ? field.slice(0, listEntries).map(cut) : cut(field as Scalar);
      const size = sizeOf(name) + sizeOf(value) + 2; // with its colon and comma
      if (size > left) count.tooMuch++;
      else {
        kept.push([name, value]);
        left -= size;
      }
    }
  }
  const notes: readonly (readonly [number, string])[] = [
    [shortTitle === title ? 0 : 1, `title, cut to ${titleChars} characters`],
    [count.beyond, `fields beyond the first ${fields}`],
    [count.longKeys, `fields with names longer than ${keyChars} characters`],
    [count.tooMuch, `fields beyond ${bytes / 1_000} kB in all`],
    [count.values, `values, cut to ${valueChars} characters`],
    [count.lists, `lists, cut to ${listEntries} entries`],
  ];
  return {
    title: shortTitle,
    metadata: Object.fromEntries(kept),
    leftOut: notes.filter(([times]) => times > 0).map(([times, what]) => `${times} ${what}`),
  };
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
