/** The store for production and scale: a Qdrant, one or a cluster. Nothing is asked of it before the first call. */
import type { Lease, VectorStore } from "../../core/ports.js";
import type { DocumentRecord, Filter, Job, StoredPoint } from "../../core/types.js";
import type { GuardStatus } from "../../resilience/guard.js";
import { holdLease } from "../lease.js";
import { asSeenNow, JOBS_KEPT } from "../owners.js";
import { Book } from "./book.js";
import { Collections } from "./collections.js";
import { compileFilter } from "./filter.js";
import { leaseCalls } from "./lease.js";
import { type ChunkPayload, RECORD_FIELDS, toRecord, toStoredPoint } from "./payload.js";
import { DENSE, match, pathOf, type QdrantFilter, type QdrantPoint, Requests } from "./requests.js";
import { searchCollection } from "./search.js";
import { Snapshots } from "./snapshots.js";
import { Transport, type TransportOptions } from "./transport.js";
import { removeDocuments, writeDocuments } from "./write.js";

/** Documents whose points are fetched together, to be put in order. */
const DOCUMENTS_TOGETHER = 50;

export interface QdrantStore extends VectorStore {
  /** Read at any time, without asking the server. */
  readonly guard: GuardStatus;
}

export function createQdrantStore(options: TransportOptions): QdrantStore {
  const transport = new Transport(options);
  const requests = new Requests(transport);
  const book = new Book(requests);
  const collections = new Collections(requests, book);
  const { nodes } = transport.status;
  const snapshots = new Snapshots(requests, book, collections, nodes[0] as string, options.apiKey);
  const leases = new Set<Lease>();

  /** Every document that fits, by source and id. */
  async function listDocuments(name: string, filter: QdrantFilter): Promise<DocumentRecord[]> {
    const first: QdrantFilter = { must: [match("ordinal", 0), ...(filter.must ?? [])] };
    const records: DocumentRecord[] = [];
    const points = requests.scroll<ChunkPayload>(name, { filter: first, with_payload: RECORD_FIELDS });
    for await (const { payload } of points) records.push(toRecord(payload as ChunkPayload));
    return records.sort((a, b) => compare(a.source, b.source) || compare(a.document, b.document));
  }

  async function* scroll(
    collection: string,
    filter: Filter | undefined,
    vectors: boolean,
  ): AsyncGenerator<StoredPoint, void, undefined> {
    const { name, indexes } = await collections.use(collection);
    const compiled = await compileFilter(requests, name, filter, (path) => indexes.has(path));
    if (compiled === undefined) return;
    const records = await listDocuments(name, compiled);
    for (let from = 0; from < records.length; ) {
      const { source } = records[from] as DocumentRecord;
      const together = records.slice(from, from + DOCUMENTS_TOGETHER).filter((record) => record.source === source);
      const any = together.map(({ document }) => document);
      const points: StoredPoint[] = [];
      const found = requests.scroll<ChunkPayload>(name, {
        filter: { must: [match("source", source), { key: "document", match: { any } }] },
        with_payload: true,
        ...(vectors ? { with_vector: [DENSE] } : {}),
      });
      for await (const point of found) points.push(toStoredPoint(point));
      yield* points.sort((a, b) => compare(a.record.document, b.record.document) || a.ordinal - b.ordinal);
      from += together.length;
    }
  }

  return {
    get guard() {
      return transport.status;
    },
    create: (collection, spec) => collections.create(collection, spec),
    async write(collection, documents, signal) {
      await writeDocuments(requests, collections, await collections.use(collection), documents, signal);
    },
    remove: (collection, documents) => removeDocuments(requests, collection, documents),

    async read(collection, ids, { vectors = false } = {}) {
      const { name } = await collections.use(collection);
      const body = { ids, with_payload: true, with_vector: vectors ? [DENSE] : false };
      const points = await requests.post<QdrantPoint<ChunkPayload>[]>("read", `${pathOf(name)}/points`, body);
      const byId = new Map(points.map((point) => [point.id, toStoredPoint(point)]));
      return ids.flatMap((id) => byId.get(id) ?? []);
    },
    scroll: (collection, filter, { vectors = false } = {}) => scroll(collection, filter, vectors),
    async *documents(collection, source) {
      const { name } = await collections.use(collection);
      yield* await listDocuments(name, source === undefined ? {} : { must: [match("source", source)] });
    },
    async search(collection, legs, ask, signal) {
      return searchCollection(requests, await collections.use(collection), legs, ask, signal);
    },
    async any(collection, filter) {
      const { name, indexes } = await collections.use(collection);
      const compiled = await compileFilter(requests, name, filter, (path) => indexes.has(path));
      return compiled !== undefined && (await requests.count(name, compiled)) > 0;
    },

    describe: (name) => collections.describe(name),
    list: (alias) => collections.list(alias),
    markReady: (collection) => collections.update(collection, { state: "ready" }),
    repoint: (alias, collection) => collections.repoint(alias, collection),
    drop: (collection) => collections.drop(collection),

    async lease(alias) {
      const lease = await holdLease(leaseCalls(requests, book), alias, (ended) => leases.delete(ended));
      leases.add(lease);
      return lease;
    },
    snapshot: (collection) => snapshots.take(collection),
    snapshots: () => snapshots.list(),
    restore: (snapshot, collection) => snapshots.restore(snapshot, collection),
    deleteSnapshot: (snapshot) => snapshots.delete(snapshot),

    async recordJob(job) {
      await book.put("job", job.id, job);
      const jobs = (await book.list<Job>("job")).map(({ entry }) => entry).sort(newestFirst);
      for (const { id } of jobs.slice(JOBS_KEPT)) await book.remove("job", id);
    },
    async jobs(limit) {
      const jobs = (await book.list<Job>("job")).map(({ entry }) => entry);
      return jobs.sort(newestFirst).slice(0, limit).map(asSeenNow);
    },

    async probe(signal) {
      const version = await requests.version(signal);
      await requests.get("probe", "/aliases", signal); // asks for the key, which the greeting does not
      const { size, active, waiting } = transport.status;
      return { kind: "qdrant", version, location: nodes.join(", "), pool: { size, active, waiting } };
    },
    async close() {
      await Promise.allSettled([...leases].map((lease) => lease.release()));
      await transport.close();
    },
  };
}

/** By code units, as the embedded store compares. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function newestFirst(a: Job, b: Job): number {
  return compare(b.startedAt, a.startedAt) || compare(b.id, a.id);
}
