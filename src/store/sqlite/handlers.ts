/** Every call that a child process answers; `Calls` is what the parent may ask. */
import type { Job } from "../../core/job.js";
import type { Fence, RecordKind } from "../../core/ledger.js";
import type { StoreStatus } from "../../core/ports.js";
import type { DocumentsAsked, DropOptions, ReadOptions, ScrollOptions } from "../../core/store-options.js";
import type { DocumentKey, Filter, IndexedDocument, Leg, Scope, SourceInfo } from "../../core/types.js";
import type { Job as Task } from "../../process/serve.js";
import type { Claim } from "../lease.js";
import { checkName } from "../names.js";
import { Catalog, type Switch } from "./catalog.js";
import { Collections, type NewCollection } from "./collections.js";
import { listJobs, recordJob } from "./jobs.js";
import { assertNewest, releaseLease, renewLease, takeLease } from "./leases.js";
import { anyPoint, countIn, documentPage, type PointCursor, pageOfSource, pointPage, readPoints } from "./read.js";
import { deleteRecord, getRecord, listRecords, putRecord, type RecordAsk } from "./records.js";
import { scrub } from "./scrub.js";
import { searchCollection } from "./search.js";
import { deleteSnapshot, listSnapshots, type Restore, restoreSnapshot, takeSnapshot } from "./snapshots.js";
import { CAN_SCAN_IN_MEMORY, MemoryBudget } from "./vector-memory.js";
import { removeDocuments, writeDocuments } from "./write.js";

export type Calls = ReturnType<typeof createHandlers>["calls"];

/** In which version something is written, and under which lease. */
interface Written {
  readonly collection: string;
  readonly fence?: Fence | undefined;
}

export interface StoreProcessOptions {
  readonly folder: string;
  /** Most bytes of vectors held in memory; 0: the file is scanned instead. */
  readonly vectorBytes: number;
}

export function createHandlers({ folder, vectorBytes }: StoreProcessOptions) {
  const catalog = new Catalog(folder);
  const memory = new MemoryBudget(vectorBytes);
  const collections = new Collections(catalog, memory);

  const calls = {
    create: (ask: NewCollection, task: Task) => collections.create(task, ask),
    write(ask: Written & { documents: readonly IndexedDocument[] }, task: Task) {
      const { db, spec } = collections.useExactly(ask.collection);
      return writeDocuments(task, { db, spec, fence: ask.fence }, ask.documents);
    },
    remove(ask: Written & { documents: readonly DocumentKey[] }, task: Task) {
      const { db } = collections.useExactly(ask.collection);
      return removeDocuments(task, { db, fence: ask.fence }, ask.documents);
    },
    keepSources(ask: Written & { sources: readonly SourceInfo[] }, task: Task) {
      const { db } = collections.useExactly(ask.collection);
      return db.write(task, () => {
        assertNewest(db, ask.fence);
        db.run("UPDATE about SET sources = ?", JSON.stringify(ask.sources));
      });
    },

    read: (ask: { collection: string; ids: readonly string[]; options: ReadOptions }) =>
      readPoints(collections.use(ask.collection).db, ask.ids, ask.options),
    /** Names the collection too: an alias that moves meanwhile does not move the scroll. */
    pointPage(ask: {
      collection: string;
      filter: Filter | undefined;
      options: ScrollOptions;
      after: PointCursor | undefined;
    }) {
      const { db, name } = collections.use(ask.collection);
      return { collection: name, ...pointPage(db, ask) };
    },
    documentPage(ask: {
      collection: string;
      source: string | undefined;
      scope: Scope | undefined;
      after: DocumentKey | undefined;
    }) {
      const { db, name } = collections.use(ask.collection);
      return { collection: name, ...documentPage(db, ask) };
    },
    pageOfSource: (ask: { collection: string; asked: DocumentsAsked }) =>
      pageOfSource(collections.use(ask.collection).db, ask.asked),
    search(
      ask: {
        collection: string;
        legs: readonly Leg[];
        ask: { limit: number; filter?: Filter | undefined; scope?: Scope | undefined };
      },
      task: Task,
    ) {
      return searchCollection(task, collections.use(ask.collection), ask.legs, ask.ask);
    },
    any: (ask: { collection: string; filter: Filter; scope: Scope | undefined }) =>
      anyPoint(collections.use(ask.collection).db, ask.filter, ask.scope),
    count: (ask: { collection: string; scope: Scope }) => countIn(collections.use(ask.collection).db, ask.scope),

    describe: (ask: { name: string }) => collections.describe(ask.name),
    list: (ask: { alias: string | undefined }, task: Task) => collections.list(task, ask.alias),
    publish(ask: Switch, task: Task) {
      checkName("alias", ask.alias);
      return catalog.publish(task, ask);
    },
    repoint(ask: Switch, task: Task) {
      checkName("alias", ask.alias);
      return catalog.repoint(task, ask);
    },
    drop: (ask: { collection: string } & DropOptions, task: Task) => collections.drop(task, ask.collection, ask),
    scrub: (ask: { collection: string | undefined }, task: Task) => scrub(task, collections, ask.collection),

    takeLease(ask: { claim: Claim; takeAway: boolean }, task: Task) {
      checkName("alias", ask.claim.alias);
      return takeLease(task, catalog.db, ask.claim, ask.takeAway);
    },
    fence: (ask: { fence: Fence }, task: Task) => collections.fence(task, ask.fence),
    renewLease: (ask: { claim: Claim; fence: Fence }) => renewLease(catalog.db, ask.claim, ask.fence),
    releaseLease: (ask: { claim: Claim }) => releaseLease(catalog.db, ask.claim),
    snapshot: (ask: { collection: string; name: string }, task: Task) =>
      takeSnapshot(task, collections, ask.collection, ask.name),
    snapshots: () => listSnapshots(collections),
    restore: (ask: Restore, task: Task) => restoreSnapshot(task, collections, ask),
    deleteSnapshot: (ask: { snapshot: string }) => deleteSnapshot(collections, ask.snapshot),
    recordJob: (ask: { job: Job }, task: Task) => recordJob(task, catalog.db, ask.job),
    jobs: () => listJobs(catalog.db),

    getRecord: (ask: RecordAsk) => getRecord(catalog.db, ask),
    putRecord: (ask: RecordAsk & { record: object }) => putRecord(catalog.db, ask),
    listRecords: (ask: { kind: RecordKind }) => listRecords(catalog.db, ask.kind),
    deleteRecord: (ask: RecordAsk) => deleteRecord(catalog.db, ask),

    probe(): StoreStatus {
      const versions = catalog.db.get<{ sqlite: string; vec: string }>(
        "SELECT sqlite_version() AS sqlite, vec_version() AS vec, (SELECT count(*) FROM collections) AS answers",
      );
      return {
        kind: "sqlite",
        version: `${versions?.sqlite}, sqlite-vec ${versions?.vec}`,
        location: folder,
        denseScan: CAN_SCAN_IN_MEMORY
          ? `in memory up to ${megabytes(vectorBytes)} MB (${megabytes(memory.used)} MB now), else in the file`
          : "in the file: usearch has no binary for this platform",
      };
    },
  };
  return { calls, close: () => collections.close() };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
