/** What a collection holds, by document, and what of it a source no longer has. */
import type { Call } from "../core/call.js";
import type { VectorStore } from "../core/ports.js";
import type { DocumentKey } from "../core/types.js";
import { type Indexed, keyOf, versionOf } from "./index-documents.js";
import type { Input } from "./input.js";

/** Version of each document by its key. */
export async function knownDocuments(call: Call, store: VectorStore, collection: string): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for await (const record of store.documents(call, collection)) known.set(keyOf(record), versionOf(record));
  return known;
}

/** Keys of the documents of the sources that the input has. */
export function ownOf(known: ReadonlyMap<string, string>, input: Input): string[] {
  return [...known.keys()].filter((key) => input.isOwn(splitKey(key).source));
}

/** Those of its own keys that the input no longer has. */
export function goneFrom(own: readonly string[], { present, failed }: Indexed): string[] {
  return own.filter((key) => !present.has(key) && !couldNotBeRead(key, failed));
}

/** Itself, a folder it lies in (`folder/`), or the file whose record it is (`file#id`). */
export function couldNotBeRead(key: string, failed: ReadonlySet<string>): boolean {
  return [...failed].some(
    (name) => key === name || (name.endsWith("/") && key.startsWith(name)) || key.startsWith(`${name}#`),
  );
}

export function splitKey(key: string): DocumentKey {
  const at = key.indexOf("\n");
  return { source: key.slice(0, at), document: key.slice(at + 1) };
}
