/** An unchanged corpus of 20,000 chunks, indexed again. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Corpus } from "./corpus.js";
import { median, type Result, timed } from "./measure.js";
import { connect, SERVER } from "./server.js";

const CHUNKS = 20_000;
/** Counted in words, as pseudo-embeddings do, some short sections share a chunk. */
const SECTIONS_PER_CHUNK = 1.1;

export async function unchanged(quick: boolean): Promise<Result[]> {
  const home = mkdtempSync(join(tmpdir(), "aura-bench-"));
  const source = join(home, "pages");
  new Corpus(6).writeFolder(source, CHUNKS * SECTIONS_PER_CHUNK);
  const port = await freePort();
  // Pseudo-embeddings make the first run quick; the second is to embed nothing, whatever the model.
  const settings = { EMBEDDING_MODEL: "", RETRIEVAL_ROOTS: source, METRICS_PORT: String(port) };
  const server = await connect(SERVER, { ...settings, RETRIEVAL_DATA_DIR: join(home, "data") });
  const index = () => server.call("reindex", { source, wait: true });
  try {
    const first = await index();
    const embedded = await embeddedCalls(port);
    const times: number[] = [];
    for (let i = 0; i < (quick ? 2 : 5); i++) times.push(await timed(index));
    const more = (await embeddedCalls(port)) - embedded;
    return [
      {
        name: "unchanged corpus re-indexed",
        value: median(times) / 1000,
        floor: 3,
        unit: "s",
        floorIs: "a bar, not a floor",
        bar: { sign: "≤", factor: 1 },
        note: `${String((first.job as { chunks: number }).chunks)} chunks`,
      },
      {
        name: "texts embedded by it",
        value: more,
        floor: 0,
        unit: "calls",
        floorIs: "none",
        bar: { sign: "≤", factor: 1 },
      },
    ];
  } finally {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Calls of the embedder so far, as the server's own metric counts them. */
async function embeddedCalls(port: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^embedding_latency_seconds_count\{role="passage"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
