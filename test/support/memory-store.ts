/** A backend in memory: the least that keeps the contract, and what the pipeline's own tests run on. */
import { createHash } from "node:crypto";
import { AppError, throwIfAborted } from "#src/core/errors.js";
import type { CollectionRecord, Fence, KeyedRecord, Ledger } from "#src/core/ledger.js";
import { noCollection } from "#src/core/not-found.js";
import type { PassageIndex } from "#src/core/passage-index.js";
import { passageText } from "#src/core/passage-text.js";
import { fitsPath } from "#src/core/path-pattern.js";
import type { VectorStore } from "#src/core/ports.js";
import type {
  Condition,
  DocumentKey,
  DocumentRecord,
  Filter,
  IndexedDocument,
  Point,
  Scalar,
  Scope,
  StoredPoint,
} from "#src/core/types.js";
import { dot } from "#src/core/vector.js";
import { idf, maxScore, rarity, termWeight } from "#src/store/bm25.js";
import { checkFilter, checkKeys, checkLegTexts, checkText } from "#src/store/check-text.js";
import { compare } from "#src/store/compare.js";
import { checkRange, isList, isPatternOf, isRange, upperBound } from "#src/store/conditions.js";
import { lexicalTerms } from "#src/store/lexical-terms.js";
import { type Held, isServing, leaseLost, refuseIfHeld, servesAnother } from "#src/store/owners.js";
import { checkDocument, checkLimit, checkQuery, textHash } from "#src/store/points.js";
import { createVectorStore } from "#src/store/vector-store.js";
import { questionTerms } from "#src/text/analyser.js";

interface Collection {
  readonly dimension: number;
  /** By source and id. */
  readonly documents: Map<string, IndexedDocument>;
}

interface Won extends Held {
  readonly token: number;
}

/** Newest lease of each alias. */
type WonLeases = Map<string, Won>;

export function createMemoryStore(): VectorStore {
  const won: WonLeases = new Map();
  return createVectorStore(createMemoryIndex(won), createMemoryLedger(won));
}

function assertHolds(won: WonLeases, fence: Fence | undefined): void {
  if (fence !== undefined && won.get(fence.alias)?.token !== fence.token) throw leaseLost(fence.alias);
}

function createMemoryLedger(won: WonLeases): Ledger {
  const records = new Map<string, KeyedRecord & { readonly kind: string }>();
  const aliases = new Map<string, string>();
  const recordOf = (collection: string) => records.get(`collection ${collection}`);
  const put = (kind: string, key: string, record: object) =>
    void records.set(`${kind} ${key}`, { kind, key, record: structuredClone(record) });
  return {
    async get(call, kind, key) {
      throwIfAborted(call.signal);
      return structuredClone(records.get(`${kind} ${key}`)?.record);
    },
    async put(call, kind, { key, record }, fence) {
      throwIfAborted(call.signal);
      assertHolds(won, fence);
      put(kind, key, record);
    },
    async list(call, kind) {
      throwIfAborted(call.signal);
      const found = [...records.values()].filter((each) => each.kind === kind);
      return found.map(({ key, record }) => ({ key, record })).sort((a, b) => compare(a.key, b.key));
    },
    async delete(call, kind, key) {
      throwIfAborted(call.signal);
      records.delete(`${kind} ${key}`);
    },
    async aliases(call) {
      throwIfAborted(call.signal);
      return new Map(aliases);
    },
    async moveAlias(call, alias, collection, { from, fence }) {
      throwIfAborted(call.signal);
      assertHolds(won, fence);
      const record = recordOf(collection)?.record as CollectionRecord | undefined;
      if (record === undefined || record.state === "dropping") throw noCollection(collection);
      const previous = aliases.get(alias);
      if (from !== undefined && from !== (previous ?? null)) throw servesAnother(alias, previous, collection);
      aliases.set(alias, collection);
      return previous === undefined ? {} : { previous };
    },
    async retire(call, collection, record, { serving = false, fence }) {
      throwIfAborted(call.signal);
      assertHolds(won, fence);
      const serve = [...aliases].filter(([, served]) => served === collection);
      if (serve.length > 0 && !serving) throw isServing(collection);
      for (const [alias] of serve) aliases.delete(alias);
      if (record !== undefined) put("collection", collection, record);
    },
    leases: {
      async win(call, { alias, owner, termMs }, takeAway) {
        throwIfAborted(call.signal);
        const held = won.get(alias);
        if (!takeAway) refuseIfHeld(alias, held, owner);
        const token = (held?.token ?? 0) + 1;
        won.set(alias, { owner, expiresAt: Date.now() + termMs, token });
        return token;
      },
      async renew(_call, { owner, termMs }, fence) {
        assertHolds(won, fence);
        won.set(fence.alias, { owner, expiresAt: Date.now() + termMs, token: fence.token });
      },
      async release(_call, { alias, owner }) {
        const held = won.get(alias);
        if (held?.owner === owner) won.set(alias, { ...held, owner: "", expiresAt: 0 });
      },
    },
  };
}

