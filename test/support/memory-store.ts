/** A store in memory: the least that keeps the contract, and what the pipeline's own tests run on. */
import { createHash } from "node:crypto";
import { AppError, throwIfAborted } from "#src/core/errors.js";
import type { Job } from "#src/core/job.js";
import type { Fence, Lease, RecordKind, SwitchTerms } from "#src/core/ledger.js";
import { noCollection, noSnapshot } from "#src/core/not-found.js";
import type { VectorStore } from "#src/core/ports.js";
import type {
  CollectionInfo,
  CollectionSpec,
  Condition,
  DocumentKey,
  DocumentRecord,
  Filter,
  IndexedDocument,
  Point,
  Scalar,
  Scope,
  SnapshotInfo,
  SourceInfo,
  StoredPoint,
} from "#src/core/types.js";
import { dot } from "#src/core/vector.js";
import { idf, maxScore, termWeight } from "#src/store/bm25.js";
import { checkFilter, checkKeys, checkLegTexts, checkText } from "#src/store/check-text.js";
import { checkRange, isList, isRange } from "#src/store/conditions.js";
import { holdLease, type LeaseCalls } from "#src/store/lease.js";
import { checkName } from "#src/store/names.js";
import { asSeenNow, type Held, JOBS_KEPT, leaseLost, refuseIfHeld, servesAnother } from "#src/store/owners.js";
import { checkDocument, checkLimit, checkQuery, textHash } from "#src/store/points.js";
import { analyse } from "#src/text/analyser.js";

interface Collection {
  readonly name: string;
  readonly spec: CollectionSpec;
  readonly createdAt: string;
  state: "building" | "ready";
  sources: readonly SourceInfo[] | undefined;
  /** By source and id. */
  documents: Map<string, IndexedDocument>;
}

interface Kept {
  readonly info: SnapshotInfo;
  readonly documents: Map<string, IndexedDocument>;
  readonly sources: readonly SourceInfo[] | undefined;
}

interface Won extends Held {
  readonly token: number;
}

