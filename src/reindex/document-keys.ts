/** Documents and their contents as texts, to be looked up by. */
import type { DocumentKey } from "../core/types.js";

export function keyOf({ source, document }: DocumentKey): string {
  return `${source}\n${document}`;
}

export function splitKey(key: string): DocumentKey {
  const at = key.indexOf("\n");
  return { source: key.slice(0, at), document: key.slice(at + 1) };
}

/** Equal for documents of the same content that were read by the same parser and chunker. */
export function versionOf(document: { readonly hash: string; readonly chunker: string }): string {
  return `${document.hash} ${document.chunker}`;
}

export function hashIn(version: string): string {
  return version.slice(0, version.indexOf(" "));
}
