/** The server started as if it were a program for people. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { cleanUp, environment, MAIN, newFolder, RawServer, run, startServer, until } from "./server.js";

const SCRIPT = "/usr/bin/script"; // a terminal for a program

afterAll(cleanUp);

it.each([[[]], [["serve"]]])("with a closed stdin it says so and how to start it (%j)", async (args) => {
  const dataFolder = newFolder();
  const { code, stdout, stderr } = await run(args, dataFolder);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/no client speaks to this server: its stdin is closed/);
  expect(stderr).toMatch(/claude mcp add aura-retrieval -- node \S*main\.js/);
  expect(stderr).toMatch(/serve --http[\s\S]*docker run -i/);
  expect(readdirSync(dataFolder)).toEqual([]);
});

it("with a client that ends it says nothing, whether it was spoken to or not", async () => {
  const server = await startServer(newFolder());
  await server.end();
  expect([(await server.exited).code, server.stderr]).toEqual([0, ""]);
  const noise = new RawServer(newFolder());
  noise.process.stdin?.end("\n");
  expect([(await noise.exited).code, noise.stderr]).toEqual([0, ""]);
});

it.skipIf(!existsSync(SCRIPT))("on a terminal it says so, and serves who types all the same", async () => {
  const dataFolder = newFolder();
  const command = `${process.execPath} ${MAIN}`;
  const child = spawn(SCRIPT, ["-qec", command, "/dev/null"], { env: environment(dataFolder) });
  let seen = "";
  child.stdout.on("data", (chunk) => {
    seen += chunk;
  });
  expect(await until(() => seen.includes("its stdin is a terminal"), 20_000)).toBe(true);
  child.stdin.write('{"jsonrpc":"2.0","id":7,"method":"ping"}\n');
  expect(
    await until(() => /"id":7[^\n]*result|result[^\n]*"id":7/.test(seen.replace(/^.*"ping"\}/m, "")), 20_000),
  ).toBe(true);
  child.kill("SIGKILL");
  await once(child, "close");
});

it("says which version it is", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const { code, stdout } = await run(["--version"], newFolder());
  expect([code, stdout]).toEqual([0, `${version}\n`]);
});
