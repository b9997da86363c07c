/** `list_documents` and `get_document` over stdio, 10,000 documents in the embedded store: what they cost beside the store. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IndexedDocument } from "../../src/core/types.js";
import { createSqliteStore } from "../../src/store/sqlite/index.js";
import { CALL } from "./call.js";
import { Corpus } from "./corpus.js";
import { ALIAS, COLLECTION, fillStore, PASS } from "./fill.js";
import { alternate, type Result, timed } from "./measure.js";
import { connect, EMPTY_SERVER, SERVER } from "./server.js";

const DOCUMENTS = 10_000;
const PAGE = 100;
/** Nothing is searched: vectors are there because a passage has one. */
const DIMENSION = 8;
const SOURCE = "bench";

export async function browsing(quick: boolean): Promise<Result[]> {
  const home = mkdtempSync(join(tmpdir(), "aura-bench-"));
  const folder = join(home, "store");
  await fill(folder);
  const [server, empty] = await Promise.all([
    connect(SERVER, { RETRIEVAL_DATA_DIR: home, EMBEDDING_MODEL: "" }),
    connect(EMPTY_SERVER),
  ]);
  const store = createSqliteStore({ folder, vectorMemoryMb: 0 });
  const nameAt = (i: number) => nameOf((i * 7_919) % DOCUMENTS);
  const cursors = await firstCursors(server, 20);
  try {
    const times = await alternate(
      {
        list: (i) => timed(() => server.call("list_documents", { cursor: cursors[i % cursors.length] })),
        get: (i) => timed(() => server.call("get_document", { uri: `aura://${ALIAS}/${SOURCE}/${nameAt(i)}` })),
        tool: () => timed(() => empty.call("nothing")),
        page: (i) =>
          timed(async () => {
            await store.describe(CALL, PASS);
            await store.documentPage(CALL, COLLECTION, { source: SOURCE, from: nameAt(i), limit: PAGE });
          }),
        points: (i) =>
          timed(async () => {
            await store.describe(CALL, PASS);
            const filter = { source: SOURCE, document: nameAt(i) };
            for await (const _ of store.scroll(CALL, COLLECTION, filter));
          }),
      },
      { rounds: quick ? 2 : 7, iterations: 100 },
    );
    const result = (name: string, value: number, query: number): Result => ({
      name: `${name}, ${DOCUMENTS.toLocaleString("en")} documents, p50`,
      value,
      floor: times.tool + query,
      unit: "ms",
      floorIs: `tool ${times.tool.toFixed(2)} + the store's port ${query.toFixed(2)}`,
      bar: { sign: "≤", factor: 1.5 },
    });
    return [
      result(`list_documents, a page of ${PAGE}`, times.list, times.page),
      result("get_document", times.get, times.points),
    ];
  } finally {
    await Promise.all([server.close(), empty.close(), store.close()]);
    rmSync(home, { recursive: true, force: true });
  }
}

/** Of as many pages from the beginning: the first one has none. */
async function firstCursors(
  server: Awaited<ReturnType<typeof connect>>,
  pages: number,
): Promise<(string | undefined)[]> {
  const cursors: (string | undefined)[] = [undefined];
  while (cursors.length < pages) {
    const { next_cursor } = await server.call("list_documents", { cursor: cursors.at(-1) });
    cursors.push(next_cursor as string);
  }
  return cursors;
}

function nameOf(i: number): string {
  return `notes/document-${String(i).padStart(5, "0")}.md`;
}

async function fill(folder: string): Promise<void> {
  const store = createSqliteStore({ folder, vectorMemoryMb: 0 });
  await fillStore(store, documents(), DIMENSION);
  const info = { id: SOURCE, name: SOURCE, kind: "folder", location: `file:///${SOURCE}` } as const;
  await store.keepSources(CALL, COLLECTION, [info]);
  await store.close();
}

/** Of one to five passages. */
function* documents(): Generator<IndexedDocument> {
  const made = new Corpus(4).documents(DOCUMENTS * 10, DIMENSION);
  for (let i = 0; i < DOCUMENTS; i++) {
    const document = made.next().value as IndexedDocument;
    const points = document.points.slice(0, 1 + (i % 5));
    yield { ...document, points, source: SOURCE, document: nameOf(i), title: `Document ${i}` };
  }
}
