/** What sources are called, and where their documents lie. */
import { fileURLToPath } from "node:url";
import { oneLine } from "./sanitize.js";
import type { DocumentRecord, SourceInfo } from "./types.js";

export const LONGEST_SOURCE_NAME = 100;
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
  return { id, name, kind: isFile(id) ? "folder" : "collection", location: id };
}

/** Of a source whose records are all that is known of it. @param documents some of its documents, at least one */
export function sourceFrom(id: string, documents: readonly DocumentRecord[], taken: ReadonlySet<string>): SourceInfo {
  const own = namesIn(id).at(-1);
  const isOneFile = isFile(id) && documents.every(({ metadata }) => metadata.path === own);
  const kind = !isFile(id) ? "collection" : !isOneFile ? "folder" : RECORD_FILE.test(own ?? "") ? "jsonl" : "file";
  return { id, name: sourceName(id, taken), kind, location: id };
}

/** Where a document lies on the machine that indexed it; undefined for what is no file. */
export function pathOf({ kind, location }: SourceInfo, { document, metadata }: DocumentRecord): string | undefined {
  if (!isFile(location)) return undefined;
  const place = fileURLToPath(location);
  if (kind !== "folder") return place;
  const below = typeof metadata.path === "string" ? metadata.path : document;
  return place.endsWith("/") ? place + below : `${place}/${below}`;
}

function isFile(location: string): boolean {
  return location.startsWith("file:///");
}

/** From the outside in; at least one. */
function namesIn(location: string): string[] {
  const path = isFile(location) ? location.slice("file://".length).split("/").map(decode) : [afterScheme(location)];
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