function createMemoryIndex(won: WonLeases): PassageIndex {
  const collections = new Map<string, Collection>();
  const copies = new Map<string, Collection>();
  function use(name: string): Collection {
    const collection = collections.get(name);
    if (collection === undefined) throw noCollection(name);
    return collection;
  }
  const copyOf = ({ dimension, documents }: Collection) => ({ dimension, documents: new Map(documents) });

  return {
    async create(call, name, { fingerprint: { dimension } }, fence) {
      throwIfAborted(call.signal);
      assertHolds(won, fence);
      collections.set(name, { dimension, documents: new Map() });
    },
    async write(call, name, documents, fence) {
      throwIfAborted(call.signal);
      const collection = use(name);
      assertHolds(won, fence);
      for (const document of documents) checkDocument(document, collection.dimension);
      for (const document of documents) collection.documents.set(keyOf(document), document);
    },
    async remove(call, name, documents, fence) {
      throwIfAborted(call.signal);
      checkKeys(documents);
      const collection = use(name);
      assertHolds(won, fence);
      for (const document of documents) collection.documents.delete(keyOf(document));
    },
    async read(call, name, ids, options = {}) {
      throwIfAborted(call.signal);
      checkText("id of a passage", ids);
      const points = new Map(allPoints(use(name)).map((each) => [each.point.id, each]));
      return ids.flatMap((id) => {
        const found = points.get(id);
        return found === undefined ? [] : [toStored(found, options)];
      });
    },
    async *scroll(call, name, filter, options = {}) {
      throwIfAborted(call.signal);
      const { fromOrdinal = 0 } = options;
      const collection = use(name);
      for (const document of fitting(collection, filter)) {
        for (const point of document.points) {
          throwIfAborted(call.signal);
          if (point.ordinal >= fromOrdinal) yield toStored({ document, point }, options);
        }
      }
    },
    async *documents(call, name, source, scope) {
      throwIfAborted(call.signal);
      for (const { points: _, ...record } of fitting(use(name), source === undefined ? {} : { source }, scope)) {
        throwIfAborted(call.signal);
        yield record;
      }
    },
    async documentPage(call, name, { source, prefix = "", from = "", limit }) {
      throwIfAborted(call.signal);
      checkText("name of a source or document", [source, prefix, from]);
      const found = fitting(use(name), { source }).filter(
        ({ document }) => document >= from && document.startsWith(prefix),
      );
      const documents = found.slice(0, limit).map(({ document, title }) => ({ document, title, place: document }));
      return { documents, next: found[limit]?.document };
    },
    async search(call, name, legs, { limit, filter, scope }) {
      throwIfAborted(call.signal);
      checkLimit(limit);
      checkFilter(filter);
      checkLegTexts(legs);
      const collection = use(name);
      const all = allPoints(collection);
      for (const leg of legs) if (leg.kind === "dense") checkQuery(leg.vector, collection.dimension);
      const rows = [...collection.documents.values()].flatMap(lexicalTerms);
      const scored = legs.map((leg) => {
        if (leg.kind === "dense")
          return all.map(({ point: { vector } }) => (vector === undefined ? 0 : dot(vector, leg.vector)));
        return leg.kind === "lexical" ? lexicalScores(rows, leg.text) : exactScores(rows, leg.term);
      });
      const wanted = new Set(fitting(collection, filter, scope));
      const places = all.flatMap(({ document }, place) => (wanted.has(document) ? [place] : []));
      const best = legs.flatMap((leg, i) => {
        const scores = scored[i] as number[];
        const isFound = (place: number) =>
          leg.kind === "dense" ? all[place]?.point.vector !== undefined : (scores[place] as number) > 0;
        const ranked = places.filter(isFound);
        return ranked.sort((a, b) => (scores[b] as number) - (scores[a] as number)).slice(0, limit);
      });
      return [...new Set(best)].map((place) => {
        const { document, point } = all[place] as Passage;
        const { id, ordinal } = point;
        const scores = scored.map((of) => of[place] as number);
        const hash = textHash(passageText(point));
        return { id, source: document.source, document: document.document, ordinal, textHash: hash, scores };
      });
    },
    async any(call, name, filter, scope) {
      throwIfAborted(call.signal);
      return fitting(use(name), filter, scope).length > 0;
    },
    async fields(call, name, scope) {
      throwIfAborted(call.signal);
      const types = new Map<string, Set<"text" | "number">>();
      for (const { metadata } of fitting(use(name), {}, scope)) {
        for (const [field, value] of Object.entries(metadata)) {
          const own = types.get(field) ?? new Set();
          for (const each of [value].flat()) own.add(typeof each === "number" ? "number" : "text");
          if (own.size > 0) types.set(field, own);
        }
      }
      const found = [...types].map(([field, own]) => ({ name: field, types: [...own].sort().reverse() }));
      return found.sort((a, b) => compare(a.name, b.name));
    },
    async count(call, name, scope) {
      throwIfAborted(call.signal);
      return countsOf(fitting(use(name), {}, scope));
    },
    async describe(call, name) {
      throwIfAborted(call.signal);
      const collection = collections.get(name);
      return collection && { dimension: collection.dimension, ...countsOf([...collection.documents.values()]) };
    },
    async drop(call, name) {
      throwIfAborted(call.signal);
      return collections.delete(name);
    },
    async fence(call) {
      // Whoever writes asks for the newest lease itself.
      throwIfAborted(call.signal);
    },
    async copyOut(call, name, snapshot) {
      throwIfAborted(call.signal);
      const copy = copyOf(use(name));
      copies.set(snapshot, copy);
      const bytes = JSON.stringify([...copy.documents]);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      return { ...countsOf([...copy.documents.values()]), bytes: bytes.length, sha256 };
    },
    async copyIn(call, { info }, name, fence) {
      throwIfAborted(call.signal);
      const copy = copies.get(info.name);
      if (copy === undefined) throw new AppError("store_down", "The copy is gone.", { remedy: "Restore another." });
      assertHolds(won, fence);
      collections.set(name, copyOf(copy));
    },
    async deleteCopy(call, { info }) {
      throwIfAborted(call.signal);
      copies.delete(info.name);
    },
    async scrub(call) {
      throwIfAborted(call.signal);
      return true;
    },
    standsStill: () => false,
    async probe(call) {
      throwIfAborted(call.signal);
      return { kind: "sqlite", version: "memory", location: "memory" };
    },
    async close() {},
  };
}

