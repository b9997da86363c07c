/** Documents and their contents as texts, to be looked up by. */
import type { DocumentKey, DocumentRecord } from "../core/types.js";

export function keyOf({ source, document }: DocumentKey): string {
  return `${source}\n${document}`;
}

export function splitKey(key: string): DocumentKey {
  const at = key.indexOf("\n");
  return { source: key.slice(0, at), document: key.slice(at + 1) };
}

/** In front of the chunker of a document whose passages have no vectors yet: it is found by its words alone. */
const WORDS_ONLY = "words:";

type Chunked = Pick<DocumentRecord, "chunker">;

export function awaitsVectors({ chunker }: Chunked): boolean {
  return chunker.startsWith(WORDS_ONLY);
}

/** The chunker as documents carry it, with vectors or until they have them. */
export function chunkerOf(document: Chunked, { wordsOnly }: { readonly wordsOnly: boolean }): string {
  const chunker = awaitsVectors(document) ? document.chunker.slice(WORDS_ONLY.length) : document.chunker;
  return wordsOnly ? WORDS_ONLY + chunker : chunker;
}

/** Equal for documents of the same content that were read by the same parser and chunker. */
export function versionOf({ hash, chunker }: Chunked & Pick<DocumentRecord, "hash">): string {
  return `${hash} ${chunker}`;
}

export function hashIn(version: string): string {
  return version.slice(0, version.indexOf(" "));
}
