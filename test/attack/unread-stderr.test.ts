/** A host that does not read the server's stderr, and clients that give the server much to say: nobody waits for a log. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { cleanUp, folderOf, newFolder, PATIENCE_MS, RawServer, type Settings, startServer } from "../e2e/server.js";

afterEach(cleanUp);

const HANDBOOK = { "keys.md": "# Keys\n\nRotate the signing keys every ninety days and revoke the old ones.\n" };

/** Runs in the server and in each of its children before anything else. */
function withCode(code: string): Settings {
  const file = join(newFolder(), "first.mjs");
  writeFileSync(file, code);
  return { NODE_OPTIONS: `--import=${pathToFileURL(file)}` };
}

/** More than a pipe and its reader's buffer hold. In a child it is written as native code would, which waits. */
const NOISE = `
  import { writeSync } from "node:fs";
  const line = "noise ".repeat(200) + "\\n";
  for (let i = 0; i < 500; i++) {
    if (process.send === undefined) console.error(line);
    else writeSync(2, line);
  }`;

/** One message of each kind that is refused. */
const ODD = [
  "not json",
  "5",
  '{"jsonrpc":"1.0","id":1,"method":"m"}',
  '{"jsonrpc":"2.0","id":1.5,"method":"m"}',
  '{"jsonrpc":"2.0","id":1}',
  '{"jsonrpc":"2.0","result":5}',
  '{"jsonrpc":"2.0","method":"m","params":[]}',
  '{"jsonrpc":"2.0","method":"m","params":{"_meta":5}}',
  '{"jsonrpc":"2.0","method":"m","params":{"_meta":{"progressToken":{}}}}',
  "[5]",
];

function sendOdd(server: RawServer, times: number): void {
  for (let i = 0; i < times; i++) server.process.stdin?.write(`${ODD.join("\n")}\n`);
}

const WINDOWS = process.platform === "win32";
if (WINDOWS) console.warn("skipped: Windows has no signal that makes a process crash");

describe("an unread stderr", () => {
  it(
    "that is full delays neither calls nor the end, under 1,000 odd messages and prints of libraries",
    async () => {
      const source = folderOf(HANDBOOK);
      const server = new RawServer(newFolder(), { ...withCode(NOISE), RETRIEVAL_ROOTS: source });
      server.process.stderr?.pause();
      await server.initialize();
      sendOdd(server, 100);
      expect((await server.ask("reindex", { source: ".", wait: true })).job.state).toBe("done");
      const { results } = await server.ask("retrieve", { query: "rotate the signing keys" });
      expect(results[0].source.document).toBe("keys.md");
      sendOdd(server, 1);
      expect((await server.ask("health")).status).toBe("degraded");
      const askedAt = Date.now();
      server.process.kill("SIGTERM");
      const { code, at } = await server.exited;
      if (!WINDOWS) expect(code).toBe(0);
      expect(at - askedAt).toBeLessThan(PATIENCE_MS / 6);
    },
    2 * PATIENCE_MS,
  );

  it("that is closed ends nobody", async () => {
    const server = await startServer(newFolder());
    server.process.stderr?.destroy();
    sendOdd(server, 5);
    expect((await server.ask("health")).status).toBe("degraded");
    sendOdd(server, 5);
    expect((await server.ask("health")).status).toBe("degraded");
    await server.end();
    expect((await server.exited).code).toBe(0);
  });
});

describe("the log", () => {
  it("has a few lines of each kind of odd message, and the number of the rest", async () => {
    const server = await startServer(newFolder());
    sendOdd(server, 40);
    await server.ask("health");
    await server.end();
    await server.closed;
    const lines = server.stderr.split("\n").filter((line) => line.includes("protocol: "));
    const counted = lines.filter((line) => line.includes("further 37 of this kind were not logged"));
    expect(counted).toHaveLength(ODD.length);
    expect(lines.length - counted.length).toBeLessThanOrEqual(4 * ODD.length);
  });

  it.skipIf(WINDOWS)("has a crash's last words", async () => {
    const crash = `process.on("SIGUSR2", () => { console.error("before"); throw new Error("last words"); });`;
    const server = await startServer(newFolder(), withCode(crash));
    server.process.kill("SIGUSR2");
    expect((await server.exited).code).toBe(1);
    await server.closed;
    expect(server.stderr).toMatch(/before\n[\s\S]*Error: last words\n +at /);
  });
});
