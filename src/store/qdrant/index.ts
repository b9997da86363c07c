/** The store for production and scale: a Qdrant, one or a cluster. Nothing is asked of it before the first call. */
import { throwIfAborted } from "../../core/errors.js";
import type { Job } from "../../core/job.js";
import type { Fence, Lease } from "../../core/ledger.js";
import { noCollection } from "../../core/not-found.js";
import type { VectorStore } from "../../core/ports.js";
import type { ClientStatus } from "../../http/client.js";
import { checkText } from "../check-text.js";
import { holdLease } from "../lease.js";
import { asSeenNow, JOBS_KEPT } from "../owners.js";
import { Book } from "./book.js";
import { Collections } from "./collections.js";
import { countIn, documentPage, documentsOf, pointsOf } from "./documents.js";
import { Fences } from "./fences.js";
import type { ForeignOptions } from "./foreign.js";
import { JOBS } from "./job.js";
import { whatToBring } from "./layout.js";
import { leaseCalls } from "./lease.js";
import { checkOurName } from "./names.js";
import { recordsIn } from "./records.js";
import { type ClusterOptions, Requests, UNUSED } from "./requests.js";
import { searchCollection } from "./search.js";
import { isPointId } from "./shapes.js";
import { Snapshots } from "./snapshots.js";
import { Transport, type TransportOptions } from "./transport.js";
import { removeDocuments, writeDocuments } from "./write.js";

/** One way that works on all of them, instead of two that must agree. */
const API_USED = "1.11; nothing that came later (collection metadata 1.16, conditional writes 1.17)";

export interface QdrantOptions extends TransportOptions, ForeignOptions {
  readonly cluster: ClusterOptions;
  /** How long a lease lasts that is not renewed; default 60 s. */
  readonly leaseTermMs?: number;
}

export interface QdrantStore extends VectorStore {
  /** Read at any time, without asking the server. */
  readonly guard: ClientStatus;
}

export function createQdrantStore(options: QdrantOptions): QdrantStore {
  const transport = new Transport(options);
  const requests = new Requests(transport, options.cluster);
  const book = new Book(requests);
  const fences = new Fences(requests);
  const collections = new Collections(requests, book, fences, options);
  const { nodes } = transport.status;
  const own = { origin: nodes[0] as string, apiKey: options.apiKey };
  const snapshots = new Snapshots(requests, book, collections, own);
  const leases = new Set<Lease>();
  const writer = (fence: Fence | undefined) => ({ requests, collections, fences, fence });

  return {
    get guard() {
      return transport.status;
    },
    records: recordsIn(book),
    create: (call, collection, spec, fence) => collections.create(call, collection, spec, fence),
    async write(call, collection, documents, fence) {
      await writeDocuments(call, writer(fence), await collections.use(call, collection), documents);
    },
    async remove(call, collection, documents, fence) {
      await removeDocuments(call, writer(fence), await collections.use(call, collection), documents);
    },
    keepSources: (call, collection, sources, fence) => collections.update(call, collection, { sources }, fence),

    async read(call, collection, ids, options = {}) {
      checkText("id of a passage", ids);
      const { name, layout } = await collections.use(call, collection);
      const possible = ids.filter(isPointId).map(layout.toPointId);
      const points = await requests.read(call, name, possible, whatToBring(layout, options));
      const byId = new Map(points.map((point) => [String(point.id), layout.toStoredPoint(point)]));
      return ids.flatMap((id) => byId.get(id) ?? []);
    },
    async *scroll(call, collection, filter, options = {}) {
      yield* pointsOf(call, requests, await collections.use(call, collection), { ...options, filter });
    },
    async *documents(call, collection, source, scope) {
      const known = await collections.use(call, collection);
      const filter = source === undefined ? undefined : { source };
      const place = { requests, collection: known.name, indexes: known.indexes, scope };
      yield* documentsOf(call, requests, known, await known.layout.compileFilter(call, filter, place));
    },
    async documentPage(call, collection, asked) {
      return documentPage(call, requests, await collections.use(call, collection), asked);
    },
    async search(call, collection, legs, ask) {
      return searchCollection(call, requests, await collections.use(call, collection), { ...ask, legs });
    },
    async any(call, collection, filter, scope) {
      const { name, layout, indexes } = await collections.use(call, collection);
      const compiled = await layout.compileFilter(call, filter, { requests, collection: name, indexes, scope });
      return compiled !== undefined && (await requests.count(call, name, compiled)) > 0;
    },
    async count(call, collection, scope) {
      return countIn(call, requests, await collections.use(call, collection), scope);
    },

    describe: (call, { name }) => collections.describe(call, name),
    versions: (call, { name }) => collections.list(call, name),
    list: (call) => collections.list(call),
    publish: (call, { name }, collection, terms = {}) => collections.publish(call, name, collection, terms),
    takeName: (call, { name }, collection, catchUp) => collections.takeName(call, name, collection, catchUp),
    repoint: (call, { name }, collection, terms = {}) => collections.repoint(call, name, collection, terms),
    drop: (call, collection, options) => collections.drop(call, collection, options),
    async scrub(call, collection) {
      throwIfAborted(call.signal);
      if (collection !== undefined && !(await requests.exists(call, collection))) throw noCollection(collection);
      return false;
    },

    async lease(call, { name }, { takeAway } = {}) {
      checkOurName("alias", name);
      const released = (ended: Lease) => leases.delete(ended);
      const holding = { takeAway, termMs: options.leaseTermMs, released };
      const lease = await holdLease(call, leaseCalls(requests, book, fences), name, holding);
      leases.add(lease);
      return lease;
    },
    snapshot: (call, collection) => snapshots.take(call, collection),
    snapshots: (call) => snapshots.list(call),
    async restore(call, snapshot, collection, { state, fence } = {}) {
      await fences.assertHeld(call, fence);
      await snapshots.restore(call, snapshot, collection, state);
    },
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
