/** A run over several configurations, with an app of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type App, createApp } from "#src/app/app.js";
import { loadConfig } from "#src/config/load.js";
import { profileFields } from "#src/config/profile-sources.js";
import { cancelledError } from "#src/core/errors.js";
import { DEFAULT_PROFILE, type RetrievalProfile } from "#src/core/profile.js";
import { readDataset } from "#src/eval/dataset.js";
import { type EvalHost, evaluate, isMeasured } from "#src/eval/evaluate.js";
import { testCall } from "../support/call.js";
import { SEED } from "./fixtures.js";

let folder: string;
let app: App;
let env: Record<string, string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aura-evaluate-"));
  env = { RETRIEVAL_DATA_DIR: folder, METRICS_PORT: "0", LOG_LEVEL: "silent", EMBEDDING_MODEL: "" };
  app = createApp(loadConfig(env));
});
afterEach(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

/** @param stopAt the configuration in whose questions the caller leaves */
function gridStoppedAt(stopAt: string) {
  const caller = new AbortController();
  const host: EvalHost = {
    app,
    call: testCall({ signal: caller.signal }),
    configure({ fields }) {
      const { live, settings } = loadConfig({ ...env, ...profileFields(fields) });
      return { profile: live.profiles.get(DEFAULT_PROFILE) as RetrievalProfile, settings };
    },
    missingModels: () => [],
    onProgress: (message) => {
      if (message.startsWith(`${stopAt}: 3 of`)) caller.abort(cancelledError());
    },
  };
  const dataset = readDataset(join(import.meta.dirname, "fixtures/library"), "test");
  return evaluate({ kind: "grid", dataset, collection: "c", offTopic: ["x"], seed: SEED }, host);
}

it("keeps what was measured before the caller stopped it, and says that it is not all", async () => {
  const { rows, warnings } = await gridStoppedAt("dense + synonyms");
  expect(rows.filter(isMeasured).map(({ configuration }) => configuration.name)).toEqual(["dense"]);
  expect(warnings).toContainEqual(expect.stringContaining("stopped before its end"));
});

it("is cancelled when nothing was measured yet", async () => {
  await expect(gridStoppedAt("dense")).rejects.toMatchObject({ code: "cancelled" });
});
