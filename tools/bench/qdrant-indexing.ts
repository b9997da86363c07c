/** Indexing into a Qdrant through the whole pipeline, against inference alone and against the upserts alone. */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "../../src/app/app.js";
import { loadConfig } from "../../src/config/load.js";
import { againstSameSession, BareInference, bareWithSameSession } from "./bare.js";
import { Corpus } from "./corpus.js";
import { ALIAS } from "./fill.js";
import { index } from "./indexing.js";
import { alternate, type Result, timed } from "./measure.js";
import { Bare, captureOf, type Sent } from "./qdrant-capture.js";

const FLOOR_COLLECTION = "bench-upserts";

export async function qdrantIndexing(url: string, quick: boolean): Promise<Result> {
  const home = mkdtempSync(join(tmpdir(), "aura-bench-"));
  const source = join(home, "pages");
  new Corpus(3).writeFolder(source, quick ? 300 : 1_000);
  const processes = Math.min(availableParallelism(), 4);
  const [inference, sameSession] = [new BareInference(processes), bareWithSameSession(processes)];
  const [bare, capture] = [new Bare(url, 1), await captureOf(url)];
  const appAt = (to: string) =>
    createApp(
      loadConfig({ RETRIEVAL_DATA_DIR: join(home, "data"), METRICS_PORT: "0", LOG_LEVEL: "error", QDRANT_URL: to }),
    );
  const [app, captured] = [appAt(url), appAt(capture.url)];
  try {
    await index(captured, source);
    const sent = capture.take();
    await captured.close();
    await index(app, source); // every inference process loads its model
    const upserts = sent.filter(({ body }) => body.startsWith('{"operations":[{"upsert"') && body.includes('"dense"'));
    const passages = upserts.flatMap(embedTexts);
    const made = sent.find(({ method, body }) => method === "PUT" && body.includes('"dense"')) as Sent;
    const rates = await alternate(
      {
        subject: async () => (await index(app, source)).rate,
        inference: () => inference.throughput(passages),
        sameSession: () => sameSession.throughput(passages),
        upserts: () => upsertRate(bare, made, upserts, passages.length),
      },
      { rounds: quick ? 1 : 5, iterations: 1 },
    );
    const rate = (value: number) => value.toFixed(0);
    return {
      name: "Qdrant: indexing throughput",
      value: rates.subject,
      floor: Math.min(rates.inference, rates.upserts),
      unit: "passages/s",
      floorIs: `the less of bare inference ${rate(rates.inference)} and bare upserts ${rate(rates.upserts)}`,
      bar: { sign: "≥", factor: 0.9 },
      note: `${passages.length} passages, model loaded, the server on the same machine; ${againstSameSession(rates.subject, rates.sameSession)}`,
    };
  } finally {
    await Promise.all([app.close(), inference.close(), sameSession.close(), bare.close(), capture.close()]);
    await dropAll(url);
    rmSync(home, { recursive: true, force: true });
  }
}

/** The upserts that the store sent, one after the other, into a collection of the same kind. */
async function upsertRate(bare: Bare, made: Sent, upserts: readonly Sent[], passages: number): Promise<number> {
  const path = `/collections/${FLOOR_COLLECTION}`;
  await bare.request({ method: "DELETE", path, body: "" });
  await bare.send([{ ...made, path }]);
  const moved = upserts.map((sent) => ({ ...sent, path: sent.path.replace(/^\/collections\/[^/]+/, path) }));
  return passages / ((await timed(() => bare.send(moved))) / 1000);
}

function embedTexts({ body }: Sent): string[] {
  const { operations } = JSON.parse(body) as {
    operations: { upsert: { points: { payload: { lead: string; text: string; whole: boolean } }[] } }[];
  };
  return operations.flatMap(({ upsert }) =>
    upsert.points.map(({ payload: { lead, text, whole } }) => (whole ? lead : lead + text)),
  );
}

async function dropAll(url: string): Promise<void> {
  const { result } = (await (await fetch(`${url}/collections`)).json()) as {
    result: { collections: { name: string }[] };
  };
  const ours = result.collections.filter(({ name }) => name === FLOOR_COLLECTION || name.startsWith(`${ALIAS}_`));
  for (const { name } of ours) await fetch(`${url}/collections/${name}`, { method: "DELETE" });
}
