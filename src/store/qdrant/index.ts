/** The store for production and scale: a Qdrant, one or a cluster. Nothing is asked of it before the first call. */

import type { Job } from "../../core/job.js";
import type { Lease, VectorStore } from "../../core/ports.js";
import type { GuardStatus } from "../../resilience/guard.js";
import { holdLease } from "../lease.js";
import { asSeenNow, JOBS_KEPT } from "../owners.js";
import { Book } from "./book.js";
import { Collections } from "./collections.js";
import { documentsOf, pointsOf } from "./documents.js";
import type { ForeignOptions } from "./foreign.js";
import { whatToBring } from "./layout.js";
import { leaseCalls } from "./lease.js";
import { type ClusterOptions, Requests } from "./requests.js";
import { searchCollection } from "./search.js";
import { Snapshots } from "./snapshots.js";
import { Transport, type TransportOptions } from "./transport.js";
import { removeDocuments, writeDocuments } from "./write.js";

/** One way that works on all of them, instead of two that must agree. */
const API_USED = "1.11; nothing that came later (collection metadata 1.16, conditional writes 1.17)";

export interface QdrantOptions extends TransportOptions, ForeignOptions {
  readonly cluster: ClusterOptions;
}

export interface QdrantStore extends VectorStore {
  /** Read at any time, without asking the server. */
  readonly guard: GuardStatus;
}

export function createQdrantStore(options: QdrantOptions): QdrantStore {
  const transport = new Transport(options);
  const requests = new Requests(transport, options.cluster);
  const book = new Book(requests);
  const collections = new Collections(requests, book, options);
  const { nodes } = transport.status;
  const snapshots = new Snapshots(requests, book, collections, nodes[0] as string, options.apiKey);
  const leases = new Set<Lease>();

  return {
    get guard() {
      return transport.status;
    },
    create: (collection, spec) => collections.create(collection, spec),
    async write(collection, documents, signal) {
      await writeDocuments(requests, collections, await collections.use(collection), documents, signal);
    },
    async remove(collection, documents) {
      await removeDocuments(requests, await collections.use(collection), documents);
    },

    async read(collection, ids, options = {}) {
      const { name, layout } = await collections.use(collection, options.signal);
      const wanted = { ...whatToBring(layout, options), signal: options.signal };
      const points = await requests.read(name, ids.map(layout.toPointId), wanted);
      const byId = new Map(points.map((point) => [String(point.id), layout.toStoredPoint(point)]));
      return ids.flatMap((id) => byId.get(id) ?? []);
    },
    async *scroll(collection, filter, options = {}) {
      yield* pointsOf(requests, await collections.use(collection), filter, options);
    },
    async *documents(collection, source) {
      const known = await collections.use(collection);
      const filter = source === undefined ? undefined : { source };
      yield* documentsOf(
        requests,
        known,
        await known.layout.compileFilter(requests, known.name, filter, known.indexes),
      );
    },
    async search(collection, legs, ask, signal) {
      return searchCollection(requests, await collections.use(collection, signal), legs, ask, signal);
    },
    async any(collection, filter, signal) {
      const { name, layout, indexes } = await collections.use(collection, signal);
      const compiled = await layout.compileFilter(requests, name, filter, indexes);
      return compiled !== undefined && (await requests.count(name, compiled, signal)) > 0;
    },

    describe: (name, signal) => collections.describe(name, signal),
    list: (alias) => collections.list(alias),
    publish: (alias, collection) => collections.publish(alias, collection),
    takeName: (name, collection, catchUp) => collections.takeName(name, collection, catchUp),
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
      const { size, active, waiting, breaker, healthy } = transport.status;
      return {
        kind: "qdrant",
        version,
        location: nodes.join(", "),
        pool: { size, active, waiting },
        breaker,
        nodes: { total: nodes.length, healthy },
        api: API_USED,
      };
    },
    async close() {
      await Promise.allSettled([...leases].map((lease) => lease.release()));
      await transport.close();
    },
  };
}

function newestFirst(a: Job, b: Job): number {
  return a.startedAt === b.startedAt ? (a.id < b.id ? 1 : -1) : a.startedAt < b.startedAt ? 1 : -1;
}
