/** The sources of a version, and the document that a name or an address means. */
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { nameForms } from "../core/name-forms.js";
import { noDocument } from "../core/not-found.js";
import type { VectorStore } from "../core/ports.js";
import { sanitizeLine } from "../core/sanitize.js";
import { sourceFrom } from "../core/sources.js";
import type { CollectionInfo, DocumentKey, DocumentRecord, Scope, SourceInfo } from "../core/types.js";

/** Versions of earlier versions of this program whose sources are remembered. */
const KEPT = 64;
/** Documents of a source from which its kind is told. */
const SAMPLE = 20;
/** Named in an error. */
const MOST_CANDIDATES = 10;

/** By store, then by version and its size: it stays as it is until a run changes it. */
const derived = new WeakMap<VectorStore, Map<string, readonly SourceInfo[]>>();

/** Those that are kept; of a version that has none, those that its documents tell of. */
export async function sourcesOf(
  call: Call,
  store: VectorStore,
  { name, sources, spec, points, documents }: CollectionInfo,
): Promise<readonly SourceInfo[]> {
  if (sources !== undefined) return sources;
  const key = JSON.stringify([name, points, documents]);
  const known = derived.get(store) ?? new Map<string, readonly SourceInfo[]>();
  derived.set(store, known);
  const before = known.get(key);
  if (before !== undefined) return before;
  // What something else made is one source, however many documents it has.
  const found = spec === undefined ? [foreignSource(name)] : await sourcesIn(call, store, name);
  const oldest = known.keys().next();
  if (known.size >= KEPT && !oldest.done) known.delete(oldest.value);
  if (points > 0) known.set(key, found);
  return found;
}

/** What documents of a collection that something else made have for a source. */
function foreignSource(collection: string): SourceInfo {
  return { id: `qdrant:${collection}`, name: collection, kind: "collection", location: `qdrant:${collection}` };
}

async function sourcesIn(call: Call, store: VectorStore, collection: string): Promise<SourceInfo[]> {
  const samples = new Map<string, DocumentRecord[]>();
  for await (const record of store.documents(call, collection)) {
    const sample = samples.get(record.source);
    if (sample === undefined) samples.set(record.source, [record]);
    else if (sample.length < SAMPLE) sample.push(record);
  }
  const found: SourceInfo[] = [];
  for (const [id, documents] of samples) {
    found.push(sourceFrom(id, documents, new Set(found.map((source) => source.name))));
  }
  return found;
}

/** What a caller names a document by. */
export interface DocumentName {
  /** A source's name or id; absent: `document` may begin with it. */
  readonly source?: string | undefined;
  /** Its path below the source, or `<source>/<path>`, as its address has it. */
  readonly document: string;
}

/** Where a document is looked for. */
export interface Searched {
  readonly collection: CollectionInfo;
  /** Of the version, those that the caller may see. */
  readonly sources: readonly SourceInfo[];
  /** What of them; absent: all. */
  readonly scope?: Scope | undefined;
}

/**
 * The document that is meant. Without a source: `<source>/<path>`, else the path where only one source has it.
 * @throws AppError `not_found`, and `bad_request` with the candidates where several are meant
 */
export async function findDocument(
  call: Call,
  store: VectorStore,
  { collection, sources, scope }: Searched,
  { source, document }: DocumentName,
): Promise<DocumentKey & { readonly from: SourceInfo }> {
  const inIt = async (from: SourceInfo, path: string) => {
    for (const form of path === "" ? [] : nameForms(path)) {
      const key = { source: from.id, document: form };
      if (await store.any(call, collection.name, key, scope)) return { from, ...key };
    }
    return undefined;
  };
  if (source !== undefined) {
    const from = findSource(sources, source);
    const found = await inIt(from, document);
    if (found !== undefined) return found;
    throw noDocument(collection.alias);
  }
  const inFront = splitSource(sources, document);
  const found = inFront && (await inIt(inFront.from, inFront.document));
  if (found !== undefined) return found;
  const candidates = [];
  for (const from of sources) candidates.push((await inIt(from, document)) ?? []);
  const [only, ...others] = candidates.flat();
  if (only === undefined) throw noDocument(collection.alias);
  if (others.length === 0) return only;
  throw new AppError(
    "bad_request",
    `Several sources of "${collection.alias}" have a document ${JSON.stringify(sanitizeLine(document))}: ${namesOf(candidates.flat().map(({ from }) => from))}.`,
    {
      remedy: `Put the source in front, for example ${JSON.stringify(sanitizeLine(`${only.from.name}/${document}`))}.`,
    },
  );
}

/** `<source>/<path>`, where a source has that name. */
export function splitSource(
  sources: readonly SourceInfo[],
  name: string,
): { readonly from: SourceInfo; readonly document: string } | undefined {
  const slash = name.indexOf("/");
  const from = slash < 0 ? undefined : sources.find((source) => source.name === name.slice(0, slash));
  return from && { from, document: name.slice(slash + 1) };
}

/** By its name, else by its id or location. */
export function sourceCalled(sources: readonly SourceInfo[], nameOrPlace: string): SourceInfo | undefined {
  return (
    sources.find(({ name }) => name === nameOrPlace) ??
    sources.find(({ id, location }) => id === nameOrPlace || location === nameOrPlace)
  );
}

/** The same. @throws AppError `not_found` naming those there are */
export function findSource(sources: readonly SourceInfo[], nameOrPlace: string): SourceInfo {
  const found = sourceCalled(sources, nameOrPlace);
  if (found !== undefined) return found;
  const there = sources.length === 0 ? "there is none" : `there are: ${namesOf(sources)}`;
  throw new AppError("not_found", `There is no source ${JSON.stringify(sanitizeLine(nameOrPlace))}; ${there}.`, {
    remedy: "Name one of them; `health` and `aura-retrieval sources` list them.",
  });
}

function namesOf(sources: readonly SourceInfo[]): string {
  const names = sources.slice(0, MOST_CANDIDATES).map(({ name }) => sanitizeLine(name));
  const more = sources.length - names.length;
  return more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ");
}
