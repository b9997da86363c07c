/** What answered in place of the configuration is not taken for it. The retriever is made by hand. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { App, Retrieved } from "#src/app/app.js";
import type { Call } from "#src/core/call.js";
import { AppError } from "#src/core/errors.js";
import type { CollectionInfo, DegradedReason } from "#src/core/types.js";
import { readDataset } from "#src/eval/dataset.js";
import { type EvalKind, evaluate } from "#src/eval/evaluate.js";
import { passFor, testCall } from "../support/call.js";
import { FINGERPRINT } from "../support/fakes.js";
import { testProfile } from "../support/profile.js";
import { SEED } from "./fixtures.js";

const OWN: CollectionInfo = {
  name: "mine_1",
  alias: "mine",
  spec: { alias: "mine", fingerprint: FINGERPRINT, analyser: "test" },
  dimension: 1,
  state: "ready",
  serving: true,
  points: 1,
  documents: 1,
  createdAt: "2026-01-01T00:00:00.000Z",
};

interface Behaviour {
  readonly info?: CollectionInfo;
  /** What a question by vectors alone meets. */
  readonly probed?: (call: Call) => void;
  /** What every other question meets. */
  readonly asked?: (call: Call) => void;
}

/** Evaluates one question of a user's own over "mine". */
async function run(kind: EvalKind, { info = OWN, probed, asked }: Behaviour) {
  const file = join(mkdtempSync(join(tmpdir(), "aura-replaced-")), "own.jsonl");
  writeFileSync(file, '{"question": "keys", "expect": "keys.md"}\n');
  const indexed: string[] = [];
  const retrieve: App["retrieve"] = async (call, { mode, topK }) => {
    if (mode === "dense" && topK === 1) probed?.(call);
    else asked?.(call);
    return { passages: [], collection: info } as unknown as Retrieved;
  };
  const app = {
    boot: { version: "0" },
    live: { models: { embedders: [] } },
    describe: async () => info,
    async *documents() {},
    retrieve,
    over: () => ({ retrieve }),
    reindex: (_call: Call, { source, target }: Parameters<App["reindex"]>[1]) => {
      indexed.push(source);
      const done = { skippedTotal: 0, failedTotal: 0, skipped: [], failed: [], target: `${target.name}_1` };
      return { cancel: () => undefined, done: Promise.resolve(done) };
    },
  } as unknown as App;
  const request = { kind, dataset: readDataset(file, "test"), collection: passFor("mine").name, offTopic: [] };
  const { rows } = await evaluate(
    { ...request, seed: SEED, profiles: kind === "profiles" ? ["a", "b"] : [] },
    {
      app,
      call: testCall(),
      configure: () => ({ profile: testProfile({}), settings: {} }),
      missingModels: () => [],
      onProgress: () => undefined,
    },
  );
  return { rows, indexed };
}

const degraded =
  (reason: DegradedReason) =>
  ({ degraded }: Call) =>
    void degraded.push({ stage: "search", reason });
const mismatch = () => {
  throw new AppError("mismatch", "Other vectors.", { remedy: "Re-embed it." });
};

describe("an evaluation", () => {
  it.each<DegradedReason>(["lexical_only", "stale_version"])(
    "has no numbers when every answer was %s",
    async (reason) => {
      const asked = degraded(reason);
      await expect(run("single", { asked })).rejects.toMatchObject({ message: expect.stringContaining(reason) });
      const { rows } = await run("profiles", { asked });
      expect(rows).toMatchObject([
        { unavailable: expect.stringContaining(reason) },
        { unavailable: expect.stringContaining(reason) },
      ]);
    },
  );

  it("asks the user's collection where the pipeline finds it fit", async () => {
    expect((await run("single", {})).indexed).toEqual([]);
  });

  it.each([
    ["has other vectors", mismatch],
    ["fits by an older version only", degraded("stale_version")],
  ])("makes an index of its own where the user's %s, whatever its model is called", async (_what, probed) => {
    expect((await run("single", { probed })).indexed).toEqual(["collection:mine"]);
  });

  it("names the model that cannot answer, and builds nothing for it", async () => {
    const probed = () => {
      throw new AppError("model_failed", "No CUDA here.", { remedy: "Use cpu." });
    };
    await expect(run("single", { probed })).rejects.toMatchObject({ code: "model_failed" });
  });

  it("goes on to the next configuration where an external collection has other vectors", async () => {
    const { spec: _, ...external } = OWN;
    const { rows } = await run("profiles", { info: external, asked: mismatch });
    expect(rows).toMatchObject([{ unavailable: "Other vectors." }, { unavailable: "Other vectors." }]);
    await expect(run("single", { info: external, asked: mismatch })).rejects.toMatchObject({ code: "mismatch" });
  });
});
