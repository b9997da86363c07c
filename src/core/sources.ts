/** What sources are called, and which one a location, a document or a filter means. */
import { oneLine } from "./sanitize.js";
import type { Condition, DocumentRecord, Filter, Scalar, SourceInfo } from "./types.js";

export const LONGEST_SOURCE_NAME = 100;
/** What a URL has in front of a drive letter. */
const WINDOWS_DRIVE = /^\/([A-Za-z]:\/)/;
const RECORD_FILE = /\.(jsonl|ndjson)$/i;

/**
 * The last name of a location, with as many of its parents as tell it from names that are taken; at the end a number.
 * It holds no `/`: it is one part of a document's address.
 */
export function sourceName(location: string, taken: ReadonlySet<string>): string {
  const names = namesIn(location);
  for (let parts = 1; parts <= names.length; parts++) {
    const name = clean(names.slice(-parts).join("-"));
    if (!taken.has(name)) return name;
  }
  const whole = clean(names.join("-"));
  for (let number = 2; ; number++) {
    const name = `${whole.slice(0, LONGEST_SOURCE_NAME - 8)}-${number}`;
    if (!taken.has(name)) return name;
  }
}

/** The source of a document; one that nobody kept is known by its id alone. */
export function sourceOf(sources: readonly SourceInfo[], id: string): SourceInfo {
  const kept = sources.find((source) => source.id === id);
  if (kept !== undefined) return kept;
  const name = sourceName(id, new Set(sources.map((source) => source.name)));
  return { id, name, kind: isFileUrl(id) ? "folder" : "collection", location: id };
}

/** A filter as stores understand it: a source that is named by its name is meant by its id. */
export function withSourceIds(filter: Filter | undefined, sources: readonly SourceInfo[]): Filter | undefined {
  const { source: asked } = filter ?? {};
  if (asked === undefined) return filter;
  const idOf = (name: Scalar) => sources.find((source) => source.name === name)?.id ?? name;
  if (isScalar(asked)) return { ...filter, source: idOf(asked) };
  return isList(asked) ? { ...filter, source: asked.map(idOf) } : filter;
}

function isScalar(condition: Condition): condition is Scalar {
  return typeof condition !== "object";
}

function isList(condition: Condition): condition is readonly Scalar[] {
  return Array.isArray(condition);
}

/** Of a source whose records are all that is known of it. @param documents some of its documents, at least one */
export function sourceFrom(id: string, documents: readonly DocumentRecord[], taken: ReadonlySet<string>): SourceInfo {
  const own = namesIn(id).at(-1);
  const isOneFile = isFileUrl(id) && documents.every(({ metadata }) => metadata.path === own);
  const kind = !isFileUrl(id) ? "collection" : !isOneFile ? "folder" : RECORD_FILE.test(own ?? "") ? "jsonl" : "file";
  return { id, name: sourceName(id, taken), kind, location: id };
}

/** The file of a document on the machine that indexed it; undefined for what is no file. */
export function pathOf({ kind, location }: SourceInfo, { document, metadata }: DocumentRecord): string | undefined {
  if (!isFileUrl(location)) return undefined;
  const place = placeName(location);
  if (kind !== "folder") return place;
  const below = typeof metadata.path === "string" ? metadata.path : document;
  return place.endsWith("/") ? place + below : `${place}/${below}`;
}

/** A location as people write it: the path of a folder or file, anything else as it is. */
export function placeName(location: string): string {
  if (!isFileUrl(location)) return location;
  return decode(location.slice("file://".length)).replace(WINDOWS_DRIVE, "$1");
}

/**
 * The way from one location down to another, `sub/folder`; "" when they are the same, undefined where there is none.
 * Both are `file://` URLs of real paths.
 */
export function wayDown(from: string, to: string): string | undefined {
  if (from === to) return "";
  const above = from.endsWith("/") ? from : `${from}/`;
  return isFileUrl(from) && to.startsWith(above) ? to.slice(above.length).split("/").map(decode).join("/") : undefined;
}

/** Of a file or a folder on the machine that indexed it. */
export function isFileUrl(location: string): boolean {
  return location.startsWith("file:///");
}

/** From the outside in; at least one. */
function namesIn(location: string): string[] {
  const path = isFileUrl(location) ? location.slice("file://".length).split("/").map(decode) : [afterScheme(location)];
  const names = path.filter((name) => name !== "" && clean(name) !== "");
  return names.length > 0 ? names : ["files"];
}

function afterScheme(location: string): string {
  return location.replace(/^[a-z]+:/i, "");
}

function clean(name: string): string {
  const characters = oneLine(name.toWellFormed())
    .replace(/[/\\\0]/g, "-")
    .trim();
  return characters.slice(0, LONGEST_SOURCE_NAME).toWellFormed();
}

/** A part of an address; one with a stray "%" as it is. */
export function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
