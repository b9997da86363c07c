/** What a name means to `forget`: a source with all of its documents, or one document, in one version of a collection. */
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { VectorStore } from "../core/ports.js";
import { sanitizeLine } from "../core/sanitize.js";
import { decode, isFileUrl } from "../core/sources.js";
import type { CollectionInfo, DocumentKey, SourceInfo } from "../core/types.js";
import { type DocumentName, findDocument, sourceCalled, sourcesOf } from "./sources.js";

export interface ForgetTarget {
  readonly from: SourceInfo;
  /** Absent: the whole source. */
  readonly document?: string;
}

/**
 * undefined: this version has nothing of that name.
 * @param name of a source (or its id or location), or of a document as `findDocument` takes it, or the URL of its file
 * @throws AppError `bad_request` with the candidates where several are meant
 */
export async function findTarget(
  call: Call,
  store: VectorStore,
  version: CollectionInfo,
  name: string,
): Promise<ForgetTarget | undefined> {
  const sources = await sourcesOf(call, store, version);
  const source = sourceCalled(sources, name);
  const meant = documentBelow(sources, name) ?? { document: name };
  const found = await findDocument(call, store, { collection: version, sources }, meant).catch(noneAsUndefined);
  if (found === undefined) return source && { from: source };
  if (source === undefined) return { from: found.from, document: found.document };
  // A file that was indexed by itself is a source, and its only document.
  if (source.id === found.source && source.kind === "file") return { from: source };
  const shown = JSON.stringify(sanitizeLine(name));
  throw new AppError("bad_request", `${shown} is a source of "${version.alias}", and a document of another.`, {
    remedy:
      `For the document write ${JSON.stringify(sanitizeLine(`${found.from.name}/${found.document}`))}, ` +
      `for the source where it lies: ${JSON.stringify(sanitizeLine(source.location))}.`,
  });
}

/** A file's address, of one below a folder that is a source. */
function documentBelow(sources: readonly SourceInfo[], name: string): DocumentName | undefined {
  const folders = sources.filter(({ kind, location }) => kind === "folder" && name.startsWith(`${location}/`));
  const nearest = folders.toSorted((a, b) => b.location.length - a.location.length)[0];
  if (nearest === undefined || !isFileUrl(name)) return undefined;
  return { source: nearest.name, document: decode(name.slice(nearest.location.length + 1)) };
}

/** The documents of the target that a version holds. */
export async function* documentsOf(
  call: Call,
  store: VectorStore,
  version: string,
  { from, document }: ForgetTarget,
): AsyncIterable<DocumentKey> {
  const source = from.id;
  if (document === undefined) yield* store.documents(call, version, source);
  else if (await store.any(call, version, { source, document })) yield { source, document };
}

/** Whether a version holds anything of the target. */
export async function holds(
  call: Call,
  store: VectorStore,
  version: string,
  { from, document }: ForgetTarget,
): Promise<boolean> {
  return store.any(call, version, { source: from.id, ...(document === undefined ? {} : { document }) });
}

function noneAsUndefined(error: unknown): undefined {
  if (error instanceof AppError && error.code === "not_found") return undefined;
  throw error;
}
