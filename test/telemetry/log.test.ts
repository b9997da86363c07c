import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

function run(body: string): { stdout: string; lines: Record<string, unknown>[]; loaded: boolean } {
  const script = `
    const { createRequire } = await import("node:module");
    const { createLogger } = await import("#src/telemetry/log.js");
    process.on("beforeExit", () => {
      const loaded = Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes("/pino/"));
      process.stderr.write(JSON.stringify({ loaded }) + "\\n");
    });
    ${body}
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  const lines = stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const isAbout = (line: Record<string, unknown>) => "loaded" in line;
  return {
    stdout,
    lines: lines.filter((line) => !isAbout(line)),
    loaded: lines.find(isAbout)?.loaded as boolean,
  };
}

describe("the log", () => {
  it("is JSON lines on stderr, nothing on stdout, and keeps its last line when the process ends", () => {
    const { stdout, lines } = run(`
      const log = createLogger(() => "info");
      for (let i = 0; i < 500; i++) log.info("line " + i, { i });
      log.error("last", { err: new Error("why") });
    `);
    expect(stdout).toBe("");
    expect(lines).toHaveLength(501);
    expect(lines[500]).toMatchObject({ level: "error", msg: "last", err: { message: "why" } });
  });

  it("lets no hidden text through, and gets over errors that lead round in a circle", () => {
    const { lines } = run(`
      const log = createLogger(() => "info");
      const error = Object.assign(new Error("a\\u202eb\\u001b[31mc"), { code: "E\\u200bX" });
      error.self = { error };
      log.error("x\\u2028y\\u{e0041}", { err: error });
      log.error("z", { err: "te\\u202ext" });
      log.error("none", { err: undefined });
    `);
    expect(lines).toMatchObject([
      { msg: "x y", err: { message: "abc", code: "EX", stack: expect.stringContaining("Error: abc") } },
      { msg: "z", err: "text" },
      { msg: "none" },
    ]);
  });

  it("leaves out what is below its level and loads nothing for it", () => {
    const { lines, loaded } = run(`
      createLogger(() => "warn").info("quiet");
      createLogger(() => "silent").error("quiet");
    `);
    expect(lines).toEqual([]);
    expect(loaded).toBe(false);
  });

  it("has a few lines of one kind, and counts the rest", () => {
    const { lines } = run(`
      const log = createLogger(() => "info");
      for (let i = 0; i < 500; i++) log.info("line", { i });
    `);
    expect(lines.map(({ msg }) => msg)).toEqual([
      ...["line", "line", "line"],
      "further 497 of this kind were not logged: line",
    ]);
  });

  it("asks for its level at every line", () => {
    const { lines } = run(`
      let level = "error";
      const log = createLogger(() => level);
      log.debug("before");
      level = "debug";
      log.debug("between");
      level = "silent";
      log.error("after");
    `);
    expect(lines).toMatchObject([{ level: "debug", msg: "between" }]);
  });
});
