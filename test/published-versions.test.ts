/** What hosts and registries read about this package agrees with the package and with what the server says of itself. */
import { readFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { cleanUp, newFolder, RawServer } from "./e2e/server.js";

const read = (file: string) => JSON.parse(readFileSync(file, "utf8"));
const PACKAGE = read("package.json");
const SERVER = read("server.json");
const BUNDLE = read("mcpb/manifest.json");
const PLUGIN = read(".claude-plugin/plugin.json");
const MARKETPLACE = read(".claude-plugin/marketplace.json");

afterAll(cleanUp);

it("the version is the same in every manifest and in the server's own answer", async () => {
  const { result } = await new RawServer(newFolder()).initialize();
  expect({
    registry: SERVER.version,
    registryPackage: SERVER.packages[0].version,
    bundle: BUNDLE.version,
    plugin: PLUGIN.version,
    pluginCommand: PLUGIN.mcpServers["aura-retrieval"].args.at(-1).split("@").at(-1),
    server: result.serverInfo.version,
    lockfile: read("package-lock.json").version,
  }).toEqual({
    registry: PACKAGE.version,
    registryPackage: PACKAGE.version,
    bundle: PACKAGE.version,
    plugin: PACKAGE.version,
    pluginCommand: PACKAGE.version,
    server: PACKAGE.version,
    lockfile: PACKAGE.version,
  });
});

it("the registry's name for the server is the one that the package claims", () => {
  expect(SERVER.name).toBe(PACKAGE.mcpName);
  expect(SERVER.name).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/);
  expect(SERVER.packages[0].identifier).toBe(PACKAGE.name);
  expect(SERVER.description.length).toBeLessThanOrEqual(100);
});

it("the marketplace offers the plugin of this folder", () => {
  expect(MARKETPLACE.plugins).toMatchObject([{ name: PLUGIN.name, source: "./" }]);
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
