/** Calls under a deadline, while the garbage collector runs all the time and what is asked stands still. */

import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import {
  descendants,
  folderOf,
  newFolder,
  onCleanUp,
  PATIENCE_MS,
  type Program,
  RawServer,
  REAL_MODEL,
  run,
  type Settings,
  until,
} from "./server.js";

const TIMEOUT_MS = 1_000;
const SLACK_MS = 100;
/** Each call is made so often: on a shared machine one of them may be late through no fault of the server's. */
const TRIES = 4;

/** A garbage collection every 200 ms, in the server and in every process below it. */
function withGarbageCollection(): Settings {
  const file = join(newFolder(), "collect.mjs");
  writeFileSync(
    file,
    `import { setFlagsFromString } from "node:v8";
     import { runInNewContext } from "node:vm";
     setFlagsFromString("--expose-gc");
     const collect = runInNewContext("gc");
     setInterval(() => collect(), 200).unref();`,
  );
  return { NODE_OPTIONS: `--import=${pathToFileURL(file)}`, CALL_TIMEOUT_MS: String(TIMEOUT_MS) };
}

async function started(data: string, settings: Settings, program?: Program): Promise<RawServer> {
  const server = new RawServer(data, { ...settings, ...withGarbageCollection() }, program);
  await server.initialize();
  return server;
}

async function opened(settings: Settings, program?: Program): Promise<RawServer> {
  const data = newFolder();
  const source = folderOf({ "keys.md": "# Keys\n\nSigning keys are rotated every ninety days.\n" });
  expect((await run(["index", source], data, settings)).code).toBe(0);
  const server = await started(data, settings, program);
  const isAnswered = async () => !(await server.call("retrieve", { query: "how are keys rotated" })).isError;
  expect(await until(isAnswered, PATIENCE_MS)).toBe(true);
  return server;
}

/** Stops the processes below the server whose command line names the file. */
function stop(server: RawServer, entry: string): void {
  const pids = descendants(server.pid).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(entry));
  expect(pids.length).toBeGreaterThan(0);
  for (const pid of pids) {
    process.kill(pid, "SIGSTOP");
    onCleanUp(() => {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // it has ended
      }
    });
  }
}

/** The shortest time that one of some calls took; every one is answered. */
async function shortest(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < TRIES; i++) {
    const started = performance.now();
    await ask();
    times.push(performance.now() - started);
  }
  return Math.min(...times);
}

const CALLS: Readonly<Record<string, (server: RawServer, n: () => number) => Promise<unknown>>> = {
  // A new question each time: an old one's vector is remembered.
  retrieve: (server, n) => server.call("retrieve", { query: `how are keys number ${n()} rotated` }),
  health: (server) => server.call("health"),
  "resources/read": (server) => server.request("resources/read", { uri: "aura://my_docs/keys.md" }).answer,
};

/** @returns each call, and whether it ended within its deadline */
async function heldDeadlines(server: RawServer): Promise<(readonly [string, boolean])[]> {
  let asked = 0;
  return Promise.all(
    Object.entries(CALLS).map(async ([name, call]) => {
      const ms = await shortest(() => call(server, () => asked++));
      return [name, ms < TIMEOUT_MS + SLACK_MS] as const;
    }),
  );
}
export const ALL_HOLD = Object.keys(CALLS).map((name) => [name, true]);

/** Each way of standing still. @param program what starts the server; absent: this Node */
export const STANDSTILLS = {
  async "the inference process stands still"(program?: Program) {
    const server = await opened(REAL_MODEL, program);
    stop(server, "embedder-worker");
    return heldDeadlines(server);
  },
  async "the store's processes stand still"(program?: Program) {
    const server = await opened({}, program);
    stop(server, join("sqlite", "worker"));
    return heldDeadlines(server);
  },
  async "a Qdrant takes connections and says nothing"(program?: Program) {
    const sockets = new Set<Socket>();
    const hole = createServer((socket) => sockets.add(socket.on("error", () => undefined))).listen(0, "127.0.0.1");
    onCleanUp(() => {
      for (const socket of sockets) socket.destroy();
      hole.close();
    });
    await once(hole, "listening");
    const { port } = hole.address() as AddressInfo;
    return heldDeadlines(await started(newFolder(), { QDRANT_URL: `http://127.0.0.1:${port}` }, program));
  },
};
