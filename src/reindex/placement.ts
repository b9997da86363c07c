/** Whose documents a place brings: those of a source that is known there or above, of one that moved, or of a new one. */
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { Source, SourceItem, VectorStore } from "../core/ports.js";
import { sanitizeLine } from "../core/sanitize.js";
import { LONGEST_SOURCE_NAME, sourceName, wayDown } from "../core/sources.js";
import type { CollectionInfo, DocumentKey, SourceInfo } from "../core/types.js";
import { sourcesOf } from "../versions/sources.js";
import { visibleTo } from "../versions/visible.js";
import { Checkouts } from "./checkouts.js";
import { Furniture } from "./furniture.js";

/** A source has moved when at least this share of its documents stands elsewhere, under the same paths. */
const MOVED_SHARE = 0.5;

/** A source that lies inside a place: taken over when the reading reaches it. */
export interface Inside {
  readonly source: SourceInfo;
  /** What its documents are called in the source that takes it over. */
  rename(document: string): string;
  /** Whether a document of that source, or a folder, lies in it. */
  holds(document: string): boolean;
}

export interface Placement {
  /** As it is to be kept; its `checkouts` and its `furniture` are those of earlier readings. */
  readonly source: SourceInfo;
  readonly checkouts: Checkouts;
  readonly furniture: Furniture;
  /** The place, read as that source's. */
  readonly reading: Source;
  /** Whether the place holds this document of the source. */
  holds(document: string): boolean;
  readonly inside: readonly Inside[];
  /** The other sources of the collection. */
  readonly others: readonly SourceInfo[];
  /** Where the source lay before. */
  readonly movedFrom?: string | undefined;
}

export interface PlacementParts {
  readonly store: VectorStore;
  /** Whether there is nothing any more where a source lay. */
  isGone(location: string): Promise<boolean>;
}

export interface PlacementFor {
  /** The version whose sources are known; undefined: there is none yet. */
  readonly base: CollectionInfo | undefined;
  /** What the source is to be called; absent: as it is called, or by its place. */
  readonly name?: string | undefined;
  /** Every document is read anew: what most of them have in common is looked at again. */
  readonly isAnew?: boolean | undefined;
}

export async function placementOf(
  call: Call,
  parts: PlacementParts,
  place: Source,
  { base, name, isAnew = false }: PlacementFor,
): Promise<Placement> {
  const known = base === undefined ? [] : await sourcesOf(call, parts.store, base);
  const seen = base === undefined ? [] : (await visibleTo(call, parts.store, base)).sources;
  // What others have lost sight of is not taken from them, and not told.
  const found = (await above(call, place, known)) ?? (await moved(call, parts, place, { base, known: seen }));
  const others = known.filter(({ id }) => id !== found?.source.id);
  const before = found?.source ?? { id: newId(place.name, known), name: undefined };
  const isWhole = found === undefined || found.below === "";
  const source: SourceInfo = {
    id: before.id,
    name: nameFor(place.name, { wanted: isWhole ? name : undefined, before: before.name, others }),
    kind: isWhole ? place.kind : found.source.kind,
    location: isWhole ? place.name : found.source.location,
    ...(found && keptOf(found)),
  };
  if (!isWhole && name !== undefined) throw partOf(source);
  const below = found?.below ?? "";
  const reading = found?.reading ?? (before.id === place.name ? place : ((await place.of(call, source)) as Source));
  return {
    source,
    checkouts: await Checkouts.of(call, reading.repositories, { before: source.checkouts, below }),
    furniture: isWhole
      ? new Furniture(isAnew ? undefined : source.furniture, reading)
      : new Furniture(source.furniture, undefined),
    reading,
    holds: below === "" ? () => true : holding(place.kind, below),
    inside: others.flatMap((other) => insideOf(place, other, below)),
    others,
    movedFrom: found?.movedFrom,
  };
}

/** What was held back where a source lay before is judged anew where it lies now. */
function keptOf({ source: { checkouts, furniture, held }, movedFrom }: Found): Partial<SourceInfo> {
  return {
    ...(checkouts && { checkouts }),
    ...(furniture && { furniture }),
    ...(held && movedFrom === undefined && { held }),
  };
}

interface Found {
  readonly source: SourceInfo;
  readonly reading: Source;
  /** The way from the source to the place; "": it is the source. */
  readonly below: string;
  readonly movedFrom?: string;
}

/** The outermost known source that the place is part of: what lies in two of them is one document of that. */
async function above(call: Call, place: Source, known: readonly SourceInfo[]): Promise<Found | undefined> {
  const candidates = known.filter(({ kind, location }) => {
    const way = wayDown(location, place.name);
    return way === "" || (way !== undefined && kind === "folder");
  });
  candidates.sort((a, b) => a.location.length - b.location.length);
  for (const source of candidates) {
    const reading = await place.of(call, source);
    if (reading !== undefined) return { source, reading, below: wayDown(source.location, place.name) as string };
  }
  return undefined;
}

