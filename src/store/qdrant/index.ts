/** The store for production and scale: a Qdrant, one or a cluster. Nothing is asked of it before the first call. */
import { throwIfAborted } from "../../core/errors.js";
import type { Job } from "../../core/job.js";
import { noCollection } from "../../core/not-found.js";
import type { Lease, VectorStore } from "../../core/ports.js";
import type { ClientStatus } from "../../http/client.js";
import { checkText } from "../check-text.js";
import { holdLease } from "../lease.js";
import { asSeenNow, JOBS_KEPT } from "../owners.js";
import { Book } from "./book.js";
import { Collections } from "./collections.js";
import { documentsOf, pointsOf } from "./documents.js";
import type { ForeignOptions } from "./foreign.js";
import { JOBS } from "./job.js";
import { whatToBring } from "./layout.js";
import { leaseCalls } from "./lease.js";
import { checkOurName } from "./names.js";
import { type ClusterOptions, Requests, UNUSED } from "./requests.js";
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
  readonly guard: ClientStatus;
}

export function createQdrantStore(options: QdrantOptions): QdrantStore {
  const transport = new Transport(options);
  const requests = new Requests(transport, options.cluster);
  const book = new Book(requests);
  const collections = new Collections(requests, book, options);
  const { nodes } = transport.status;
  const own = { origin: nodes[0] as string, apiKey: options.apiKey };
  const snapshots = new Snapshots(requests, book, collections, own);
  const leases = new Set<Lease>();

  return {
    get guard() {
      return transport.status;
    },
    create: (call, collection, spec) => collections.create(call, collection, spec),
    async write(call, collection, documents) {
      await writeDocuments(call, { requests, collections }, await collections.use(call, collection), documents);
    },
    async remove(call, collection, documents) {
      await removeDocuments(call, requests, await collections.use(call, collection), documents);
    },
    keepSources: (call, collection, sources) => collections.update(call, collection, { sources }),

    async read(call, collection, ids, options = {}) {
      checkText("id of a passage", ids);
      const { name, layout } = await collections.use(call, collection);
      const points = await requests.read(call, name, ids.map(layout.toPointId), whatToBring(layout, options));
      const byId = new Map(points.map((point) => [String(point.id), layout.toStoredPoint(point)]));
      return ids.flatMap((id) => byId.get(id) ?? []);
    },
    async *scroll(call, collection, filter, options = {}) {
      yield* pointsOf(call, requests, await collections.use(call, collection), { ...options, filter });
    },
    async *documents(call, collection, source) {
      const known = await collections.use(call, collection);
      const filter = source === undefined ? undefined : { source };
      const place = { requests, collection: known.name, indexes: known.indexes };
      yield* documentsOf(call, requests, known, await known.layout.compileFilter(call, filter, place));
    },
    async search(call, collection, legs, ask) {
      return searchCollection(call, requests, await collections.use(call, collection), { ...ask, legs });
    },
    async any(call, collection, filter) {
      const { name, layout, indexes } = await collections.use(call, collection);
      const compiled = await layout.compileFilter(call, filter, { requests, collection: name, indexes });
      return compiled !== undefined && (await requests.count(call, name, compiled)) > 0;
    },

    describe: (call, { name }) => collections.describe(call, name),
    versions: (call, { name }) => collections.list(call, name),
    list: (call) => collections.list(call),
    publish: (call, { name }, collection) => collections.publish(call, name, collection),
    takeName: (call, { name }, collection, catchUp) => collections.takeName(call, name, collection, catchUp),
    repoint: (call, { name }, collection) => collections.repoint(call, name, collection),
    drop: (call, collection, serving) => collections.drop(call, collection, serving !== undefined),
    async scrub(call, collection) {
      throwIfAborted(call.signal);
      if (collection !== undefined && !(await requests.exists(call, collection))) throw noCollection(collection);
      return false;
    },

    async lease(call, { name }) {
      checkOurName("alias", name);
      const lease = await holdLease(call, leaseCalls(requests, book), name, (ended) => leases.delete(ended));
      leases.add(lease);
      return lease;
    },
    snapshot: (call, collection) => snapshots.take(call, collection),
    snapshots: (call) => snapshots.list(call),
    restore: (call, snapshot, collection, state) => snapshots.restore(call, snapshot, collection, state),
    deleteSnapshot: (call, snapshot) => snapshots.delete(call, snapshot),

    async recordJob(call, job) {
      await book.put(call, JOBS, job.id, job);
      const jobs = (await book.list(call, JOBS)).map(({ entry }) => entry).sort(newestFirst);
      for (const { id } of jobs.slice(JOBS_KEPT)) await book.remove(call, JOBS, id);
    },
    async jobs(call, limit, isWanted = () => true) {
      const jobs = (await book.list(call, JOBS)).map(({ entry }) => entry);
      return jobs.filter(isWanted).sort(newestFirst).slice(0, limit).map(asSeenNow);
    },

    async probe(call) {
      const version = await requests.version(call);
      // Asks for the key, which the greeting does not.
      await requests.send(call, { operation: "probe", method: "GET", path: "/aliases", ...UNUSED });
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
