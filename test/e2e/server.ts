/** The built program as a child process, seen from outside: JSON-RPC lines in and out, signals, its process tree. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";

const PACKAGE_ROOT = resolve(import.meta.dirname, "../..");
export const MAIN = join(PACKAGE_ROOT, "dist/src/main.js");
export const EXAMPLES = join(PACKAGE_ROOT, "examples");
/** How long to wait for what has no event: the machine may be shared and slow. */
export const PATIENCE_MS = 60_000;

const undo: (() => unknown)[] = [];

/** To be done by the next `cleanUp`, last first. */
export function onCleanUp(step: () => unknown): void {
  undo.push(step);
}

/** Ends every child and removes every folder made since the last call: for `afterEach` or `afterAll`. */
export async function cleanUp(): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

/** Removed by `cleanUp`. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "aura-e2e-"));
  undo.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Writes `path → text` below the folder. */
export function writeDocuments(folder: string, documents: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(documents)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** A folder with its documents. */
export function folderOf(documents: Readonly<Record<string, string>>): string {
  const folder = newFolder();
  writeDocuments(folder, documents);
  return folder;
}

export const ROOT = process.getuid?.() === 0;

/** Needs root and a kernel that lets it. */
export function canMount(): boolean {
  if (!ROOT || process.platform !== "linux") return false;
  const place = newFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", place], { stdio: "ignore" });
    execFileSync("umount", [place], { stdio: "ignore" });
    return true;
  } catch {
    console.warn("skipped: a full disk needs a tmpfs of its own, and this user may not mount one");
    return false;
  }
}

/** The stores there are: the embedded one, and a Qdrant for tests where one is named. */
export function stores(): readonly (readonly [name: string, settings: Settings])[] {
  const url = process.env.QDRANT_TEST_URL;
  const qdrant = { QDRANT_URL: url ?? "", QDRANT_COLLECTION: `e2e-${process.pid}-${Date.now()}` };
  return [["the embedded store", {}], ...(url === undefined ? [] : [["a Qdrant", qdrant] as const])];
}

export type Settings = Readonly<Record<string, string>>;

/** What a server is started with: nothing of the developer's own settings, no port, pseudo-embeddings. */
export function environment(dataFolder: string, settings: Settings = {}): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: dataFolder,
    RETRIEVAL_DATA_DIR: dataFolder,
    METRICS_PORT: "0",
    EMBEDDING_MODEL: "",
    EMBEDDING_THREADS: "1",
    LOG_LEVEL: "warn",
    ...settings,
  };
}
/** The bundled model instead of pseudo-embeddings. */
export const REAL_MODEL: Settings = { EMBEDDING_MODEL: "all-MiniLM-L6-v2" };

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests, field by field
export type Json = any;

export interface ToolResult {
  readonly isError?: boolean;
  readonly content: readonly { readonly type: string; readonly text: string }[];
  readonly structuredContent: Json;
}

