/** Every call that a child process answers; `Calls` is what the parent may ask. */
import type { Claim, Fence, SnapshotRecord } from "../../core/ledger.js";
import type { StoreStatus } from "../../core/passage-index.js";
import type { DocumentsAsked, ReadOptions, ScrollOptions, SearchOptions } from "../../core/store-options.js";
import type { CollectionSpec, DocumentKey, Filter, IndexedDocument, Leg, Scope } from "../../core/types.js";
import type { Job as Task } from "../../process/serve.js";
import { Catalog } from "./catalog.js";
import { Files, type Written } from "./files.js";
import {
  deleteRecord,
  getRecord,
  listAliases,
  listRecords,
  type Move,
  moveAlias,
  putRecord,
  type RecordAsk,
  type Retirement,
  releaseLease,
  renewLease,
  retire,
  winLease,
} from "./ledger.js";
import {
  anyPoint,
  countIn,
  documentPage,
  fieldsIn,
  type PointCursor,
  pageOfSource,
  pointPage,
  readPoints,
} from "./read.js";
import { scrub } from "./scrub.js";
import { searchCollection } from "./search.js";
import { copyIn, copyOut, deleteCopy } from "./snapshots.js";
import { CAN_SCAN_IN_MEMORY, MemoryBudget } from "./vector-memory.js";
import { removeDocuments, writeDocuments } from "./write.js";

export type Calls = ReturnType<typeof createHandlers>["calls"];

export interface StoreProcessOptions {
  readonly folder: string;
  /** Most bytes of vectors held in memory; 0: the file is scanned instead. */
  readonly vectorBytes: number;
}

interface In {
  readonly collection: string;
}
interface ScrollAsk extends In {
  readonly filter: Filter | undefined;
  readonly options: ScrollOptions;
  readonly after: PointCursor | undefined;
}
interface DocumentsAsk extends In {
  readonly source: string | undefined;
  readonly scope: Scope | undefined;
  readonly after: DocumentKey | undefined;
}

export function createHandlers({ folder, vectorBytes }: StoreProcessOptions) {
  const catalog = new Catalog(folder);
  const memory = new MemoryBudget(vectorBytes);
  const files = new Files(catalog, memory);

  const calls = {
    create: (ask: Written & { spec: CollectionSpec }, task: Task) => files.create(task, ask),
    write: (ask: Written & { documents: readonly IndexedDocument[] }, task: Task) =>
      writeDocuments(task, { ...files.use(ask.collection), fence: ask.fence }, ask.documents),
    remove: (ask: Written & { documents: readonly DocumentKey[] }, task: Task) =>
      removeDocuments(task, { ...files.use(ask.collection), fence: ask.fence }, ask.documents),
    read: (ask: In & { ids: readonly string[]; options: ReadOptions }) =>
      readPoints(files.use(ask.collection).db, ask.ids, ask.options),
    pointPage: (ask: ScrollAsk) => pointPage(files.use(ask.collection).db, ask),
    documentPage: (ask: DocumentsAsk) => documentPage(files.use(ask.collection).db, ask),
    pageOfSource: (ask: In & { asked: DocumentsAsked }) => pageOfSource(files.use(ask.collection).db, ask.asked),
    search: (ask: In & { legs: readonly Leg[]; ask: SearchOptions }, task: Task) =>
      searchCollection(task, files.use(ask.collection), ask.legs, ask.ask),
    any: (ask: In & { filter: Filter; scope: Scope | undefined }) =>
      anyPoint(files.use(ask.collection).db, ask.filter, ask.scope),
    fields: (ask: In & { scope: Scope | undefined }) => fieldsIn(files.use(ask.collection).db, ask.scope),
    count: (ask: In & { scope: Scope }) => countIn(files.use(ask.collection).db, ask.scope),
    describe: (ask: In) => files.describe(ask.collection),
    drop: (ask: In) => files.drop(ask.collection),
    fence: (ask: In & { fence: Fence }, task: Task) => files.fence(task, ask.collection, ask.fence),
    copyOut: (ask: In & { snapshot: string }, task: Task) => copyOut(task, files, ask.collection, ask.snapshot),
    copyIn: (ask: Written & { snapshot: SnapshotRecord }, task: Task) => copyIn(task, files, ask),
    deleteCopy: (ask: { snapshot: SnapshotRecord }) => deleteCopy(files, ask.snapshot),
    scrub: (ask: { collection: string | undefined }, task: Task) => scrub(task, files, ask.collection),

    getRecord: (ask: RecordAsk) => getRecord(catalog, ask),
    putRecord: (ask: Parameters<typeof putRecord>[2], task: Task) => putRecord(task, catalog, ask),
    listRecords: (ask: Pick<RecordAsk, "kind">) => listRecords(catalog, ask),
    deleteRecord: (ask: RecordAsk) => deleteRecord(catalog, ask),
    aliases: () => listAliases(catalog),
    moveAlias: (ask: Move, task: Task) => moveAlias(task, catalog, ask),
    retire: (ask: Retirement, task: Task) => retire(task, catalog, ask),
    winLease: (ask: { claim: Claim; takeAway: boolean }, task: Task) =>
      winLease(task, catalog, ask.claim, ask.takeAway),
    renewLease: (ask: { claim: Claim; fence: Fence }) => renewLease(catalog, ask.claim, ask.fence),
    releaseLease: (ask: { claim: Claim }) => releaseLease(catalog, ask.claim),

    probe(): StoreStatus {
      const versions = catalog.db.get<{ sqlite: string; vec: string }>(
        "SELECT sqlite_version() AS sqlite, vec_version() AS vec, (SELECT count(*) FROM records) AS answers",
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
  return { calls, close: () => files.close() };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
