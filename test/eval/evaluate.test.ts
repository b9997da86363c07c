/** A run over several configurations, with apps of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { compose } from "#src/app/app.js";
import { loadConfig } from "#src/config/load.js";
import { cancelledError } from "#src/core/errors.js";
import { readDataset } from "#src/eval/dataset.js";
import { type EvalHost, evaluate, isMeasured } from "#src/eval/evaluate.js";
import { SEED } from "./fixtures.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aura-evaluate-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @param stopAt the configuration in whose questions the caller leaves */
function gridStoppedAt(stopAt: string) {
  const caller = new AbortController();
  const host: EvalHost = {
    openApp: async (settings) =>
      compose(
        loadConfig({
          RETRIEVAL_DATA_DIR: folder,
          METRICS_PORT: "0",
          LOG_LEVEL: "silent",
          EMBEDDING_MODEL: "",
          ...settings,
        }),
      ),
    missingModels: async () => [],
    describeSettings: () => ({}),
    signal: caller.signal,
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
