/** Every way of starting the server that we publish, in a folder that wants to be run in its place. */

import { once } from "node:events";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterEach, expect, it } from "vitest";
import { clientConfigurations } from "../../tools/client-configurations.js";
import {
  cleanUp,
  folderOf,
  type Json,
  MAIN,
  newFolder,
  onCleanUp,
  type Program,
  RawServer,
  REAL_MODEL,
} from "../e2e/server.js";

afterEach(cleanUp);

const ROOT = resolve(MAIN, "../../..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const TEXTS = ["README.md", "docs", "examples", "mcpb", ".claude-plugin"];
const fences = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, code]) => code as string);

/** As each host reads its own. */
function launchers(): [name: string, program: Program][] {
  const filled = (text: string) =>
    text.replace(/\$\{CLAUDE_PLUGIN_ROOT\}|\$\{__dirname\}|\/path\/to\/aura-retrieval(?=\/)/g, ROOT);
  const program = ({ command, args }: Json): Program => ({ command: filled(command), args: args.map(filled) });
  const inJson = (text: string) =>
    fences(text, "json")
      .filter((code) => /"(mcpServers|servers)"/.test(code))
      .flatMap((code) => Object.values(JSON.parse(code)).flatMap((servers) => Object.values(servers as object)));
  const inShell = (text: string) =>
    [...text.matchAll(/^claude mcp add .* -- (\S+) (.+)$/gm)].map(([, command, args]) => ({
      command,
      args: args?.split(" "),
    }));
  const readme = read("README.md");
  const demo = clientConfigurations({ node: process.execPath, server: MAIN, roots: "/docs" });
  return [
    ["the plugin", program(JSON.parse(read(".claude-plugin/plugin.json")).mcpServers["aura-retrieval"])],
    ["the bundle", program(JSON.parse(read("mcpb/manifest.json")).server.mcp_config)],
    ...[...inJson(readme), ...inShell(readme)].map(
      (each, i) => [`README ${i + 1}`, program(each)] as [string, Program],
    ),
    ...inShell(demo).map((each): [string, Program] => ["npm run demo", program(each)]),
  ];
}

/** Most come to the same command, which is then tried once. */
function distinct(): [names: string, program: Program][] {
  const byCommand = new Map<string, [string, Program]>();
  for (const [name, program] of launchers()) {
    const key = JSON.stringify(program);
    const [names] = byCommand.get(key) ?? [];
    byCommand.set(key, [names === undefined ? name : `${names}, ${name}`, program]);
  }
  return [...byCommand.values()];
}

/** Whatever of it runs leaves a file there. */
async function hostileFolder() {
  const asked: string[] = [];
  const registry = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(404).end("{}");
  }).listen(0, "127.0.0.1");
  await once(registry, "listening");
  onCleanUp(() => registry.close());
  const mark = join(newFolder(), "was-run");
  const script = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "")\n`;
  const { dependencies, optionalDependencies, version } = JSON.parse(read("package.json"));
  const names = ["aura-retrieval", ...Object.keys({ ...dependencies, ...optionalDependencies })];
  const packages = names.flatMap((name) => [
    [`node_modules/${name}/package.json`, JSON.stringify({ name, version, main: "x.js", bin: { [name]: "x.js" } })],
    [`node_modules/${name}/x.js`, script],
  ]);
  const folder = folderOf({
    ...Object.fromEntries(packages),
    ".npmrc": `registry=http://127.0.0.1:${(registry.address() as AddressInfo).port}/\nnode-options=--require=./evil.cjs\n`,
    ".env": "NODE_OPTIONS=--require=./evil.cjs\n",
    "evil.cjs": script,
    "node_modules/.bin/aura-retrieval": `#!/bin/sh\ntouch ${mark}\n`,
    "node_modules/.bin/node": `#!/bin/sh\ntouch ${mark}\n`,
    "dist/src/main.js": script,
    "package.json": JSON.stringify({ name: "hostile", version, imports: { "#src/*": "./evil.cjs" } }),
  });
  for (const name of [".bin/node", ".bin/aura-retrieval"]) chmodSync(join(folder, "node_modules", name), 0o755);
  return { folder, asked, wasRun: () => existsSync(mark) };
}

it.each(distinct())(
  "%s: nothing runs of the folder it is started in, and no registry is asked",
  async (_name, program) => {
    const { folder, asked, wasRun } = await hostileFolder();
    const documents = folderOf({ "keys.md": "# Keys\n\nReplace every signing key after ninety days.\n" });
    const server = new RawServer(
      folder,
      {
        ...REAL_MODEL,
        RETRIEVAL_DATA_DIR: newFolder(),
        RETRIEVAL_ROOTS: documents,
        PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      },
      program,
    );
    await server.initialize();
    await server.ask("reindex", { source: documents, wait: true });
    expect((await server.ask("retrieve", { query: "signing keys" })).results).toHaveLength(1);
    await server.end();
    expect(wasRun()).toBe(false);
    expect(asked).toEqual([]);
  },
);

it("there is a launcher of each kind, and none of them in any text is npx", () => {
  expect(launchers().map(([name]) => name)).toEqual(
    expect.arrayContaining(["the plugin", "the bundle", "README 1", "README 2", "README 3", "npm run demo"]),
  );
  const npx = TEXTS.flatMap(filesBelow).filter((file) => /"npx"|npx (?!vitest)[^`]*aura|npm exec/.test(read(file)));
  // The decision says why.
  expect(npx).toEqual([join("docs", "decisions.md")]);
});

function filesBelow(path: string): string[] {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path)).flatMap((name) => filesBelow(join(path, name)));
}
