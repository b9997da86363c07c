import { describe, expect, it } from "vitest";
import { Session, type SessionOptions } from "#src/app/session.js";
import { SharedParts } from "#src/app/shared-parts.js";
import { loadConfig } from "#src/config/load.js";
import type { CatalogEmbedder } from "#src/models/catalog.js";
import { ModelFiles } from "#src/models/model-files.js";
import { createMetrics } from "#src/telemetry/metrics.js";

const FOLDER = "/models/own";
const CHOICE = { kind: "onnx", model: FOLDER, device: "cpu" } as const;

/** Sessions over the same parts, each with its own reading of the manifest. */
function sessions() {
  const { boot, live } = loadConfig({});
  const [known] = live.models.embedders as [CatalogEmbedder];
  const shared = { boot, metrics: createMetrics(), parts: new SharedParts(), files: new ModelFiles(boot) };
  return (manifest: Partial<CatalogEmbedder>) => {
    const own = { ...known, id: "own", folder: FOLDER, ...manifest };
    const models = { ...live.models, embedders: [...live.models.embedders, own] };
    return new Session({ ...shared, models } as unknown as SessionOptions);
  };
}

describe("a user's own model", () => {
  it("is shared by sessions whose manifests are the same", () => {
    const open = sessions();
    expect(open({}).embedder(CHOICE)).toBe(open({}).embedder(CHOICE));
  });

  it.each<[string, Partial<CatalogEmbedder>]>([
    ["pooling", { pooling: "cls" }],
    ["prefix", { queryPrefix: "query: " }],
    ["checksum", { weights: { cpu: { file: "m", sha256: "1" }, cuda: { file: "m", sha256: "1" } } }],
  ])("is another one when the %s of its manifest changed, and its reranker too", (_what, manifest) => {
    const open = sessions();
    const [before, after] = [open({}), open(manifest)];
    expect(after.embedder(CHOICE)).not.toBe(before.embedder(CHOICE));
    const reranking = { kind: "late-interaction", absent: "skip", topK: 5, budgetMs: 100 } as const;
    expect(after.reranker(reranking, CHOICE)).not.toBe(before.reranker(reranking, CHOICE));
  });
});

it("one reranker serves calls of other limits, and those that ask for what the index lacks", () => {
  const session = sessions()({});
  const reranking = { kind: "late-interaction", absent: "skip", topK: 5, budgetMs: 100 } as const;
  const asked = { ...reranking, absent: "compute", topK: 7 } as const;
  expect(session.reranker(asked, CHOICE)).toBe(session.reranker(reranking, CHOICE));
});