export function createMemoryStore(): VectorStore {
  const collections = new Map<string, Collection>();
  const aliases = new Map<string, string>();
  const snapshots: Kept[] = [];
  const won = new Map<string, Won>();
  const jobs = new Map<string, Job>();
  const records = new Map<string, { readonly kind: RecordKind; readonly key: string; readonly record: object }>();
  const leases = new Set<Lease>();
  let lastAt = 0;

  const find = (nameOrAlias: string) => collections.get(aliases.get(nameOrAlias) ?? nameOrAlias);
  function use(nameOrAlias: string): Collection {
    checkName("collection", nameOrAlias);
    const collection = find(nameOrAlias);
    if (collection === undefined) throw noCollection(nameOrAlias);
    return collection;
  }
  const isServing = ({ name }: Collection) => [...aliases.values()].includes(name);
  function assertHeld(fence: Fence | undefined): void {
    if (fence !== undefined && won.get(fence.alias)?.token !== fence.token) throw leaseLost(fence.alias);
  }
  function add(name: string, made: Omit<Collection, "name" | "createdAt">): void {
    checkName("collection", name);
    checkName("alias", made.spec.alias);
    if (name === made.spec.alias || collections.has(name) || aliases.has(name)) {
      throw new AppError("conflict", `The name "${name}" is taken.`, { remedy: "Choose another name." });
    }
    lastAt = Math.max(Date.now(), lastAt + 1); // each later than the one before
    collections.set(name, { name, createdAt: new Date(lastAt).toISOString(), ...made });
  }
  function repoint(alias: string, name: string, { from, fence }: SwitchTerms = {}): { previous?: string } {
    checkName("alias", alias);
    const target = use(name);
    assertHeld(fence);
    const previous = aliases.get(alias);
    if (from !== undefined && from !== (previous ?? null)) throw servesAnother(alias, previous, name);
    if (target.state !== "ready") {
      throw new AppError("conflict", `The collection "${name}" is not complete.`, { remedy: "Run reindex again." });
    }
    aliases.set(alias, target.name);
    return previous === undefined ? {} : { previous };
  }
  const info = (collection: Collection): CollectionInfo => {
    const { name, spec, state, sources, createdAt } = collection;
    const { dimension } = spec.fingerprint;
    const counts = countsOf([...collection.documents.values()]);
    return {
      name,
      alias: spec.alias,
      spec,
      dimension,
      state,
      sources,
      createdAt,
      serving: isServing(collection),
      ...counts,
    };
  };
  const newestFirst = () => [...collections.values()].reverse();
  const leaseCalls: LeaseCalls = {
    standsStill: () => false,
    async win(_call, { alias, owner, termMs }, takeAway) {
      const held = won.get(alias);
      if (!takeAway) refuseIfHeld(alias, held, owner);
      const token = (held?.token ?? 0) + 1;
      won.set(alias, { owner, expiresAt: Date.now() + termMs, token });
      return token;
    },
    async renew(_call, { owner, termMs }, fence) {
      assertHeld(fence);
      won.set(fence.alias, { owner, expiresAt: Date.now() + termMs, token: fence.token });
    },
    async release(_call, { alias, owner }) {
      const held = won.get(alias);
      if (held?.owner === owner) won.set(alias, { ...held, owner: "", expiresAt: 0 });
    },
  };

  const store: VectorStore = {
    records: {
      async get(call, kind, key) {
        throwIfAborted(call.signal);
        return structuredClone(records.get(`${kind} ${key}`)?.record);
      },
      async put(call, kind, key, record) {
        throwIfAborted(call.signal);
        records.set(`${kind} ${key}`, { kind, key, record: structuredClone(record) });
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
    },
    async create(call, name, spec, fence) {
      throwIfAborted(call.signal);
      assertHeld(fence);
      add(name, { spec, state: "building", sources: undefined, documents: new Map() });
    },
    async write(call, name, documents, fence) {
      throwIfAborted(call.signal);
      const collection = use(name);
      assertHeld(fence);
      for (const document of documents) checkDocument(document, collection.spec.fingerprint.dimension);
      for (const document of documents) collection.documents.set(keyOf(document), document);
    },
    async remove(call, name, documents, fence) {
      throwIfAborted(call.signal);
      checkKeys(documents);
      const collection = use(name);
      assertHeld(fence);
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
    async keepSources(call, name, sources, fence) {
      throwIfAborted(call.signal);
      const collection = use(name);
      assertHeld(fence);
      collection.sources = structuredClone(sources);
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
      for (const leg of legs) if (leg.kind === "dense") checkQuery(leg.vector, collection.spec.fingerprint.dimension);
      const rows = all.map(({ point }) => analyse(point.embedText));
      const scored = legs.map((leg) =>
        leg.kind === "dense" ? all.map(({ point }) => dot(point.vector, leg.vector)) : lexicalScores(rows, leg.text),
      );
      const wanted = new Set(fitting(collection, filter, scope));
      const places = all.flatMap(({ document }, place) => (wanted.has(document) ? [place] : []));
      const best = legs.flatMap((leg, i) => {
        const scores = scored[i] as number[];
        const ranked = places.filter((place) => leg.kind === "dense" || (scores[place] as number) > 0);
        return ranked.sort((a, b) => (scores[b] as number) - (scores[a] as number)).slice(0, limit);
      });
      return [...new Set(best)].map((place) => {
        const { document, point } = all[place] as Passage;
        const { id, ordinal, text } = point;
        const scores = scored.map((of) => of[place] as number);
        return { id, source: document.source, document: document.document, ordinal, textHash: textHash(text), scores };
      });
    },
    async any(call, name, filter, scope) {
      throwIfAborted(call.signal);
      return fitting(use(name), filter, scope).length > 0;
    },
    async count(call, name, scope) {
      throwIfAborted(call.signal);
      return countsOf(fitting(use(name), {}, scope));
    },
    async describe(call, { name }) {
      throwIfAborted(call.signal);
      checkName("collection", name);
      const collection = find(name);
      return collection && info(collection);
    },
    async versions(call, { name }) {
      throwIfAborted(call.signal);
      checkName("alias", name);
      return newestFirst()
        .filter(({ spec }) => spec.alias === name)
        .map(info);
    },
    async list(call) {
      throwIfAborted(call.signal);
      return newestFirst().map(info);
    },
    async publish(call, { name: alias }, name, terms) {
      throwIfAborted(call.signal);
      checkName("alias", alias);
      const target = use(name);
      const before = target.state;
      target.state = "ready";
      try {
        return repoint(alias, name, terms);
      } catch (error) {
        target.state = before;
        throw error;
      }
    },
    async repoint(call, { name: alias }, name, terms) {
      throwIfAborted(call.signal);
      return repoint(alias, name, terms);
    },
    async lease(call, { name }, { takeAway } = {}) {
      checkName("alias", name);
      const lease = await holdLease(call, leaseCalls, name, { takeAway, released: (ended) => leases.delete(ended) });
      leases.add(lease);
      return lease;
    },
    async snapshot(call, name) {
      throwIfAborted(call.signal);
      const { spec, documents, sources, name: collection } = use(name);
      const sha256 = createHash("sha256")
        .update(JSON.stringify([...documents]))
        .digest("hex");
      const counts = countsOf([...documents.values()]);
      const named = { name: `${collection}-${snapshots.length}-${Date.now()}`, collection, spec, ...counts };
      const made = {
        ...named,
        bytes: JSON.stringify([...documents]).length,
        sha256,
        createdAt: new Date().toISOString(),
      };
      snapshots.unshift({ info: made, documents: new Map(documents), sources });
      return made;
    },
    async snapshots(call) {
      throwIfAborted(call.signal);
      return snapshots.map((kept) => kept.info);
    },
    async restore(call, snapshot, name, { state = "ready", fence } = {}) {
      throwIfAborted(call.signal);
      checkText("name of a snapshot", [snapshot]);
      const kept = snapshots.find((each) => each.info.name === snapshot);
      if (kept === undefined) throw noSnapshot(snapshot);
      assertHeld(fence);
      add(name, { spec: kept.info.spec, state, sources: kept.sources, documents: new Map(kept.documents) });
    },
    async deleteSnapshot(call, snapshot) {
      throwIfAborted(call.signal);
      checkText("name of a snapshot", [snapshot]);
      const place = snapshots.findIndex((each) => each.info.name === snapshot);
      if (place >= 0) snapshots.splice(place, 1);
      return place >= 0;
    },
    async drop(call, name, { serving = false, fence } = {}) {
      throwIfAborted(call.signal);
      checkName("collection", name);
      const collection = collections.get(name);
      assertHeld(fence);
      if (collection === undefined) return false;
      if (isServing(collection) && !serving) {
        throw new AppError("conflict", `The collection "${name}" is being served.`, { remedy: "Serve another first." });
      }
      for (const [alias, served] of aliases) if (served === name) aliases.delete(alias);
      return collections.delete(name);
    },
    async scrub(call, name) {
      throwIfAborted(call.signal);
      if (name !== undefined) use(name);
      return true;
    },
    async recordJob(call, job) {
      throwIfAborted(call.signal);
      jobs.set(job.id, structuredClone(job));
      for (const { id } of [...jobs.values()].sort(latestFirst).slice(JOBS_KEPT)) jobs.delete(id);
    },
    async jobs(call, limit, isWanted = () => true) {
      throwIfAborted(call.signal);
      return [...jobs.values()].filter(isWanted).sort(latestFirst).slice(0, limit).map(asSeenNow);
    },
    async probe(call) {
      throwIfAborted(call.signal);
      return { kind: "sqlite", version: "memory", location: "memory" };
    },
    async close() {
      await Promise.allSettled([...leases].map((lease) => lease.release()));
    },
  };
  return store;
}

interface Passage {
  readonly document: IndexedDocument;
  readonly point: Point;
}

function keyOf({ source, document }: DocumentKey): string {
  return JSON.stringify([source, document]);
}

/** By code units. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function latestFirst(a: Job, b: Job): number {
  return compare(b.startedAt, a.startedAt) || compare(b.id, a.id);
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
      isInScope(document, scope) && conditions.every(([key, condition]) => fits(valuesOf(document, key), condition)),
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

function fits(values: readonly Scalar[], condition: Condition): boolean {
  if (!isRange(condition)) {
    const wanted = isList(condition) ? condition : [condition];
    return values.some((value) => wanted.includes(value));
  }
  const { gte, lte } = condition;
  const isOfType = (value: Scalar): value is string | number => typeof value === typeof (gte ?? lte);
  return values.some(
    (value) => isOfType(value) && (gte === undefined || value >= gte) && (lte === undefined || value <= lte),
  );
}

function lexicalScores(rows: readonly (readonly string[])[], text: string): number[] {
  const idfs = [...new Set(analyse(text))].map((term) => {
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
