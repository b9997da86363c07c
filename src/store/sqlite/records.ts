/** Small records of the store's users, as they are. */
import type { RecordKind } from "../../core/ledger.js";
import type { Database } from "./database.js";

export interface RecordAsk {
  readonly kind: RecordKind;
  readonly key: string;
}

interface Row {
  readonly key: string;
  readonly record: string;
}

export function getRecord(db: Database, { kind, key }: RecordAsk): unknown {
  const row = db.get<Row>("SELECT record FROM records WHERE kind = ? AND key = ?", kind, key);
  return row && JSON.parse(row.record);
}

export function putRecord(db: Database, { kind, key, record }: RecordAsk & { readonly record: object }): void {
  db.run("INSERT OR REPLACE INTO records (kind, key, record) VALUES (?, ?, ?)", kind, key, JSON.stringify(record));
}

export function listRecords(db: Database, kind: RecordKind): { key: string; record: unknown }[] {
  const rows = db.all<Row>("SELECT key, record FROM records WHERE kind = ? ORDER BY key", kind);
  return rows.map(({ key, record }) => ({ key, record: JSON.parse(record) }));
}

export function deleteRecord(db: Database, { kind, key }: RecordAsk): void {
  db.run("DELETE FROM records WHERE kind = ? AND key = ?", kind, key);
}
