/** What users install, installed as they do it. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { cleanUp, newFolder } from "../e2e/server.js";
import { execute, PACKAGE_ROOT, skipWithoutRegistry } from "./pieces.js";
import { smoke } from "./smoke.js";

afterAll(cleanUp);

it("the packed package holds the program, its model and its documents, and nothing else", () => {
  const [packed] = JSON.parse(execute("npm", ["pack", "--dry-run", "--json"], PACKAGE_ROOT));
  const paths: string[] = packed.files.map(({ path }: { path: string }) => path);
  for (const path of [
    "dist/src/main.js",
    "dist/src/inference/embedder-worker.js",
    "dist/src/store/sqlite/worker.js",
    "models.json",
    "models/all-MiniLM-L6-v2/onnx/model_quantized.onnx",
    "lexicon/wordnet-3.1.bin",
    "lexicon/LICENSE",
    "docs/runbook.md",
    "LICENSE",
    "NOTICE",
    "README.md",
  ])
    expect(paths).toContain(path);
  const allowed =
    /^(dist\/src\/|models\/|lexicon\/|docs\/|models\.json$|package\.json$|\.env\.example$|[A-Z]+(\.md)?$)/;
  expect(paths.filter((path) => !allowed.test(path))).toEqual([]);
});

it("the packed package, installed into an empty folder, answers over stdio and stays under 450 MB", async (context) => {
  skipWithoutRegistry(context);
  const folder = newFolder();
  const [{ filename }] = JSON.parse(execute("npm", ["pack", "--json", "--pack-destination", folder], PACKAGE_ROOT));
  writeFileSync(join(folder, "package.json"), "{}");
  execute("npm", ["install", "--no-audit", "--no-fund", join(folder, filename)], folder, {
    ...process.env,
    ONNXRUNTIME_NODE_INSTALL: "skip",
  });
  const megabytes = bytesBelow(join(folder, "node_modules")) / 1e6;
  process.stderr.write(`installed size: ${megabytes.toFixed(0)} MB\n`);
  expect(megabytes).toBeLessThan(450);
  await smoke({ command: join(folder, "node_modules/.bin/aura-retrieval"), args: [] });
});

it("the bundle, unpacked as a host does it, answers over stdio", async (context) => {
  skipWithoutRegistry(context);
  const folder = newFolder();
  const file = execute(process.execPath, ["dist/tools/bundle.js", folder], PACKAGE_ROOT).trim();
  expect(file).toContain(`-${process.platform}-${process.arch}.mcpb`);
  const unpacked = join(folder, "unpacked");
  execute(join(PACKAGE_ROOT, "node_modules/.bin/mcpb"), ["unpack", file, unpacked], folder);
  expect(readdirSync(join(unpacked, "node_modules/onnxruntime-node/bin/napi-v6"))).toEqual([process.platform]);
  await smoke({ command: process.execPath, args: [join(unpacked, "dist/src/main.js")] });
  // The same folder is the plugin.
  const plugin = JSON.parse(readFileSync(join(unpacked, ".claude-plugin/plugin.json"), "utf8"));
  const { command, args } = plugin.mcpServers["aura-retrieval"];
  await smoke({ command, args: args.map((arg: string) => arg.replace(/\$\{CLAUDE_PLUGIN_ROOT\}/, unpacked)) });
});

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