/** What starts the server; by default this Node and the built entry. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** A server that is spoken to in raw JSON-RPC. */
export class RawServer {
  readonly process: ChildProcess;
  readonly stdoutLines: string[] = [];
  readonly notifications: Json[] = [];
  stderr = "";
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null; at: number }>;
  /** Resolves when it has ended and all that it wrote is here. */
  readonly closed: Promise<unknown>;
  readonly #waiting = new Map<number | string, (message: Json) => void>();
  readonly #watchers = new Set<(message: Json) => void>();
  #nextId = 1;

  constructor(dataFolder: string, settings: Settings = {}, program?: Program) {
    const { command, args } = program ?? { command: process.execPath, args: [MAIN] };
    this.process = spawn(command, args, {
      cwd: dataFolder,
      env: environment(dataFolder, settings),
      stdio: ["pipe", "pipe", "pipe"],
    });
    undo.push(() => this.kill());
    this.exited = new Promise((done) => {
      this.process.once("exit", (code, signal) => done({ code, signal, at: Date.now() }));
    });
    this.closed = once(this.process, "close");
    this.process.stderr?.on("data", (chunk) => {
      this.stderr += chunk;
    });
    this.process.stdin?.on("error", () => undefined);
    createInterface({ input: this.process.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      this.stdoutLines.push(line);
      this.#hear(line);
    });
  }

  get pid(): number {
    return this.process.pid as number;
  }

  /** @returns the whole answer, an error included */
  request(method: string, params: object = {}): { id: number; answer: Promise<Json> } {
    const id = this.#nextId++;
    const answer = new Promise<Json>((done, fail) => {
      this.#waiting.set(id, done);
      void this.exited.then(() => fail(new Error(`the server ended before it answered ${method}\n${this.stderr}`)));
    });
    answer.catch(() => undefined); // a call that is cut off on purpose is not awaited
    this.send({ jsonrpc: "2.0", id, method, params });
    return { id, answer };
  }

  notify(method: string, params: object = {}): void {
    this.send({ jsonrpc: "2.0", method, params });
  }

  send(message: object): void {
    this.process.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  async initialize(protocolVersion = "2025-11-25"): Promise<Json> {
    const answer = await this.request("initialize", {
      protocolVersion,
      capabilities: {},
      clientInfo: { name: "raw", version: "1.0" },
    }).answer;
    this.notify("notifications/initialized");
    return answer;
  }

  /** Starts a tool call; progress comes with its id as token. */
  start(name: string, args: object = {}, meta: object = {}): { id: number; answer: Promise<ToolResult> } {
    const progressToken = this.#nextId;
    const { id, answer } = this.request("tools/call", {
      name,
      arguments: args,
      _meta: { progressToken, ...meta },
    });
    const result = answer.then((message) => {
      if (message.error) throw new Error(JSON.stringify(message.error));
      return message.result as ToolResult;
    });
    result.catch(() => undefined);
    return { id, answer: result };
  }

  call(name: string, args: object = {}): Promise<ToolResult> {
    return this.start(name, args).answer;
  }

  /** The structured content of a call that must succeed. */
  async ask(name: string, args: object = {}): Promise<Json> {
    const result = await this.call(name, args);
    if (result.isError) throw new Error(JSON.stringify(result.structuredContent));
    return result.structuredContent;
  }

  /** The error of a call that must fail. */
  async refuse(name: string, args: object = {}): Promise<Json> {
    const result = await this.call(name, args);
    if (!result.isError) throw new Error(`${name} was answered: ${JSON.stringify(result.structuredContent)}`);
    return result.structuredContent.error;
  }

  cancel(id: number): void {
    this.notify("notifications/cancelled", { requestId: id, reason: "test" });
  }

  /** The first notification, past or future, that fits. */
  notified(fits: (message: Json) => boolean): Promise<Json> {
    const past = this.notifications.find(fits);
    if (past !== undefined) return Promise.resolve(past);
    const notification = new Promise<Json>((done, fail) => {
      const watch = (message: Json) => {
        if (!fits(message)) return;
        this.#watchers.delete(watch);
        done(message);
      };
      this.#watchers.add(watch);
      void this.exited.then(() => fail(new Error(`the server ended\n${this.stderr}`)));
    });
    notification.catch(() => undefined); // a server that is ended on purpose owes nobody one
    return notification;
  }

  /** Resolves when the reindex call of this id has written chunks. */
  async writing(id: number): Promise<void> {
    await this.notified(({ method, params }) => {
      if (method !== "notifications/progress" || params.progressToken !== id) return false;
      return Number(/(\d+) chunks,/.exec(params.message)?.[1] ?? 0) > 0;
    });
  }

  /** Ends it by the end of its stdin. */
  async end(): Promise<void> {
    this.process.stdin?.end();
    await this.exited;
  }

  async kill(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill("SIGKILL");
    await this.exited;
  }

  #hear(line: string): void {
    let message: Json;
    try {
      message = JSON.parse(line);
    } catch {
      return; // stdoutLines has it
    }
    if (message.id !== undefined && message.method === undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
      return;
    }
    this.notifications.push(message);
    for (const watch of [...this.#watchers]) watch(message);
  }
}

/** A server that has been greeted. */
export async function startServer(dataFolder: string, settings: Settings = {}): Promise<RawServer> {
  const server = new RawServer(dataFolder, settings);
  await server.initialize();
  return server;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of the command line, started. */
export function startCommand(args: readonly string[], dataFolder: string, settings: Settings = {}): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: dataFolder,
    env: environment(dataFolder, settings),
    stdio: ["ignore", "pipe", "pipe"],
  });
  undo.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  return child;
}

/** A command of the command line, run to its end. */
export async function run(
  args: readonly string[],
  dataFolder: string,
  settings: Settings = {},
): Promise<CommandResult> {
  const child = startCommand(args, dataFolder, settings);
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, "close");
  return { code: code as number | null, stdout, stderr };
}

/** Processes below a process, itself left out. */
export function descendants(pid: number): number[] {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number) as [number, number]);
  const found: number[] = [];
  for (let parents = [pid]; parents.length > 0; ) {
    parents = rows.filter(([, parent]) => parents.includes(parent)).map(([child]) => child);
    found.push(...parents);
  }
  // `ps` lists itself below this process, never below the server.
  return found;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    return execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" })
      .trim()
      .startsWith("Z");
  } catch {
    return true;
  }
}

/** Polls what has no event of its own: the end of a process that is not our child, a line in a file. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const end = Date.now() + withinMs;
  for (;;) {
    if (await holds()) return true;
    if (Date.now() > end) return false;
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** The lines of the server's span file. */
export function readSpans(dataFolder: string): Json[] {
  return readFileSync(join(dataFolder, "logs/mcp_tool_spans.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Documents of twelve short passages each: a reindex writes a hundred passages at a time, so nine are one write. */
export function longDocuments(count: number, word: string): Record<string, string> {
  const sentence = (n: number, part: number, i: number) =>
    `The ${word} ${n} says in part ${part} something about topic ${(n * 7 + part * 11 + i * 3) % 101}.`;
  const part = (n: number, at: number) => `## Part ${at}\n\n${[0, 1, 2].map((i) => sentence(n, at, i)).join(" ")}\n`;
  return Object.fromEntries(
    Array.from({ length: count }, (_, n) => [
      `${word}-${String(n).padStart(3, "0")}.md`,
      `# ${word} ${n}\n\n${Array.from({ length: 12 }, (_, at) => part(n, at)).join("\n")}`,
    ]),
  );
}
