/** Documents that are gone from their place and answer all the same, until somebody confirms that they are to go. */
import { sanitizeLine } from "./sanitize.js";
import { placeName } from "./sources.js";
import type { SourceInfo } from "./types.js";

/** As callers are told of it, for one place of a source. */
export interface HeldBack {
  /** Of the source. */
  readonly source: string;
  readonly documents: number;
  /** Of how many. */
  readonly of: number;
  readonly remedy: string;
}

export function heldBack(collection: string, sources: readonly SourceInfo[]): HeldBack[] {
  return sources.flatMap(({ name, held = [] }) =>
    held.map(({ at, documents, of }) => ({ source: name, documents, of, remedy: confirmation(collection, at) })),
  );
}

/** In one sentence, and what to do about it. */
export function heldSentence({ source, documents, of, remedy }: HeldBack): string {
  return `${documents} of ${of} documents of ${JSON.stringify(sanitizeLine(source))} are gone from their place, and answer until that is confirmed. ${remedy}`;
}

/** What removes them. @param at the place that no longer has them */
export function confirmation(collection: string, at: string): string {
  const source = sanitizeLine(placeName(at), 4_000);
  const call = JSON.stringify({ source, collection, mode: "full" });
  const command = `aura-retrieval index ${JSON.stringify(source)} --collection ${collection} --full`;
  return `Bring them back, or, if they are to go, call reindex with ${call}, or run: ${command}`;
}
