/** Documents of the version that serves: found by their names, read, and listed. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { noDocument, noPassage } from "../core/not-found.js";
import type { VectorStore } from "../core/ports.js";
import type { DocumentKey, DocumentRecord, SourceInfo, StoredPoint } from "../core/types.js";
import { type DocumentName, findDocument, splitSource } from "../versions/sources.js";
import { visibleDocuments, visibleTo } from "../versions/visible.js";
import { type PartAsked, readPart, type TextPart } from "./document-part.js";
import { type Opened, open } from "./opened.js";

/** Of a document by its name, of a passage by its id, or of both, when one is the other's. */
export interface ReadAsked {
  readonly name?: DocumentName | undefined;
  readonly lines?: { readonly first: number; readonly last?: number | undefined } | undefined;
  readonly around?:
    | { readonly passage: string; readonly lines?: number | undefined; readonly passages?: number | undefined }
    | undefined;
  /** Of the text, as JSON writes it. */
  readonly maxChars: number;
}

export interface DocumentPart extends TextPart {
  /** Alias of its collection. */
  readonly collection: string;
  readonly from: SourceInfo;
  readonly record: DocumentRecord;
}

/** On each side of a passage. */
const NEIGHBOURS = 2;

/**
 * @throws AppError `not_found`; `bad_request` naming the candidates where the name means several, and the lines there
 * are where others were asked for
 */
export async function readDocument(
  call: Call,
  store: VectorStore,
  pass: CollectionPass,
  asked: ReadAsked,
): Promise<DocumentPart> {
  const opened = await open(call, store, pass);
  const { collection, sources } = opened;
  const passage = asked.around && (await findPassage(call, store, opened, asked.around.passage));
  const part = await readNamed(call, store, opened, { asked, passage });
  const from = sources.find(({ id }) => id === part?.first.record.source);
  if (part === undefined || from === undefined) throw noDocument(collection.alias);
  return { ...part, collection: collection.alias, from, record: part.first.record };
}

async function readNamed(
  call: Call,
  store: VectorStore,
  opened: Opened,
  { asked, passage }: { readonly asked: ReadAsked; readonly passage: StoredPoint | undefined },
): Promise<TextPart | undefined> {
  const read = (key: DocumentKey) => {
    const place = { store, collection: opened.collection.name, key };
    return readPart(call, place, partOf(asked, passage), asked.maxChars);
  };
  if (asked.name === undefined) return passage && read(passage.record);
  const likely = passage === undefined ? named(opened.sources, asked.name) : undefined;
  const part = likely && opened.has(likely) ? await read(likely) : undefined;
  if (part !== undefined) return part;
  const found = await findDocument(call, store, opened, asked.name);
  if (passage !== undefined && !isOf(passage.record, found)) throw notOfIt();
  return read(found);
}

/** What a whole name means, nearly always: looking whether it is there costs as much as reading it. */
function named(sources: readonly SourceInfo[], { source, document }: DocumentName): DocumentKey | undefined {
  const found =
    source === undefined
      ? splitSource(sources, document)
      : { from: sources.find(({ name }) => name === source), document };
  return found?.from && found.document !== "" ? { source: found.from.id, document: found.document } : undefined;
}

/** Whichever way it names none that the caller may see, it is not there. */
async function findPassage(
  call: Call,
  store: VectorStore,
  { collection, has }: Opened,
  id: string,
): Promise<StoredPoint> {
  const [passage] = await store.read(call, collection.name, [id]);
  if (passage !== undefined && has(passage.record)) return passage;
  throw noPassage(collection.alias);
}

function partOf({ lines, around }: ReadAsked, passage: StoredPoint | undefined): PartAsked {
  if (passage === undefined) return { kind: "lines", first: lines?.first ?? 1, last: lines?.last };
  if (around?.lines !== undefined) return { kind: "lines around", passage, lines: around.lines };
  return { kind: "passages", passage, neighbours: around?.passages ?? NEIGHBOURS };
}

function isOf(record: DocumentKey, { source, document }: DocumentKey): boolean {
  return record.source === source && record.document === document;
}

function notOfIt(): AppError {
  return new AppError("bad_request", "The passage that `around` names is of another document.", {
    remedy: "Name the passage alone: its document is known.",
  });
}

/** A source, and how many documents it has. */
export interface SourceDocuments extends SourceInfo {
  readonly documents: number;
}

/** By name. @throws AppError `not_found` */
export async function countDocuments(
  call: Call,
  store: VectorStore,
  pass: CollectionPass,
): Promise<readonly SourceDocuments[]> {
  const { collection, sources } = await open(call, store, pass);
  const counts = new Map<string, number>();
  for await (const { source } of visibleDocuments(call, store, collection)) {
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  return sources
    .map(({ furniture: _, ...source }) => ({ ...source, documents: counts.get(source.id) ?? 0 }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** None when there is no such collection. */
export async function listSources(
  call: Call,
  store: VectorStore,
  pass: CollectionPass,
): Promise<readonly SourceInfo[]> {
  const collection = await store.describe(call, pass);
  return collection === undefined ? [] : (await visibleTo(call, store, collection)).sources;
}

/** Every one; none when there is no such collection. */
export async function* allDocuments(
  call: Call,
  store: VectorStore,
  collection: CollectionPass,
): AsyncIterable<DocumentRecord> {
  const info = await store.describe(call, collection);
  if (info !== undefined) yield* visibleDocuments(call, store, info);
}
