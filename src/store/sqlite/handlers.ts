/** Every call that a child process answers; `Calls` is what the parent may ask. */
import type { Job } from "../../core/job.js";
import type { DocumentsAsked, ReadOptions, ScrollOptions, StoreStatus } from "../../core/ports.js";
import type { CollectionSpec, DocumentKey, Filter, IndexedDocument, Leg, SourceInfo } from "../../core/types.js";
import type { Job as Task } from "../../process/serve.js";
import { checkName } from "../names.js";
import { Catalog } from "./catalog.js";
import { Collections } from "./collections.js";
import { listJobs, recordJob } from "./jobs.js";
import { releaseLease, takeLease } from "./leases.js";
import { anyPoint, documentPage, type PointCursor, pageOfSource, pointPage, readPoints } from "./read.js";
import { searchCollection } from "./search.js";
import { deleteSnapshot, listSnapshots, restoreSnapshot, takeSnapshot } from "./snapshots.js";
import { CAN_SCAN_IN_MEMORY, MemoryBudget } from "./vector-memory.js";
import { removeDocuments, writeDocuments } from "./write.js";

export type Calls = ReturnType<typeof createHandlers>["calls"];

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
    create: (ask: { collection: string; spec: CollectionSpec; uid: string }, task: Task) =>
      collections.create(task, ask.collection, ask.spec, ask.uid),
    write(ask: { collection: string; documents: readonly IndexedDocument[] }, task: Task) {
      const { db, spec } = collections.useExactly(ask.collection);
      return writeDocuments(task, db, spec, ask.documents);
    },
    remove: (ask: { collection: string; documents: readonly DocumentKey[] }, task: Task) =>
      removeDocuments(task, collections.useExactly(ask.collection).db, ask.documents),

    keepSources(ask: { collection: string; sources: readonly SourceInfo[] }) {
      const { db } = collections.useExactly(ask.collection);
      db.run("UPDATE about SET sources = ?", JSON.stringify(ask.sources));
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
    documentPage(ask: { collection: string; source: string | undefined; after: DocumentKey | undefined }) {
      const { db, name } = collections.use(ask.collection);
      return { collection: name, ...documentPage(db, ask) };
    },
    pageOfSource: (ask: { collection: string; asked: DocumentsAsked }) =>
      pageOfSource(collections.use(ask.collection).db, ask.asked),
    search(
      ask: { collection: string; legs: readonly Leg[]; ask: { limit: number; filter?: Filter | undefined } },
      task: Task,
    ) {
      return searchCollection(task, collections.use(ask.collection), ask.legs, ask.ask);
    },
    any: (ask: { collection: string; filter: Filter }) => anyPoint(collections.use(ask.collection).db, ask.filter),

    describe: (ask: { name: string }) => collections.describe(ask.name),
    list: (ask: { alias: string | undefined }, task: Task) => collections.list(task, ask.alias),
    publish(ask: { alias: string; collection: string }, task: Task) {
      checkName("alias", ask.alias);
      return catalog.publish(task, ask.alias, ask.collection);
    },
    repoint(ask: { alias: string; collection: string }, task: Task) {
      checkName("alias", ask.alias);
      return catalog.repoint(task, ask.alias, ask.collection);
    },
    drop: (ask: { collection: string }, task: Task) => collections.drop(task, ask.collection),

    takeLease(ask: { alias: string; owner: string }, task: Task) {
      checkName("alias", ask.alias);
      return takeLease(task, catalog.db, ask.alias, ask.owner);
    },
    releaseLease: (ask: { alias: string; owner: string }) => releaseLease(catalog.db, ask.alias, ask.owner),
    snapshot: (ask: { collection: string; name: string }, task: Task) =>
      takeSnapshot(task, collections, ask.collection, ask.name),
    snapshots: () => listSnapshots(collections),
    restore: (ask: { snapshot: string; collection: string; uid: string }, task: Task) =>
      restoreSnapshot(task, collections, ask),
    deleteSnapshot: (ask: { snapshot: string }) => deleteSnapshot(collections, ask.snapshot),
    recordJob: (ask: { job: Job }, task: Task) => recordJob(task, catalog.db, ask.job),
    jobs: () => listJobs(catalog.db),

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
