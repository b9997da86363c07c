/** The steps of docs/models.md to another model, with the bundled model's files in the place of its own. */
import { createHash } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cleanUp, folderOf, newFolder, run } from "./server.js";

const GUIDE = readFileSync("docs/models.md", "utf8");
const BUNDLED = "models/all-MiniLM-L6-v2";
const block = (language: string) => new RegExp(`\`\`\`${language}\n([^\`]*)\`\`\``).exec(GUIDE)?.[1] ?? "";
/** The commands as written, without comments. */
const COMMANDS = [...block("sh").matchAll(/^aura-retrieval (.*?) *(?:#.*)?$/gm)].map(([, args = ""]) =>
  args.split(" "),
);

afterAll(cleanUp);

describe("the steps to a model of one's own", { timeout: 120_000 }, () => {
  const data = newFolder();
  const model = newFolder();
  const source = folderOf({
    "keys.md": "# Keys\n\nRotate the signing keys every ninety days.\n",
    "bread.md": "# Bread\n\nFeed the sourdough with flour every day.\n",
  });
  const own = { EMBEDDING_MODEL: model };
  const search = async (settings = {}) => {
    const args = ["search", "How often are signing keys rotated?", "--collection", "my_docs", "--json"];
    const { code, stdout, stderr } = await run(args, data, { EMBEDDING_MODEL: "all-MiniLM-L6-v2", ...settings });
    expect(code, stderr).toBe(0);
    const { results, degraded } = JSON.parse(stdout);
    expect(results[0].source.document).toBe("keys.md");
    return (degraded as { reason: string }[]).map(({ reason }) => reason);
  };

  it("are a manifest and two commands", () => {
    expect(JSON.parse(block("json"))).not.toHaveProperty("sha256");
    expect(COMMANDS).toEqual([["health"], ["index", "collection:my_docs", "--collection", "my_docs", "--full"]]);
  });

  it("lead there and back", async () => {
    const indexed = await run(["index", source, "--collection", "my_docs"], data, {
      EMBEDDING_MODEL: "all-MiniLM-L6-v2",
    });
    expect(indexed.code, indexed.stderr).toBe(0);
    expect(await search()).toEqual([]);

    const weights = readFileSync(join(BUNDLED, "onnx/model_quantized.onnx"));
    writeFileSync(join(model, "model.onnx"), weights);
    for (const file of ["tokenizer.json", "tokenizer_config.json"]) cpSync(join(BUNDLED, file), join(model, file));
    const manifest = JSON.parse(block("json"));
    const write = (content: object) => writeFileSync(join(model, "aura-model.json"), JSON.stringify(content));
    write(manifest);
    const [health = [], reembed = []] = COMMANDS;
    const refused = await run(health, data, own);
    const sha256 = createHash("sha256").update(weights).digest("hex");
    expect(refused.code).toBe(78);
    expect(refused.stderr).toContain(`add "sha256": "${sha256}"`);
    write({ ...manifest, sha256 });

    const { stdout } = await run(health, data, own);
    expect(stdout).toContain(`embedder: ready, ${manifest.name} on cpu`);
    const checked = await run(health, data, { ...own, QDRANT_COLLECTION: "my_docs" });
    expect(checked.stdout).toMatch(/collection: my_docs .*built by another model/);
    expect(await search(own)).toEqual(["lexical_only"]);

    const embedded = await run(reembed, data, own);
    expect(embedded.code, embedded.stderr).toBe(0);
    expect(await search(own)).toEqual([]);

    expect(await search()).toEqual(["stale_version"]);
    const back = await run(["rollback", "my_docs"], data, { EMBEDDING_MODEL: "all-MiniLM-L6-v2" });
    expect(back.code, back.stderr).toBe(0);
    expect(await search()).toEqual([]);
  });
});