/** A source whose place is gone, and whose documents stand here. */
async function moved(
  call: Call,
  { store, isGone }: PlacementParts,
  place: Source,
  { base, known }: { readonly base: CollectionInfo | undefined; readonly known: readonly SourceInfo[] },
): Promise<Found | undefined> {
  const gone: SourceInfo[] = [];
  for (const source of known) {
    if (source.kind === place.kind && (await isGone(source.location))) gone.push(source);
  }
  if (base === undefined || gone.length === 0) return undefined;
  const here = await hashesOf(call, place);
  let best: { source: SourceInfo; same: number } | undefined;
  for (const source of gone) {
    let [all, same] = [0, 0];
    for await (const { document, hash } of store.documents(call, base.name, source.id)) {
      all++;
      if (here.get(document) === hash) same++;
    }
    if (same > 0 && same >= all * MOVED_SHARE && same > (best?.same ?? 0)) best = { source, same };
  }
  if (best === undefined) return undefined;
  const { source } = best;
  const reading = await place.of(call, { ...source, location: place.name });
  return reading && { source, reading, below: "", movedFrom: source.location };
}

async function hashesOf(call: Call, place: Source): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for await (const item of place.read(call)) {
    if (item.kind === "document") hashes.set(item.document.document, item.document.hash);
  }
  return hashes;
}

/** The place itself, unless a source that has moved away still bears its name. */
function newId(location: string, known: readonly SourceInfo[]): string {
  const ids = new Set(known.map(({ id }) => id));
  let id = location;
  for (let number = 2; ids.has(id); number++) id = `${location}#${number}`;
  return id;
}

/** @throws AppError `conflict` for a name that another source has; `bad_request` for one that cannot be part of an address */
function nameFor(
  location: string,
  given: {
    readonly wanted: string | undefined;
    readonly before: string | undefined;
    readonly others: readonly SourceInfo[];
  },
): string {
  const { wanted, before, others } = given;
  const taken = new Set(others.map((source) => source.name));
  if (wanted === undefined) return before ?? sourceName(location, taken);
  const fits = wanted.length <= LONGEST_SOURCE_NAME && sanitizeLine(wanted) === wanted && !/[/\\]/.test(wanted);
  if (wanted === "" || !fits) {
    throw new AppError("bad_request", `${JSON.stringify(sanitizeLine(wanted))} cannot be the name of a source.`, {
      remedy: `Use 1 to ${LONGEST_SOURCE_NAME} characters without "/", "\\" and control characters.`,
    });
  }
  if (!taken.has(wanted)) return wanted;
  throw new AppError("conflict", `Another source of this collection is called ${JSON.stringify(wanted)}.`, {
    remedy: "Choose another name; `aura-retrieval sources` lists those that are taken.",
  });
}

function partOf({ name }: SourceInfo): AppError {
  return new AppError("bad_request", `What lies there is part of the source ${JSON.stringify(name)}.`, {
    remedy: "Leave --name out, or name the whole source by its own location.",
  });
}

/** @param below the way from the source that is read to the place */
function insideOf(place: Source, source: SourceInfo, below: string): Inside[] {
  const way = wayDown(place.name, source.location);
  const isPlaceItself = way === "" && below !== "";
  if (way === undefined || (way === "" && !isPlaceItself)) return [];
  const whole = [below, way].filter((part) => part !== "").join("/");
  return [
    {
      source,
      rename: (document) =>
        source.kind === "folder" ? `${whole}/${document}` : source.kind === "jsonl" ? `${whole}#${document}` : whole,
      holds: holding(source.kind, whole),
    },
  ];
}

/** A folder's documents, or a file and its records. */
function holding(kind: SourceInfo["kind"], way: string): (document: string) => boolean {
  if (kind === "folder") return (document) => document.startsWith(`${way}/`) && document !== `${way}/`;
  return (document) => document === way || document.startsWith(`${way}#`);
}

/** Sources of which the items of a reading tell that it has reached them: their files were looked at. */
export class Reached {
  readonly #inside: readonly Inside[];
  readonly #ids = new Set<string>();

  constructor(inside: readonly Inside[]) {
    this.#inside = inside;
  }

  look(item: SourceItem): void {
    if (this.#inside.length === this.#ids.size) return;
    const document = item.kind === "document" ? item.document.document : item.document;
    for (const { source, holds } of this.#inside) {
      // A file that is left out by a rule says nothing of a source that is this file.
      const isLeftOut = item.kind === "skipped" && source.kind !== "folder";
      if (!isLeftOut && holds(document)) this.#ids.add(source.id);
    }
  }

  of({ source }: DocumentKey): Inside | undefined {
    return this.#ids.has(source) ? this.#inside.find((inside) => inside.source.id === source) : undefined;
  }

  get sources(): readonly SourceInfo[] {
    return this.#inside.filter(({ source }) => this.#ids.has(source.id)).map(({ source }) => source);
  }
}
