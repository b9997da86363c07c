/** Servers as a host starts them, seen through the SDK's own client; and what their processes take. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { ROOT } from "./corpus.js";

export const SERVER = join(ROOT, "dist/src/main.js");
export const EMPTY_SERVER = join(ROOT, "dist/tools/bench/empty-server.js");
/** Longer than any job here lasts. */
const PATIENCE_MS = 1_800_000;

export interface Connection {
  readonly pid: number;
  call(name: string, args?: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export async function connect(entry: string, settings: Readonly<Record<string, string>> = {}): Promise<Connection> {
  const client = new Client({ name: "aura-retrieval-bench", version: "1.0.0" });
  const env = {
    PATH: process.env.PATH ?? "",
    METRICS_PORT: "0",
    RATE_LIMIT_QPS: "100000",
    LOG_LEVEL: "warn",
    ...settings,
  };
  const transport = new StdioClientTransport({ command: process.execPath, args: [entry], env });
  await client.connect(transport);
  return {
    pid: transport.pid as number,
    async call(name, args = {}) {
      const result = await client.callTool({ name, arguments: { ...args } }, { timeout: PATIENCE_MS });
      if (result.isError) throw new Error(`${name}: ${JSON.stringify(result.structuredContent ?? result.content)}`);
      return (result.structuredContent ?? {}) as Record<string, unknown>;
    },
    close: () => client.close(),
  };
}

/** Resident and proportional set size of a process and all its children, bytes. Linux only. */
export function memoryOfTree(pid: number): { rss: number; pss: number; processes: number } {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // ended meanwhile
    }
  }
  const tree = [pid];
  for (const parent of tree) for (const [child, of] of parents) if (of === parent) tree.push(child);
  const sum = { rss: 0, pss: 0, processes: tree.length };
  for (const each of tree) {
    const rollup = readFileSync(`/proc/${each}/smaps_rollup`, "utf8");
    const kilobytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(rollup)?.[1] ?? 0);
    sum.rss += kilobytes("Rss") * 1024;
    sum.pss += kilobytes("Pss") * 1024;
  }
  return sum;
}
