import { describe, expect, it, vi } from "vitest";
import type { Engine } from "#src/app/engine.js";
import { LiveState } from "#src/app/live-state.js";
import { Reloads } from "#src/app/reload.js";
import type { Session } from "#src/app/session.js";
import { type Env, loadConfig } from "#src/config/load.js";
import type { Call } from "#src/core/call.js";
import { AppError } from "#src/core/errors.js";
import { createMetrics } from "#src/telemetry/metrics.js";
import { handleOfAbsent, settled } from "../models/handles.js";

const START: Env = { EMBEDDING_MODEL: "", RERANK_ENABLED: "0", QUERY_EXPANSION_ENABLED: "0" };
const NEW_MODEL: Env = { ...START, EMBEDDING_MODEL: "all-mpnet-base-v2" };

/** Reloads over settings that a test changes; the new model is one that has to be downloaded. */
function reloading(started: Env = START) {
  const env = { now: started };
  const model = handleOfAbsent({
    processes: 1,
    load: async () => ({ checksumVerified: true }) as const,
    close: async () => undefined,
  });
  const warmUp = async (call: Call) => void (await model.handle.use(call));
  const embedder = ({ kind }: { kind: string }) => (kind === "pseudo" ? { warmUp: async () => undefined } : { warmUp });
  const session = () => ({ embedder, close: () => undefined }) as unknown as Session;
  const config = loadConfig(started);
  let state = new LiveState(config.live, session());
  const metrics = createMetrics();
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const reloads = new Reloads({
    started: config,
    engine: { session } as unknown as Engine,
    metrics,
    log,
    load: () => loadConfig(env.now),
    current: () => state,
    swap(next) {
      state = next;
    },
  });
  return { env, model, reloads, log, metrics, live: () => state.config, embedder: () => state.profile.embedder };
}

describe("a reload whose model has to be downloaded", () => {
  it("waits for the download", async () => {
    const { env, model, reloads, embedder } = reloading();
    env.now = NEW_MODEL;
    const done = reloads.reload();
    await settled();
    expect(reloads.status.state).toBe("loading");
    expect(embedder().kind).toBe("pseudo");
    model.pulls[0]?.succeed();
    await done;
    expect(reloads.status.state).toBe("ok");
    expect(embedder().kind).toBe("onnx");
  });

  it("is refused with the reason of a download that failed", async () => {
    const { env, model, reloads, log, metrics, embedder } = reloading();
    env.now = NEW_MODEL;
    const done = reloads.reload();
    await settled();
    model.pulls[0]?.fail(new AppError("model_missing", "The Hub did not answer.", { remedy: "Look at the network." }));
    await done;
    expect(reloads.status).toMatchObject({
      state: "failed",
      error: expect.stringContaining("The Hub did not answer."),
    });
    expect(embedder().kind).toBe("pseudo");
    expect(log.error).toHaveBeenCalledWith(expect.stringContaining("nothing changed: The Hub did not answer."));
    expect((await metrics.expose()).body).toContain('config_reloads_total{status="failed"} 1');
  });

  it("gives way to newer settings", async () => {
    const { env, reloads, live } = reloading();
    env.now = NEW_MODEL;
    const waiting = reloads.reload();
    await settled();
    env.now = { ...START, CALL_TIMEOUT_MS: "1234" };
    await reloads.reload();
    await waiting;
    expect(reloads.status.state).toBe("ok");
    expect(live().callTimeoutMs).toBe(1234);
  });

  it("changes access and limits at once, and says so when the model does not come", async () => {
    const { env, model, reloads, log, live, embedder } = reloading({ ...START, RETRIEVAL_COLLECTIONS: "secret" });
    env.now = { ...NEW_MODEL, RETRIEVAL_ROOTS: "/documents", RATE_LIMIT_QPS: "7", QDRANT_COLLECTION: "new" };
    const done = reloads.reload();
    await settled();
    expect(live()).toMatchObject({ callsPerSecond: 7, collection: "my_docs", collections: ["my_docs", "new"] });
    expect(live().roots).toHaveLength(1);
    expect(embedder().kind).toBe("pseudo");
    model.pulls[0]?.fail(new AppError("model_missing", "The Hub did not answer.", { remedy: "Look at the network." }));
    await done;
    expect(log.error).toHaveBeenCalledWith(expect.stringContaining("but for access and limits, which are in force"));
  });
});

describe("a reload", () => {
  it("says what is odd about the new settings", async () => {
    const { env, reloads, log } = reloading();
    env.now = { ...START, RERANK_TOPK: "5" };
    await reloads.reload();
    expect(log.warn).toHaveBeenCalledWith(expect.stringContaining("unknown setting RERANK_TOPK is ignored"));
  });

  it("that is refused says so in whole sentences, and asks for no start", async () => {
    const { env, reloads, log } = reloading();
    env.now = { ...START, RERANK_TOP_K: "abc", CANDIDATES: "0" };
    await reloads.reload();
    const why = /nothing changed: [A-Z_]+=[^\n]+; [A-Z_]+=[^\n]+\. Correct the settings named above\.$/;
    expect(log.error).toHaveBeenCalledWith(expect.stringMatching(why));
    expect(reloads.status.error).not.toContain("start again");
  });
});
