/** The embedded store: SQLite files in one folder. All SQL runs in child processes, off the event loop. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Call } from "../../core/call.js";
import type { Ledger } from "../../core/ledger.js";
import type { PassageIndex } from "../../core/passage-index.js";
import type { VectorStore } from "../../core/ports.js";
import type { DocumentKey, DocumentRecord, StoredPoint } from "../../core/types.js";
import { createVectorStore } from "../vector-store.js";
import { whileWanted } from "../with-call.js";
import { Client } from "./client.js";
import { candidatesOf } from "./found.js";
import type { Calls } from "./handlers.js";
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

interface Processes {
  /** Searches, and the short steps of the ledger that must not wait behind a batch or a copy. */
  readonly reader: Client;
  /** Started when questions come faster than one process answers them. */
  readonly secondReader: Client;
  readonly writer: Client;
}

const of = ({ signal }: Call) => ({ signal });
const urgent = ({ signal }: Call) => ({ signal, urgent: true });
/** What every question asks first, three at once: reads of a row or two. */
const quick = ({ signal }: Call) => ({ signal, urgent: true, isQuick: true });

/** Opens nothing and starts nothing before the first call. */
export function createSqliteStore(options: SqliteStoreOptions): VectorStore {
  const folder = resolve(options.folder);
  const reading = { folder, vectorBytes: options.vectorMemoryMb * 2 ** 20 };
  const processes: Processes = {
    reader: new Client(reading, READER_HANGS_AFTER_MS),
    secondReader: new Client(reading, READER_HANGS_AFTER_MS),
    writer: new Client({ folder, vectorBytes: 0 }, options.writerHangsAfterMs ?? WRITER_HANGS_AFTER_MS),
  };
  const { leaseTermMs } = options;
  const leases = { leaseTermMs, releaseWithinMs: RELEASE_WITHIN_MS };
  return createVectorStore(indexIn(processes), ledgerIn(processes), leases);
}

function indexIn({ reader, secondReader, writer }: Processes): PassageIndex {
  const canSpread = availableParallelism() > 1;
  /** A short wait is cheaper than a process: the second one takes what would be third in line. */
  const free = () => (canSpread && reader.busy > secondReader.busy + 1 ? secondReader : reader);
  return {
    create: (call, collection, spec, fence) => writer.call("create", { collection, spec, fence }, of(call)),
    write: (call, collection, documents, fence) => writer.call("write", { collection, documents, fence }, of(call)),
    remove: (call, collection, documents, fence) => writer.call("remove", { collection, documents, fence }, of(call)),
    read: (call, collection, ids, options = {}) => free().call("read", { collection, ids, options }, urgent(call)),
    scroll: (call, collection, filter, options = {}) => scroll(call, reader, { collection, filter, options }),
    documents: (call, collection, source, scope) => documents(call, reader, { collection, source, scope }),
    documentPage: (call, collection, asked) => free().call("pageOfSource", { collection, asked }, urgent(call)),
    search: async (call, collection, legs, ask) =>
      candidatesOf(await free().call("search", { collection, legs, ask }, urgent(call))),
    any: (call, collection, filter, scope) => reader.call("any", { collection, filter, scope }, urgent(call)),
    fields: (call, collection, scope) => reader.call("fields", { collection, scope }, urgent(call)),
    count: (call, collection, scope) => free().call("count", { collection, scope }, urgent(call)),
    // Not a process of its own for a question that takes no time.
    describe: (call, collection) => reader.call("describe", { collection }, quick(call)),
    drop: (call, collection) => writer.call("drop", { collection }, of(call)),
    // Waits for the transaction of whoever is writing into it: searches must not.
    fence: (call, collection, fence) => writer.call("fence", { collection, fence }, of(call)),
    copyOut: (call, collection, snapshot) => writer.call("copyOut", { collection, snapshot }, of(call)),
    copyIn: (call, snapshot, collection, fence) => writer.call("copyIn", { snapshot, collection, fence }, of(call)),
    deleteCopy: (call, snapshot) => writer.call("deleteCopy", { snapshot }, of(call)),
    async scrub(call, collection) {
      await writer.call("scrub", { collection }, of(call));
      return true;
    },
    standsStill: () => writer.standsStill,
    probe: (call) => reader.call("probe", undefined, urgent(call)),
    async close() {
      await Promise.all([reader.close(), secondReader.close(), writer.close()]);
    },
  };
}

function ledgerIn({ reader }: Processes): Ledger {
  return {
    get: (call, kind, key) => reader.call("getRecord", { kind, key }, quick(call)),
    put: (call, kind, entry, fence) => reader.call("putRecord", { kind, ...entry, fence }, urgent(call)),
    list: (call, kind) => reader.call("listRecords", { kind }, urgent(call)),
    delete: (call, kind, key) => reader.call("deleteRecord", { kind, key }, urgent(call)),
    aliases: async (call) => new Map(await reader.call("aliases", undefined, quick(call))),
    moveAlias: (call, alias, collection, terms) => reader.call("moveAlias", { alias, collection, terms }, urgent(call)),
    retire: (call, collection, record, options) => reader.call("retire", { collection, record, options }, urgent(call)),
    leases: {
      win: (call, claim, takeAway) => reader.call("winLease", { claim, takeAway }, urgent(call)),
      renew: (call, claim, fence) => reader.call("renewLease", { claim, fence }, urgent(call)),
      release: (call, claim) => reader.call("releaseLease", { claim }, urgent(call)),
    },
  };
}

type Ask<Name extends "pointPage" | "documentPage"> = Omit<Parameters<Calls[Name]>[0], "after">;

async function* scroll(
  call: Call,
  client: Client,
  ask: Ask<"pointPage">,
): AsyncGenerator<StoredPoint, void, undefined> {
  let after: PointCursor | undefined;
  do {
    const page = await client.call("pointPage", { ...ask, after }, of(call));
    yield* whileWanted(call, page.rows);
    const last = page.isLast ? undefined : page.rows.at(-1);
    after = last && { source: last.record.source, document: last.record.document, ordinal: last.ordinal };
  } while (after !== undefined);
}

async function* documents(
  call: Call,
  client: Client,
  ask: Ask<"documentPage">,
): AsyncGenerator<DocumentRecord, void, undefined> {
  let after: DocumentKey | undefined;
  do {
    const page = await client.call("documentPage", { ...ask, after }, of(call));
    yield* whileWanted(call, page.rows);
    const last = page.isLast ? undefined : page.rows.at(-1);
    after = last && { source: last.source, document: last.document };
  } while (after !== undefined);
}
