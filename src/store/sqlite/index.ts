/** The embedded store: SQLite files in one folder. All SQL runs in child processes, off the event loop. */
import { randomBytes, randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Call } from "../../core/call.js";
import type { Lease } from "../../core/ledger.js";
import type { VectorStore } from "../../core/ports.js";
import type { ScrollOptions } from "../../core/store-options.js";
import type { DocumentKey, DocumentRecord, Filter, Scope, StoredPoint } from "../../core/types.js";
import { holdLease, type LeaseCalls } from "../lease.js";
import { whileWanted } from "../with-call.js";
import { Client } from "./client.js";
import { candidatesOf } from "./found.js";
import type { PointCursor } from "./read.js";

/** Far beyond any query, a first one that reads all vectors included. */
const READER_HANGS_AFTER_MS = 60_000;
/**
 * Far beyond a unit of work; and sooner than the lease ends that is no longer renewed meanwhile, so that it never writes
 * beside the next holder.
 */
const WRITER_HANGS_AFTER_MS = 30_000;
/** How long `close` waits for leases to be given back: those of a process that has ended are free anyway. */
const RELEASE_WITHIN_MS = 1_000;

export interface SqliteStoreOptions {
  /** Created on the first call, readable by this user only. */
  readonly folder: string;
  /**
   * Most memory that vectors may take in a reading process, in MiB, so that the dense leg scans them there; beyond it
   * sqlite-vec scans the file.
   */
  readonly vectorMemoryMb: number;
  /** Silence during a call that ends the writing process; default 30 s. */
  readonly writerHangsAfterMs?: number;
  /** How long a lease lasts that is not renewed; default 60 s. */
  readonly leaseTermMs?: number;
}

