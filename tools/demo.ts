/**
 * `npm run demo`: the main job, for real. Starts the built server as a host would, over stdio, indexes documents,
 * asks questions, and prints what came back.
 *
 * `npm run demo -- <folder> "<question>"` does the same on your own folder.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Presets, SingleBar } from "cli-progress";
import { clientConfigurations } from "./client-configurations.js";

interface Question {
  readonly question: string;
  /** Document that must be among the first three. */
  readonly expect?: string;
}

interface Passage {
  readonly rank: number;
  readonly score: number;
  readonly text: string;
  readonly source: Source;
}

interface Source {
  readonly document: string;
  readonly heading?: string;
  readonly title?: string;
  readonly line_start?: number;
  readonly line_end?: number;
  readonly page_start?: number;
  readonly page_end?: number;
}

interface Answer {
  readonly results: readonly Passage[];
  readonly timings_ms: Readonly<Record<string, number>>;
  readonly empty_reason?: string;
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const server = join(root, "dist", "src", "main.js");
const SHOWN = 3;
const colour = process.stdout.isTTY === true;
const bold = (text: string) => (colour ? `\u001b[1m${text}\u001b[22m` : text);
const dim = (text: string) => (colour ? `\u001b[2m${text}\u001b[22m` : text);
const say = (text = "") => process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const [folder = join(root, "examples"), question] = process.argv.slice(2);
  const source = resolve(folder);
  const questions: readonly Question[] =
    process.argv.length > 2
      ? [{ question: question ?? "What is this about?" }]
      : (JSON.parse(readFileSync(join(root, "tools", "demo-questions.json"), "utf8")) as Question[]);
  const dataFolder = mkdtempSync(join(tmpdir(), "aura-retrieval-demo-"));
  const client = new Client({ name: "aura-retrieval-demo", version: "1.0.0" });
  try {
    const env = { ...process.env, RETRIEVAL_DATA_DIR: dataFolder, RETRIEVAL_ROOTS: source, LOG_LEVEL: "error" };
    const started = performance.now();
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [server], env: env as Record<string, string> }),
    );
    say(
      `Connected over stdio in ${(performance.now() - started).toFixed(0)} ms to ${client.getServerVersion()?.name}.`,
    );
    await index(client, source);
    let missed = 0;
    for (const asked of questions) if (!(await ask(client, asked))) missed++;
    say(bold("\nhealth"));
    say(textOf(await call(client, "health", {})));
    say(bold("\nConnect your agent"));
    say(clientConfigurations({ node: process.execPath, server, roots: source }));
    if (missed > 0) say(`\n${missed} of ${questions.length} expected pages were not among the first ${SHOWN}.`);
    return missed === 0 ? 0 : 1;
  } finally {
    await client.close();
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

async function index(client: Client, source: string): Promise<void> {
  say(`\nIndexing ${relative(process.cwd(), source) || source}`);
  const bar = new SingleBar(
    { format: "{bar} {percentage}% | {message}", hideCursor: true, noTTYOutput: true, notTTYSchedule: 1_000 },
    Presets.shades_classic,
  );
  bar.start(1, 0, { message: "starting" });
  const result = await client.callTool(
    { name: "reindex", arguments: { source, wait: true } },
    {
      timeout: 3_600_000,
      resetTimeoutOnProgress: true,
      onprogress: ({ progress, total, message }) => {
        bar.setTotal(total ?? progress + 1);
        bar.update(progress, { message: message ?? "" });
      },
    },
  );
  bar.update(bar.getTotal());
  bar.stop();
  if (result.isError) throw new Error(textOf(result));
  say(textOf(result));
}

/** @returns whether the expected page is among the first three */
async function ask(client: Client, { question, expect }: Question): Promise<boolean> {
  const result = await call(client, "retrieve", { query: question, top_k: SHOWN * 3 });
  const { results, timings_ms, empty_reason } = result.structuredContent as unknown as Answer;
  say(`\n${bold(question)}`);
  if (results.length === 0) say(`  nothing found (${empty_reason})`);
  const pages = [...new Set(results.map(({ source }) => source.document))].slice(0, SHOWN);
  for (const { rank, score, text, source } of results.slice(0, SHOWN)) {
    const heading = source.heading ?? source.title ?? "";
    say(`  ${rank}. ${source.document} ${dim(`> ${heading}${place(source)}`)}  score ${score.toFixed(3)}`);
    say(dim(`     ${excerpt(text)}`));
  }
  say(
    dim(
      `     ${Object.entries(timings_ms)
        .map(([stage, ms]) => `${stage} ${ms.toFixed(1)}`)
        .join(", ")} ms`,
    ),
  );
  if (expect === undefined || pages.includes(expect)) return true;
  say(`  expected ${expect}`);
  return false;
}

/** A PDF has pages, a DOCX neither pages nor lines. */
function place({ line_start, line_end, page_start, page_end }: Source): string {
  if (line_start !== undefined) return `, lines ${line_start}-${line_end}`;
  return page_start === undefined ? "" : `, pages ${page_start}-${page_end}`;
}

async function call(client: Client, name: string, args: Record<string, unknown>) {
  const result = await client.callTool({ name, arguments: args });
  if (result.isError) throw new Error(textOf(result));
  return result;
}

function textOf({ content }: { content: readonly { type: string; text?: unknown }[] }): string {
  return content.map(({ text }) => String(text)).join("\n");
}

/** The passage without its headings, on one line. */
function excerpt(text: string): string {
  const line = text
    .replace(/^#+ .*$/gm, "")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > 110 ? `${line.slice(0, 110)}…` : line;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
