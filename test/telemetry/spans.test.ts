import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createSpanSink, resolveSpansPath } from "#src/telemetry/spans.js";
import { newFolder, spanLine } from "./fixtures.js";

const APPENDER = `
  const { createSpanSink } = await import("#src/telemetry/spans.js");
  const { path, name, lines, template } = JSON.parse(process.env.JOB);
  const sink = createSpanSink({ path, maxBytes: 20_000, keep: 200, onDrop: () => process.exit(3) });
  for (let i = 0; i < lines; i++) sink.write({ ...template, user: name + ":" + i });
  await sink.flush();
`;

async function append(path: string, name: string, lines: number): Promise<void> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", APPENDER], {
    env: { ...process.env, JOB: JSON.stringify({ path, name, lines, template: spanLine("") }) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
}

function usersIn(path: string): string[] {
  return readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).user as string);
}

describe("the span file", () => {
  it("loses and mixes no line when processes append and rotate at once", async () => {
    const folder = newFolder();
    const path = join(folder, "spans.jsonl");
    const names = ["a", "b", "c"];
    await Promise.all(names.map((name) => append(path, name, 900)));
    const files = readdirSync(folder);
    expect(files.filter((file) => /\.\d+$/.test(file)).length).toBeGreaterThan(5);
    expect(files).not.toContain("spans.jsonl.lock");
    const users = files.flatMap((file) => usersIn(join(folder, file)));
    const expected = names.flatMap((name) => Array.from({ length: 900 }, (_, i) => `${name}:${i}`));
    expect(users.sort()).toEqual(expected.sort());
  }, 60_000);

  it("keeps the newest lines in order, in no more files than it may, none over the size", async () => {
    const folder = newFolder();
    const path = join(folder, "spans.jsonl");
    const sink = createSpanSink({ path, maxBytes: 1_000, keep: 2 });
    for (let i = 0; i < 100; i++) sink.write(spanLine(`u${i}`));
    await sink.flush();
    expect(readdirSync(folder).sort()).toEqual(["spans.jsonl", "spans.jsonl.1", "spans.jsonl.2"]);
    const kept = [`${path}.2`, `${path}.1`, path].flatMap(usersIn);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => `u${100 - kept.length + i}`));
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).size).toBeLessThanOrEqual(1_000);
  });

  it("rotates again after a process was killed while it held the lock", async () => {
    const path = join(newFolder(), "spans.jsonl");
    writeFileSync(`${path}.lock`, "");
    utimesSync(`${path}.lock`, 1, 1);
    const sink = createSpanSink({ path, maxBytes: 500, keep: 5 });
    for (let i = 0; i < 12; i++) sink.write(spanLine(`u${i}`));
    await sink.flush();
    expect(statSync(`${path}.1`).isFile()).toBe(true);
  });

  it.skipIf(process.platform === "win32")("is readable by its owner only, and so is a folder made for it", async () => {
    const path = join(newFolder(), "made", "spans.jsonl");
    const sink = createSpanSink({ path });
    sink.write(spanLine("u"));
    await sink.flush();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
  });

  it("counts every line it cannot write, and warns once", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "logs"), "a file where the folder should be");
    let drops = 0;
    const warnings: string[] = [];
    const sink = createSpanSink({
      path: join(folder, "logs", "spans.jsonl"),
      onDrop: () => drops++,
      warn: (message) => warnings.push(message),
    });
    for (let i = 0; i < 3; i++) sink.write(spanLine("lost"));
    await sink.flush();
    expect(drops).toBe(3);
    expect(warnings).toEqual([expect.stringContaining("writable place")]);
  });

  it("loses no line of a burst, and keeps their order over rotations", async () => {
    const path = join(newFolder(), "spans.jsonl");
    const warnings: string[] = [];
    const sink = createSpanSink({ path, maxBytes: 100_000, keep: 50, warn: (message) => warnings.push(message) });
    for (let i = 0; i < 6_000; i++) sink.write(spanLine(`u${i}`));
    await sink.flush();
    expect(warnings).toEqual([]);
    const files = readdirSync(join(path, ".."));
    const oldestFirst = files.map((file) => Number(file.split(".")[2] ?? 0)).sort((a, b) => b - a);
    expect(oldestFirst.length).toBeGreaterThan(10);
    const all = oldestFirst.map((n) => (n === 0 ? path : `${path}.${n}`));
    for (const file of all) expect(statSync(file).size).toBeLessThanOrEqual(100_000);
    expect(all.flatMap(usersIn)).toEqual(Array.from({ length: 6_000 }, (_, i) => `u${i}`));
  });

  it("drops and counts lines over its queue instead of growing, and says that the disk is slow", async () => {
    let drops = 0;
    const warnings: string[] = [];
    const path = join(newFolder(), "spans.jsonl");
    const sink = createSpanSink({ path, onDrop: () => drops++, warn: (message) => warnings.push(message) });
    const long = "x".repeat(10_000);
    for (let i = 0; i < 1_000; i++) sink.write(spanLine(`${long}${i}`));
    await sink.flush();
    expect(drops).toBeGreaterThan(100);
    expect(drops).toBeLessThan(300);
    expect(usersIn(path)).toHaveLength(1_000 - drops);
    expect(warnings).toEqual([expect.stringMatching(/more than 8 MB wait.*faster disk/)]);
    sink.write(spanLine("later"));
    await sink.flush();
    expect(usersIn(path).at(-1)).toBe("later");
  });

  it.skipIf(process.platform === "win32")("does not follow a link that somebody put in its place", async () => {
    const folder = newFolder();
    const target = join(folder, "precious");
    writeFileSync(target, "untouched");
    symlinkSync(target, join(folder, "spans.jsonl"));
    let drops = 0;
    const sink = createSpanSink({ path: join(folder, "spans.jsonl"), onDrop: () => drops++ });
    sink.write(spanLine("u"));
    await sink.flush();
    expect(drops).toBe(1);
    expect(readFileSync(target, "utf8")).toBe("untouched");
  });
});

describe("the place of the span file", () => {
  const dataDir = "/data/aura";

  it("is the configured one when that is absolute", () => {
    expect(resolveSpansPath({ configured: "/var/log/spans.jsonl", cwd: "/", dataDir })).toBe("/var/log/spans.jsonl");
  });

  it("is the data folder when the working folder has no logs folder", () => {
    const cwd = newFolder();
    expect(resolveSpansPath({ cwd, dataDir })).toBe(join(dataDir, "logs/mcp_tool_spans.jsonl"));
    writeFileSync(join(cwd, "logs"), "not a folder");
    expect(resolveSpansPath({ configured: "", cwd, dataDir })).toBe(join(dataDir, "logs/mcp_tool_spans.jsonl"));
  });

  it("is the working folder when that has a logs folder", () => {
    const cwd = newFolder();
    mkdirSync(join(cwd, "logs"));
    expect(resolveSpansPath({ cwd, dataDir })).toBe(join(cwd, "logs/mcp_tool_spans.jsonl"));
  });

  it("is the data folder when the logs folder is a link, whoever made it", () => {
    const cwd = newFolder();
    symlinkSync(newFolder(), join(cwd, "logs"), "junction");
    expect(resolveSpansPath({ cwd, dataDir })).toBe(join(dataDir, "logs/mcp_tool_spans.jsonl"));
    expect(resolveSpansPath({ configured: "logs/deep/s.jsonl", cwd, dataDir })).toBe(
      join(dataDir, "logs/deep/s.jsonl"),
    );
  });
});