/** Opens nothing and starts nothing before the first call. */
export function createSqliteStore(options: SqliteStoreOptions): VectorStore {
  const folder = resolve(options.folder);
  const reading = { folder, vectorBytes: options.vectorMemoryMb * 2 ** 20 };
  /** Searches, and the short catalogue writes that must not wait behind a batch or a snapshot. */
  const reader = new Client(reading, READER_HANGS_AFTER_MS);
  /** Started when questions come faster than one process answers them. */
  const secondReader = new Client(reading, READER_HANGS_AFTER_MS);
  const writer = new Client({ folder, vectorBytes: 0 }, options.writerHangsAfterMs ?? WRITER_HANGS_AFTER_MS);
  const canSpread = availableParallelism() > 1;
  /** A short wait is cheaper than a process: the second one takes what would be third in line. */
  const freeReader = () => (canSpread && reader.busy > secondReader.busy + 1 ? secondReader : reader);
  const leases = new Set<Lease>();
  const of = ({ signal }: Call) => ({ signal });
  const urgent = ({ signal }: Call) => ({ signal, urgent: true });
  const leaseCalls: LeaseCalls = {
    async win(call, claim, takeAway) {
      const token = await reader.call("takeLease", { claim, takeAway }, urgent(call));
      // Waits for the transaction of whoever is writing into a version: searches must not.
      await writer.call("fence", { fence: { alias: claim.alias, token } }, of(call));
      return token;
    },
    renew: (call, claim, fence) => reader.call("renewLease", { claim, fence }, urgent(call)),
    release: (call, claim) => reader.call("releaseLease", { claim }, urgent(call)),
    standsStill: () => writer.standsStill,
  };

  return {
    records: {
      get: (call, kind, key) => reader.call("getRecord", { kind, key }, urgent(call)),
      put: (call, kind, key, record) => reader.call("putRecord", { kind, key, record }, urgent(call)),
      list: (call, kind) => reader.call("listRecords", { kind }, urgent(call)),
      delete: (call, kind, key) => reader.call("deleteRecord", { kind, key }, urgent(call)),
    },
    create: (call, collection, spec, fence) =>
      writer.call("create", { collection, spec, uid: randomUUID(), fence }, of(call)),
    write: (call, collection, documents, fence) => writer.call("write", { collection, documents, fence }, of(call)),
    remove: (call, collection, documents, fence) => writer.call("remove", { collection, documents, fence }, of(call)),
    keepSources: (call, collection, sources, fence) =>
      writer.call("keepSources", { collection, sources, fence }, of(call)),

    read: (call, collection, ids, options = {}) =>
      freeReader().call("read", { collection, ids, options }, urgent(call)),
    scroll: (call, collection, filter, options = {}) => scroll(call, reader, { collection, filter, options }),
    documents: (call, collection, source, scope) => documents(call, reader, { collection, source, scope }),
    documentPage: (call, collection, asked) => freeReader().call("pageOfSource", { collection, asked }, urgent(call)),
    search: async (call, collection, legs, ask) =>
      candidatesOf(await freeReader().call("search", { collection, legs, ask }, urgent(call))),
    any: (call, collection, filter, scope) => reader.call("any", { collection, filter, scope }, urgent(call)),
    count: (call, collection, scope) => freeReader().call("count", { collection, scope }, urgent(call)),

    describe: (call, { name }) => freeReader().call("describe", { name }, urgent(call)),
    versions: (call, { name: alias }) => reader.call("list", { alias }, urgent(call)),
    list: (call) => reader.call("list", { alias: undefined }, urgent(call)),
    publish: (call, { name: alias }, collection, terms = {}) =>
      writer.call("publish", { alias, collection, terms }, of(call)),
    repoint: (call, { name: alias }, collection, terms = {}) =>
      reader.call("repoint", { alias, collection, terms }, urgent(call)),
    drop: (call, collection, options) => writer.call("drop", { collection, ...options }, of(call)),
    async scrub(call, collection) {
      await writer.call("scrub", { collection }, of(call));
      return true;
    },

    async lease(call, alias, { takeAway } = {}) {
      const released = (ended: Lease) => leases.delete(ended);
      const lease = await holdLease(call, leaseCalls, alias.name, { takeAway, termMs: options.leaseTermMs, released });
      leases.add(lease);
      return lease;
    },
    snapshot: (call, collection) => writer.call("snapshot", { collection, name: snapshotName(collection) }, of(call)),
    snapshots: (call) => reader.call("snapshots", undefined, urgent(call)),
    restore: (call, snapshot, collection, options) =>
      writer.call("restore", { snapshot, collection, uid: randomUUID(), ...options }, of(call)),
    deleteSnapshot: (call, snapshot) => writer.call("deleteSnapshot", { snapshot }, of(call)),
    recordJob: (call, job) => reader.call("recordJob", { job }, of(call)),
    async jobs(call, limit, isWanted = () => true) {
      return (await reader.call("jobs", undefined, of(call))).filter(isWanted).slice(0, limit);
    },

    probe: (call) => reader.call("probe", undefined, urgent(call)),
    async close() {
      const released = Promise.allSettled([...leases].map((lease) => lease.release()));
      await Promise.race([released, setTimeout(RELEASE_WITHIN_MS, undefined, { ref: false })]);
      await Promise.all([reader.close(), secondReader.close(), writer.close()]);
    },
  };
}

/** Page after page, from the collection that the first page came from. */
async function* scroll(
  call: Call,
  client: Client,
  ask: { collection: string; filter: Filter | undefined; options: ScrollOptions },
): AsyncGenerator<StoredPoint, void, undefined> {
  let { collection } = ask;
  let after: PointCursor | undefined;
  do {
    const page = await client.call("pointPage", { ...ask, collection, after }, { signal: call.signal });
    yield* whileWanted(call, page.rows);
    collection = page.collection;
    const last = page.isLast ? undefined : page.rows.at(-1);
    after = last && { source: last.record.source, document: last.record.document, ordinal: last.ordinal };
  } while (after !== undefined);
}

async function* documents(
  call: Call,
  client: Client,
  ask: { collection: string; source: string | undefined; scope: Scope | undefined },
): AsyncGenerator<DocumentRecord, void, undefined> {
  let { collection } = ask;
  let after: DocumentKey | undefined;
  do {
    const page = await client.call("documentPage", { ...ask, collection, after }, { signal: call.signal });
    yield* whileWanted(call, page.rows);
    collection = page.collection;
    const last = page.isLast ? undefined : page.rows.at(-1);
    after = last && { source: last.source, document: last.document };
  } while (after !== undefined);
}

/** Sorts by time; two processes may take one at the same moment. */
function snapshotName(collection: string): string {
  const time = new Date().toISOString().replace(/[-:.]/g, "");
  return `${collection}-${time}-${randomBytes(2).toString("hex")}`;
}
