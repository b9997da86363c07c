/** What a collection holds, by document, and what of it a source no longer has. */
import type { Call } from "../core/call.js";
import type { VectorStore } from "../core/ports.js";
import type { DocumentRecord } from "../core/types.js";
import { chunkerOf, keyOf, splitKey, versionOf } from "./document-keys.js";
import type { Indexed } from "./index-documents.js";
import type { Input } from "./input.js";
import type { KnownVectors } from "./known-vectors.js";

interface KnownOptions {
  /** Learn of them too. */
  readonly vectors?: KnownVectors | undefined;
  /** A document without vectors counts as one with them: they come later in the run. */
  readonly wordsOnly?: boolean | undefined;
  /** Default: all. */
  readonly wanted?: ((record: DocumentRecord) => boolean) | undefined;
}

/** Version of each document by its key. */
export async function knownDocuments(
  call: Call,
  store: VectorStore,
  collection: string,
  { vectors, wordsOnly = false, wanted = () => true }: KnownOptions = {},
): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for await (const record of store.documents(call, collection)) {
    if (!wanted(record)) continue;
    const chunker = wordsOnly ? chunkerOf(record, { wordsOnly: false }) : record.chunker;
    known.set(keyOf(record), versionOf({ ...record, chunker }));
    vectors?.learn(collection, record);
  }
  return known;
}

/** Keys of the documents that the input stands for. */
export function ownOf(known: ReadonlyMap<string, string>, input: Input): string[] {
  return [...known.keys()].filter((key) => input.owns(splitKey(key)));
}

export interface Gone {
  /** Keys of those that the input no longer brings. */
  readonly removed: readonly string[];
  /** Keys of those that it brings under another name, as documents of the source that took theirs over. */
  readonly renamed: readonly string[];
}

/** What is to go, of the documents that the input stands for. */
export function goneFrom(own: readonly string[], input: Input, { present, failed }: Indexed): Gone {
  const [removed, renamed]: [string[], string[]] = [[], []];
  for (const key of own) {
    const now = keyOf(input.renamed(splitKey(key)));
    if (couldNotBeRead(now, failed)) continue;
    if (!present.has(now)) removed.push(key);
    else if (now !== key) renamed.push(key);
  }
  return { removed, renamed };
}

/** Itself, a folder it lies in (`folder/`), or the file whose record it is (`file#id`). */
export function couldNotBeRead(key: string, failed: ReadonlySet<string>): boolean {
  return [...failed].some(
    (name) => key === name || (name.endsWith("/") && key.startsWith(name)) || key.startsWith(`${name}#`),
  );
}
