/** What hosts read about this package agrees with the package and with what the server says of itself. */
import { readFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { cleanUp, newFolder, RawServer } from "./e2e/server.js";

const read = (file: string) => JSON.parse(readFileSync(file, "utf8"));
const PACKAGE = read("package.json");
const BUNDLE = read("mcpb/manifest.json");
const PLUGIN = read(".claude-plugin/plugin.json");
const MARKETPLACE = read(".claude-plugin/marketplace.json");

afterAll(cleanUp);

it("the version is the same in every manifest and in the server's own answer", async () => {
  const { result } = await new RawServer(newFolder()).initialize();
  expect({
    bundle: BUNDLE.version,
    plugin: PLUGIN.version,
    server: result.serverInfo.version,
    lockfile: read("package-lock.json").version,
  }).toEqual({
    bundle: PACKAGE.version,
    plugin: PACKAGE.version,
    server: PACKAGE.version,
    lockfile: PACKAGE.version,
  });
});

it("the marketplace offers the plugin of this folder", () => {
  expect(MARKETPLACE.plugins).toMatchObject([{ name: PLUGIN.name, source: "./" }]);
});

it("the plugin starts the package's own command", () => {
  const { command, args } = PLUGIN.mcpServers["aura-retrieval"];
  expect([command, ...args]).toEqual(["node", `\${CLAUDE_PLUGIN_ROOT}/${PACKAGE.bin["aura-retrieval"]}`]);
});

it("the bundle starts the package's own command and lists the tools that the server has", async () => {
  expect(BUNDLE.server.entry_point).toBe(PACKAGE.bin["aura-retrieval"]);
  const server = new RawServer(newFolder());
  await server.initialize();
  const { result } = await server.request("tools/list").answer;
  expect(BUNDLE.tools.map(({ name }: { name: string }) => name)).toEqual(
    result.tools.map(({ name }: { name: string }) => name),
  );
});
