/** Roots that nobody has replaced: named by their name wherever somebody looks, and never a way to more than was meant. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answer } from "#src/api/answer.js";
import { healthOperation } from "#src/api/health/operation.js";
import { reindexOperation } from "#src/api/reindex/operation.js";
import { type App, createApp } from "#src/app/app.js";
import { loadConfig } from "#src/config/load.js";

describe("a root that names no folder", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "aura-roots-")));
  const docs = join(folder, "docs");
  const caller = { principal: { id: "test" }, signal: new AbortController().signal };
  const open = (roots: string) =>
    createApp(
      loadConfig({
        EMBEDDING_MODEL: "",
        RETRIEVAL_DATA_DIR: join(folder, "data"),
        RETRIEVAL_ROOTS: roots,
        METRICS_PORT: "0",
        LOG_LEVEL: "silent",
      }),
    );
  let app: App;

  beforeAll(() => {
    mkdirSync(docs);
    writeFileSync(join(docs, "a.md"), "# Keys\n");
    app = open([docs, "$HOME/notes"].join(delimiter));
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is named in the log at start", () => {
    const { warnings } = loadConfig({ RETRIEVAL_ROOTS: "$HOME/notes", RETRIEVAL_DATA_DIR: folder });
    expect(warnings).toEqual([
      expect.stringContaining('RETRIEVAL_ROOTS names "$HOME/notes": nobody has replaced $HOME'),
    ]);
  });

  it("is named by health, which is degraded", async () => {
    const { outcome } = await answer(app, healthOperation, {}, caller);
    expect(outcome?.value).toMatchObject({
      status: "degraded",
      refused_roots: [expect.stringContaining('"$HOME/notes"')],
    });
    expect(outcome?.text).toContain('RETRIEVAL_ROOTS names "$HOME/notes"');
  });

  it("is named where its folder is asked for, with those that are allowed", async () => {
    const { error } = await answer(app, reindexOperation(), { source: join(folder, "notes") }, caller);
    expect(error).toMatchObject({ code: "bad_request", message: expect.stringContaining('"$HOME/notes"') });
    expect(error?.remedy).toContain(JSON.stringify(docs));
  });

  it("opens nothing where it is the only one", async () => {
    const alone = open("$HOME/notes");
    expect(await alone.access().roots?.()).toEqual([]);
    await alone.close();
  });
});
