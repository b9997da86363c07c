import { afterEach, describe, expect, it } from "vitest";
import { FakeHub } from "../models/fake-hub.js";
import { cleanUp, folderOf, newFolder, RawServer, run } from "./server.js";

/** Of the catalogue's int8 weights: what the server checks before it fetches a byte. */
const PINNED_BYTES = 110_124_379;
const FILES = {
  "onnx/model_qint8_avx512_vnni.onnx": Buffer.alloc(64),
  "tokenizer.json": Buffer.from("{}"),
  "tokenizer_config.json": Buffer.from("{}"),
};
const mpnet = (folder: string, more: Record<string, string>) => ({
  EMBEDDING_MODEL: "all-mpnet-base-v2",
  HF_HUB_CACHE: `${folder}/hub`,
  ...more,
});

afterEach(cleanUp);

describe("a configured model that is not on this machine", () => {
  it("is downloaded on first use, not before: calls say how far it is, health shows it", async () => {
    const hub = await FakeHub.start(FILES);
    hub.fault = { announce: { "model_qint8_avx512_vnni.onnx": PINNED_BYTES }, stall: true };
    const folder = newFolder();
    const server = new RawServer(folder, mpnet(folder, { HF_ENDPOINT: hub.url }));
    await server.initialize();
    expect(hub.requests).toHaveLength(0);
    const health = await server.call("health");
    expect(health.structuredContent.embedder).toMatchObject({ state: "downloading", download_percent: 0 });
    const answer = await server.call("retrieve", { query: "q" });
    expect(answer.structuredContent.error).toMatchObject({
      code: expect.stringMatching(/model_missing|not_found/),
    });
    expect(hub.requests.length).toBeGreaterThan(0);
    await hub.close();
  });

  it("is not begun by a command, which ends too soon: it names the one that downloads", async () => {
    const hub = await FakeHub.start(FILES);
    const folder = newFolder();
    const settings = mpnet(folder, { HF_ENDPOINT: hub.url });
    const source = folderOf({ "a.md": "# A\n\nText.\n" });
    for (const args of [
      ["index", source],
      ["health", "--json"],
    ]) {
      const { code, stdout, stderr } = await run(args, folder, settings);
      expect(code, stderr).toBe(69);
      expect(stdout + stderr).toContain("sentence-transformers/all-mpnet-base-v2 is not on this machine.");
      expect(stdout + stderr).toContain("Run `aura-retrieval models pull sentence-transformers/all-mpnet-base-v2`");
    }
    expect(hub.requests).toHaveLength(0);
    await hub.close();
  });

  it("is never asked for when downloads are switched off, and the error names the command", async () => {
    const hub = await FakeHub.start(FILES);
    const folder = newFolder();
    const server = new RawServer(folder, mpnet(folder, { HF_ENDPOINT: hub.url, HF_HUB_OFFLINE: "1" }));
    await server.initialize();
    const health = await server.call("health");
    expect(health.structuredContent.embedder).toMatchObject({
      state: "failed",
      remedy: expect.stringContaining("aura-retrieval models pull sentence-transformers/all-mpnet-base-v2"),
    });
    expect(hub.requests).toHaveLength(0);
    await hub.close();
  });
});
