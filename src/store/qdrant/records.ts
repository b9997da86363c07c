/** Small records of the store's users, in the book. */
import type { RecordKind, Records } from "../../core/ledger.js";
import type { Book, Kind } from "./book.js";
import { object } from "./shapes.js";

export function recordsIn(book: Book): Records {
  const kindOf = (kind: RecordKind): Kind<object> => ({ name: `record_${kind}`, entry: object });
  return {
    get: (call, kind, key) => book.find(call, kindOf(kind), key),
    put: (call, kind, key, record) => book.put(call, kindOf(kind), key, record),
    async list(call, kind) {
      const found = await book.list(call, kindOf(kind));
      return found.map(({ name: key, entry: record }) => ({ key, record })).sort((a, b) => (a.key < b.key ? -1 : 1));
    },
    delete: (call, kind, key) => book.remove(call, kindOf(kind), key),
  };
}
