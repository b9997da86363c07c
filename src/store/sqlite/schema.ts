/** Tables of the two kinds of file. A change here raises the file's version. */

export interface FileKind {
  /** `PRAGMA application_id`, so that `file(1)` and we know it. */
  readonly applicationId: number;
  /** `PRAGMA user_version`; a file with a newer one is refused. */
  readonly version: number;
  readonly tables: string;
  /** `upgrades[i]` turns a file of version i + 1 into one of version i + 2. */
  readonly upgrades: readonly string[];
}

/** Of version 2; version 1 had another, which no command wrote. */
const SNAPSHOTS = `
    CREATE TABLE snapshots (
      name TEXT PRIMARY KEY,
      collection TEXT NOT NULL,
      spec TEXT NOT NULL,
      points INTEGER NOT NULL,
      documents INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      sha256 TEXT NOT NULL,
      created_at TEXT NOT NULL
    );`;

const RECORDS = `
    CREATE TABLE records (kind TEXT, key TEXT, record TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;`;

const ALIASES = `
    CREATE TABLE aliases (alias TEXT PRIMARY KEY, collection TEXT NOT NULL) WITHOUT ROWID;`;

/** Collections, snapshots and jobs had tables of their own. */
const TO_RECORDS = `
    INSERT INTO records SELECT 'collection', name,
      json_object('spec', json(spec), 'state', state, 'createdAt', created_at) FROM collections;
    INSERT INTO records SELECT 'snapshot', name, json_object('info', json_object('name', name, 'collection', collection,
      'spec', json(spec), 'points', points, 'documents', documents, 'bytes', bytes, 'sha256', sha256,
      'createdAt', created_at)) FROM snapshots;
    INSERT INTO records SELECT 'job', id, job FROM jobs;
    ALTER TABLE aliases RENAME TO earlier_aliases; ${ALIASES}
    INSERT INTO aliases SELECT alias, collection FROM earlier_aliases;
    DROP TABLE earlier_aliases; DROP TABLE collections; DROP TABLE snapshots; DROP TABLE jobs;`;

export const CATALOG: FileKind = {
  applicationId: 0x41555243, // "AURC"
  version: 4,
  upgrades: [
    `DROP TABLE snapshots; ${SNAPSHOTS}`,
    `ALTER TABLE leases ADD COLUMN token INTEGER NOT NULL DEFAULT 0; ${RECORDS}`,
    TO_RECORDS,
  ],
  tables: `
    ${RECORDS}
    ${ALIASES}
    CREATE TABLE leases (
      alias TEXT PRIMARY KEY,
      owner TEXT NOT NULL,        -- empty: nobody
      expires_at REAL NOT NULL,
      token INTEGER NOT NULL      -- grows with each lease that is won
    ) WITHOUT ROWID;
  `,
};

/** A row for each place of a term. */
const TERM_PLACES = "CREATE VIRTUAL TABLE term_places USING fts5vocab ('terms', 'instance');";
/** Read without the texts that stand beside them. */
const CHUNK_LENGTHS = "CREATE INDEX chunk_lengths ON chunks (id, term_count);";

export const COLLECTION: FileKind = {
  applicationId: 0x41555256, // "AURV"
  version: 9,
  upgrades: [
    `ALTER TABLE about ADD COLUMN last_id INTEGER NOT NULL DEFAULT 0;
     UPDATE about SET last_id = ifnull((SELECT max(id) FROM chunks), 0);
     CREATE TABLE removed (seq INTEGER PRIMARY KEY, id INTEGER NOT NULL);`,
    "ALTER TABLE chunks ADD COLUMN checksum INTEGER;",
    "ALTER TABLE chunks ADD COLUMN page_start INTEGER; ALTER TABLE chunks ADD COLUMN page_end INTEGER;",
    "CREATE TABLE tokens (id INTEGER PRIMARY KEY REFERENCES chunks (id), tokens BLOB NOT NULL);",
    "ALTER TABLE about ADD COLUMN sources TEXT;",
    "ALTER TABLE about ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;",
    `DROP TABLE term_rows; ${TERM_PLACES}
     ALTER TABLE about DROP COLUMN terms; ${CHUNK_LENGTHS}`,
    "ALTER TABLE chunks ADD COLUMN table_header TEXT;",
  ],
  tables: `
    CREATE TABLE about (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      spec TEXT NOT NULL,
      points INTEGER NOT NULL DEFAULT 0,
      documents INTEGER NOT NULL DEFAULT 0,
      last_id INTEGER NOT NULL DEFAULT 0,  -- of a chunk; ids are never used again
      sources TEXT,                        -- JSON, of an earlier version: the catalogue has them now
      fence INTEGER NOT NULL DEFAULT 0     -- token of the newest lease: whoever writes under an older one has lost it
    );
    CREATE TABLE documents (
      id INTEGER PRIMARY KEY,
      source TEXT NOT NULL,
      document TEXT NOT NULL,
      hash TEXT NOT NULL,
      chunker TEXT NOT NULL,
      title TEXT,
      metadata TEXT NOT NULL,
      UNIQUE (source, document)
    );
    CREATE INDEX documents_by_document ON documents (document);
    CREATE TABLE chunks (
      id INTEGER PRIMARY KEY,
      uuid TEXT NOT NULL UNIQUE,
      document_id INTEGER NOT NULL REFERENCES documents (id),
      ordinal INTEGER NOT NULL,
      text TEXT NOT NULL,
      embed_lead TEXT NOT NULL,   -- what embed_text has in front of the text, or all of it when it ends otherwise
      embed_whole INTEGER NOT NULL,
      headings TEXT NOT NULL,
      line_start INTEGER NOT NULL, -- 0: the format has no lines
      line_end INTEGER NOT NULL,
      start INTEGER NOT NULL,
      "end" INTEGER NOT NULL,
      text_hash TEXT NOT NULL,
      term_count INTEGER NOT NULL,
      checksum INTEGER,           -- passageChecksum(); null on rows that format 2 wrote
      page_start INTEGER,
      page_end INTEGER,
      table_header TEXT,          -- null: the text begins in no table, or holds its header
      UNIQUE (document_id, ordinal)
    );
    ${CHUNK_LENGTHS}
    CREATE TABLE vectors (id INTEGER PRIMARY KEY REFERENCES chunks (id), vector BLOB NOT NULL);
    -- Of chunks whose model has them; beside the chunks, so that only late interaction reads them.
    CREATE TABLE tokens (id INTEGER PRIMARY KEY REFERENCES chunks (id), tokens BLOB NOT NULL);
    -- The newest removals of chunks: what a process that holds vectors in memory has to forget.
    CREATE TABLE removed (seq INTEGER PRIMARY KEY, id INTEGER NOT NULL);
    CREATE TABLE metadata (
      document_id INTEGER NOT NULL REFERENCES documents (id),
      key TEXT NOT NULL,
      text TEXT,
      number REAL
    );
    CREATE INDEX metadata_by_document ON metadata (document_id);
    CREATE INDEX metadata_by_text ON metadata (key, text, document_id) WHERE text IS NOT NULL;
    CREATE INDEX metadata_by_number ON metadata (key, number, document_id) WHERE number IS NOT NULL;
    -- Rows hold terms that are analysed already: the tokenizer only splits them at the spaces between them.
    CREATE VIRTUAL TABLE terms USING fts5 (body, tokenize = "ascii tokenchars '_'");
    ${TERM_PLACES}
  `,
};
