/** The lexical leg: FTS5 finds and ranks; what it did not rank is scored here with the same formula. */
import { analyse } from "../../text/analyser.js";
import { bm25, bm25Max, type CorpusStats, idf } from "./bm25.js";
import type { Database } from "./database.js";
import type { Fragment } from "./filter.js";
import type { Cut, Ranked } from "./ranked.js";

export interface LexicalQuery {
  readonly corpus: CorpusStats;
  readonly idfs: ReadonlyMap<string, number>;
  readonly max: number;
}

export function lexicalQuery(db: Database, text: string): LexicalQuery {
  const corpus = db.get<CorpusStats>("SELECT points AS rows, terms FROM about") ?? { rows: 0, terms: 0 };
  const idfs = new Map<string, number>();
  for (const term of new Set(analyse(text))) {
    const found = db.get<{ rows: number }>("SELECT doc AS rows FROM term_rows WHERE term = ?", term);
    idfs.set(term, idf(corpus, found?.rows ?? 0));
  }
  return { corpus, idfs, max: bm25Max(idfs) };
}

/** @param filter a SELECT of the chunk ids to search among */
export function searchLexical(
  db: Database,
  query: LexicalQuery,
  filter: Fragment | undefined,
  { limit, stable }: Cut,
): Ranked[] {
  if (query.idfs.size === 0) return [];
  // Terms hold no quotes. "+" keeps FTS5 from running the whole match once for each row of the filter.
  const match = [...query.idfs.keys()].map((term) => `"${term}"`).join(" OR ");
  const where = filter === undefined ? "" : `AND +terms.rowid IN (${filter.sql})`;
  const [join, order] = stable ? ["CROSS JOIN chunks c ON c.id = terms.rowid", "weight, c.uuid"] : ["", "weight"];
  return db
    .all<{ id: number; weight: number }>(
      `SELECT terms.rowid AS id, bm25(terms) AS weight FROM terms ${join}
       WHERE terms MATCH ? ${where} ORDER BY ${order} LIMIT ?`,
      match,
      ...(filter?.values ?? []),
      limit,
    )
    .map((row) => ({ id: row.id, score: relative(-row.weight, query) }));
}

export function completeLexical(rows: RowTerms, query: LexicalQuery, ids: readonly number[]): Ranked[] {
  if (query.idfs.size === 0) return ids.map((id) => ({ id, score: 0 }));
  return rows.of(ids).map(({ id, terms }) => ({ id, score: relative(bm25(query.corpus, query.idfs, terms), query) }));
}

/** Terms of rows, read once for all lexical legs of a search. */
export class RowTerms {
  readonly #db: Database;
  readonly #read = new Map<number, readonly string[]>();

  constructor(db: Database) {
    this.#db = db;
  }

  of(ids: readonly number[]): { readonly id: number; readonly terms: readonly string[] }[] {
    const rows = this.#db.all<{ id: number; body: string }>(
      "SELECT rowid AS id, body FROM terms WHERE rowid IN (SELECT value FROM json_each(?))",
      JSON.stringify(ids.filter((id) => !this.#read.has(id))),
    );
    for (const { id, body } of rows) this.#read.set(id, body === "" ? [] : body.split(" "));
    return ids.flatMap((id) => {
      const terms = this.#read.get(id);
      return terms === undefined ? [] : [{ id, terms }];
    });
  }
}

function relative(score: number, query: LexicalQuery): number {
  return Math.min(1, Math.max(0, score / query.max));
}
