/** A real Qdrant that a test starts, stops and loses for itself: QDRANT_TEST_BINARY names the program. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onCleanUp } from "../../e2e/server.js";
import { freePort } from "../../support/free-port.js";

export const BINARY = process.env.QDRANT_TEST_BINARY;
export const WHY_SKIPPED = "skipped: QDRANT_TEST_BINARY names no Qdrant to start";

const READY_WITHIN_MS = 60_000;
const NICE = 10;

interface Place {
  /** Made by the test; else a new folder. */
  readonly folder?: string;
  /** Of the cluster's first node, whose others join by its address. */
  readonly bootstrap?: string;
  readonly isNode?: boolean;
}

export class RealServer {
  readonly url: string;
  readonly peer: string;
  readonly #folder: string;
  readonly #args: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;
  #log = "";

  private constructor(folder: string, ports: readonly [http: number, grpc: number, p2p: number], place: Place) {
    const [http, grpc, p2p] = ports;
    this.url = `http://127.0.0.1:${http}`;
    this.peer = `http://127.0.0.1:${p2p}`;
    this.#folder = folder;
    const joins = place.bootstrap === undefined ? [] : ["--bootstrap", place.bootstrap];
    this.#args = place.isNode ? ["--uri", this.peer, ...joins] : [];
    this.#environment = {
      PATH: process.env.PATH ?? "",
      QDRANT__STORAGE__STORAGE_PATH: join(folder, "storage"),
      QDRANT__STORAGE__SNAPSHOTS_PATH: join(folder, "snapshots"),
      QDRANT__SERVICE__HOST: "127.0.0.1",
      QDRANT__SERVICE__HTTP_PORT: String(http),
      QDRANT__SERVICE__GRPC_PORT: String(grpc),
      QDRANT__TELEMETRY_DISABLED: "true",
      ...(place.isNode ? { QDRANT__CLUSTER__ENABLED: "true", QDRANT__CLUSTER__P2P__PORT: String(p2p) } : {}),
    };
  }

  /** Resolves when it answers. It ends, and its own folder with it, at the test's clean-up. */
  static async start(place: Place = {}): Promise<RealServer> {
    const folder = place.folder ?? mkdtempSync(join(tmpdir(), "aura-qdrant-"));
    const server = new RealServer(folder, [await freePort(), await freePort(), await freePort()], place);
    mkdirSync(join(folder, "run"), { recursive: true });
    onCleanUp(async () => {
      await server.stop("SIGKILL");
      if (place.folder === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    });
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const child = spawn(BINARY as string, this.#args, {
      cwd: join(this.#folder, "run"),
      env: this.#environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    const killed = () => child.kill("SIGKILL");
    process.once("exit", killed);
    child.once("exit", () => process.removeListener("exit", killed));
    setPriority(child.pid as number, NICE);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        this.#log = `${this.#log}${chunk}`.slice(-10_000);
      });
    }
    const end = Date.now() + READY_WITHIN_MS;
    while (!(await this.#answers())) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`the Qdrant does not start\n${this.#log}`);
      await sleep(50);
    }
  }

  /** Resolves when the process has ended: its files are free then. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  async #answers(): Promise<boolean> {
    const limit = { signal: AbortSignal.timeout(1_000) };
    return fetch(`${this.url}/readyz`, limit).then(
      (answer) => answer.ok,
      () => false,
    );
  }
}

/** Nodes that know each other. */
export async function startCluster(size: number): Promise<RealServer[]> {
  const first = await RealServer.start({ isNode: true });
  const nodes = [first];
  while (nodes.length < size) nodes.push(await RealServer.start({ isNode: true, bootstrap: first.peer }));
  const end = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const peers = await Promise.all(nodes.map(({ url }) => peersOf(url)));
    if (peers.every((count) => count === size)) return nodes;
    if (Date.now() > end) throw new Error(`the cluster does not form: ${peers.join(", ")} of ${size}`);
    await sleep(100);
  }
}

async function peersOf(url: string): Promise<number> {
  const { result } = (await (await fetch(`${url}/cluster`)).json()) as { result: { peers?: object } };
  return Object.keys(result.peers ?? {}).length;
}