interface Passage {
  readonly document: IndexedDocument;
  readonly point: Point;
}

function keyOf({ source, document }: DocumentKey): string {
  return JSON.stringify([source, document]);
}

function countsOf(documents: readonly IndexedDocument[]): { points: number; documents: number } {
  return { documents: documents.length, points: documents.reduce((sum, { points }) => sum + points.length, 0) };
}

function allPoints({ documents }: Collection): Passage[] {
  return [...documents.values()].flatMap((document) => document.points.map((point) => ({ document, point })));
}

function toStored(
  { document, point }: Passage,
  { vectors, tokens }: { readonly vectors?: boolean; readonly tokens?: boolean },
): StoredPoint {
  const { points: _, ...record }: IndexedDocument & DocumentRecord = document;
  const { vector, tokens: packed, ...rest } = point;
  return { ...rest, record, ...(vectors && { vector }), ...(tokens && packed && { tokens: packed }) };
}

/** By source and id. */
function fitting({ documents }: Collection, filter: Filter = {}, scope?: Scope): IndexedDocument[] {
  checkFilter(filter);
  const conditions = Object.entries(filter).filter(([, condition]) => condition !== undefined);
  for (const [key, condition] of conditions) if (isRange(condition)) checkRange(condition, key);
  const found = [...documents.values()].filter(
    (document) =>
      isInScope(document, scope) &&
      conditions.every(([key, condition]) => fits(key, valuesOf(document, key), condition)),
  );
  return found.sort((a, b) => compare(a.source, b.source) || compare(a.document, b.document));
}

function isInScope({ source, document }: DocumentKey, scope: Scope | undefined): boolean {
  return scope?.some((part) => part.source === source && document.startsWith(part.folder ?? "")) ?? true;
}

function valuesOf(document: IndexedDocument, key: string): readonly Scalar[] {
  if (key === "source" || key === "document") return [document[key]];
  return Object.hasOwn(document.metadata, key) ? [document.metadata[key] ?? []].flat() : [];
}

function fits(key: string, values: readonly Scalar[], condition: Condition): boolean {
  if (!isRange(condition)) {
    const wanted = isList(condition) ? condition : [condition];
    const isWanted = (value: Scalar) => (each: Scalar) =>
      each === value || (isPatternOf(key, each) && fitsPath(each, String(value)));
    return values.some((value) => wanted.some(isWanted(value)));
  }
  const { gte, lte } = condition;
  const most = typeof lte === "string" ? upperBound(lte) : lte;
  const isOfType = (value: Scalar): value is string | number => typeof value === typeof (gte ?? lte);
  return values.some(
    (value) => isOfType(value) && (gte === undefined || value >= gte) && (most === undefined || value <= most),
  );
}

function exactScores(rows: readonly (readonly string[])[], term: string): number[] {
  const has = rows.map((row) => row.includes(term));
  const worth = rarity(rows.length, has.filter(Boolean).length);
  return has.map((each) => (each ? worth : 0));
}

function lexicalScores(rows: readonly (readonly string[])[], text: string): number[] {
  const idfs = questionTerms(text).map((term) => {
    return { term, weight: idf(rows.length, rows.filter((row) => row.includes(term)).length) };
  });
  const most = maxScore(idfs.map(({ weight }) => weight));
  return rows.map((row) => {
    const score = idfs.reduce((sum, { term, weight }) => {
      const frequency = row.filter((each) => each === term).length;
      return frequency === 0 ? sum : sum + weight * termWeight(frequency, row.length);
    }, 0);
    return most === 0 ? 0 : score / most;
  });
}
