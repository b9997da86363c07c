/**
 * The ledger, in one transaction of the catalogue each. Each lease that is won has a token that is larger than all before;
 * the newest one stands in the catalogue and in the file of each version, where whoever writes compares it within its own
 * transaction.
 */
import type {
  Claim,
  CollectionRecord,
  Fence,
  KeyedRecord,
  OwnRecordKind,
  RecordKind,
  Switched,
  SwitchTerms,
} from "../../core/ledger.js";
import { noCollection } from "../../core/not-found.js";
import type { Job } from "../../process/serve.js";
import { type Held, isServing, leaseLost, refuseIfHeld, servesAnother } from "../owners.js";
import type { Catalog } from "./catalog.js";
import type { Database } from "./database.js";

export interface RecordAsk {
  readonly kind: RecordKind | OwnRecordKind;
  readonly key: string;
}

interface RecordRow {
  readonly key: string;
  readonly record: string;
}

export function getRecord({ db }: Catalog, { kind, key }: RecordAsk): unknown {
  const row = db.get<RecordRow>("SELECT record FROM records WHERE kind = ? AND key = ?", kind, key);
  return row && JSON.parse(row.record);
}

export function putRecord(
  job: Job,
  { db }: Catalog,
  { kind, key, record, fence }: RecordAsk & { readonly record: object; readonly fence?: Fence | undefined },
): Promise<void> {
  return db.write(job, () => {
    assertHolds(db, fence);
    db.run("INSERT OR REPLACE INTO records (kind, key, record) VALUES (?, ?, ?)", kind, key, JSON.stringify(record));
  });
}

export function listRecords({ db }: Catalog, { kind }: Pick<RecordAsk, "kind">): KeyedRecord[] {
  const rows = db.all<RecordRow>("SELECT key, record FROM records WHERE kind = ? ORDER BY key", kind);
  return rows.map(({ key, record }) => ({ key, record: JSON.parse(record) }));
}

export function deleteRecord({ db }: Catalog, { kind, key }: RecordAsk): void {
  db.run("DELETE FROM records WHERE kind = ? AND key = ?", kind, key);
}

interface AliasRow {
  readonly alias: string;
  readonly collection: string;
}

export function listAliases({ db }: Catalog): (readonly [alias: string, collection: string])[] {
  return db.all<AliasRow>("SELECT alias, collection FROM aliases").map(({ alias, collection }) => [alias, collection]);
}

export interface Move {
  readonly alias: string;
  readonly collection: string;
  readonly terms: SwitchTerms;
}

export function moveAlias(job: Job, catalog: Catalog, { alias, collection, terms }: Move): Promise<Switched> {
  const { db } = catalog;
  return db.write(job, () => {
    assertHolds(db, terms.fence);
    if (catalog.createdAt(collection) === undefined) throw noCollection(collection);
    const previous = db.get<AliasRow>("SELECT alias, collection FROM aliases WHERE alias = ?", alias)?.collection;
    if (terms.from !== undefined && terms.from !== (previous ?? null)) throw servesAnother(alias, previous, collection);
    db.run("INSERT OR REPLACE INTO aliases (alias, collection) VALUES (?, ?)", alias, collection);
    return previous === undefined ? {} : { previous };
  });
}

export interface Retirement {
  readonly collection: string;
  readonly record: CollectionRecord | undefined;
  readonly options: { readonly serving?: boolean | undefined; readonly fence?: Fence | undefined };
}

export function retire(job: Job, { db }: Catalog, { collection, record, options }: Retirement): Promise<void> {
  return db.write(job, () => {
    assertHolds(db, options.fence);
    const isServed = db.get("SELECT 1 FROM aliases WHERE collection = ?", collection) !== undefined;
    if (isServed && !options.serving) throw isServing(collection);
    db.run("DELETE FROM aliases WHERE collection = ?", collection);
    const sql = "UPDATE records SET record = ? WHERE kind = 'collection' AND key = ?";
    if (record !== undefined) db.run(sql, JSON.stringify(record), collection);
  });
}

/** @returns its token, the same when the owner has it already @throws AppError `conflict` naming the holder */
export function winLease(job: Job, { db }: Catalog, claim: Claim, takeAway: boolean): Promise<number> {
  const { alias, owner, termMs } = claim;
  return db.write(job, () => {
    const now = Date.now();
    const held = db.get<Held & { token: number }>(
      "SELECT owner, expires_at AS expiresAt, token FROM leases WHERE alias = ?",
      alias,
    );
    if (!takeAway) refuseIfHeld(alias, held, owner);
    // Larger than what an earlier catalogue gave, too, should this one be new beside files that are not.
    const token = held?.owner === owner ? held.token : Math.max((held?.token ?? 0) + 1, now);
    const sql = "INSERT OR REPLACE INTO leases (alias, owner, expires_at, token) VALUES (?, ?, ?, ?)";
    db.run(sql, alias, owner, now + termMs, token);
    return token;
  });
}

/** @throws AppError `conflict` when it was won by somebody else since */
export function renewLease({ db }: Catalog, { alias, owner, termMs }: Claim, { token }: Fence): void {
  const sql = "UPDATE leases SET expires_at = ? WHERE alias = ? AND owner = ? AND token = ?";
  if (db.run(sql, Date.now() + termMs, alias, owner, token).changes === 0) throw leaseLost(alias);
}

/** The token stays, for the next one to be larger. */
export function releaseLease({ db }: Catalog, { alias, owner }: Claim): void {
  db.run("UPDATE leases SET owner = '', expires_at = 0 WHERE alias = ? AND owner = ?", alias, owner);
}

/** Within a transaction of the catalogue. @throws AppError `conflict` when the lease was lost */
export function assertHolds(db: Database, fence: Fence | undefined): void {
  if (fence === undefined) return;
  const newest = db.get<{ token: number }>("SELECT token FROM leases WHERE alias = ?", fence.alias);
  if (newest?.token !== fence.token) throw leaseLost(fence.alias);
}

/** Within a transaction of a version's file. @throws AppError `conflict` when a newer lease was won */
export function assertNewest(db: Database, fence: Fence | undefined): void {
  if (fence === undefined) return;
  const newest = db.get<{ fence: number }>("SELECT fence FROM about");
  if ((newest?.fence ?? 0) > fence.token) throw leaseLost(fence.alias);
}

/** From now on nobody writes into the version under an older lease. @throws AppError `conflict` when there is a newer one */
export function raiseFence(job: Job, db: Database, fence: Fence): Promise<void> {
  return db.write(job, () => {
    assertNewest(db, fence);
    db.run("UPDATE about SET fence = ?", fence.token);
  });
}
