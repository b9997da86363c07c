/** Settings that change while the server runs: in force for the next call, or refused whole. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.js";
import {
  cleanUp,
  environment,
  folderOf,
  type Json,
  MAIN,
  newFolder,
  PATIENCE_MS,
  RawServer,
  run,
  type Settings,
  until,
} from "./server.js";

/** In which a rolled back feature has to be gone. */
const ROLLBACK_MS = 2_000;

afterEach(cleanUp);

/** A server on a settings file, over one indexed document; the model is the bundled one. */
async function started(settings: Settings, inherited: Settings = {}): Promise<{ server: RawServer; file: string }> {
  const data = newFolder();
  const source = folderOf({ "keys.md": "# Keys\n\nSigning keys are rotated every ninety days.\n" });
  expect((await run(["index", source], data, { EMBEDDING_MODEL: "all-MiniLM-L6-v2" })).code).toBe(0);
  const file = join(newFolder(), "settings.env");
  writeFileSync(file, lines(settings));
  return { server: await serve(data, file, inherited), file };
}

/** EMBEDDING_MODEL is the file's: the environment would win over it. */
async function serve(data: string, file: string, inherited: Settings): Promise<RawServer> {
  const { EMBEDDING_MODEL: _, ...env } = environment(data, inherited);
  const args = ["-i", ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  const command = [process.execPath, MAIN, "--env-file", file, "serve"];
  const server = new RawServer(data, {}, { command: "env", args: [...args, ...command] });
  await server.initialize();
  expect(await until(async () => !(await server.call("retrieve", QUESTION)).isError, PATIENCE_MS)).toBe(true);
  return server;
}

const QUESTION = { query: "how are signing keys rotated", explain: true };
const lines = (settings: Settings) =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
const configOf = async (server: RawServer): Promise<Json> => (await server.ask("health")).config;

/** Milliseconds from a change to the first answer that shows it. */
async function timed(server: RawServer, change: () => void, shows: (answer: Json) => boolean): Promise<number> {
  const began = performance.now();
  change();
  const seen = await until(async () => shows(await server.ask("retrieve", QUESTION)), PATIENCE_MS);
  expect(seen, server.stderr).toBe(true);
  return performance.now() - began;
}

describe.skipIf(process.platform === "win32")("a rollback of the runbook", () => {
  const on = { QUERY_EXPANSION_ENABLED: "1", EXPANSION_STRATEGY: "multi_query" };
  it.each<[string, Settings, Settings, (answer: Json) => boolean]>([
    ["of re-ranking", on, { ...on, RERANK_ENABLED: "0" }, (answer) => answer.reranked === undefined],
    ["of expansion", on, { QUERY_EXPANSION_ENABLED: "0" }, (answer) => answer.query_variants.length === 1],
    [
      "of the model, to pseudo-embeddings",
      on,
      { EMBEDDING_MODEL: "" },
      (answer) => answer.degraded.some(({ reason }: Json) => reason === "lexical_only") && answer.results.length > 0,
    ],
    [
      "of everything",
      on,
      { RERANK_ENABLED: "0", QUERY_EXPANSION_ENABLED: "0", EMBEDDING_MODEL: "" },
      (answer) =>
        answer.query_variants.length === 1 &&
        answer.results.length > 0 &&
        answer.degraded[0].reason === "pseudo_embeddings",
    ],
  ])("%s answers in its new form within two seconds, without a restart", async (_what, before, after, shows) => {
    const { server, file } = await started(before);
    expect(shows(await server.ask("retrieve", QUESTION))).toBe(false);
    const ms = await timed(server, () => writeFileSync(file, lines(after)), shows);
    expect(ms).toBeLessThan(ROLLBACK_MS);
    const back = await timed(
      server,
      () => writeFileSync(file, lines(before)),
      (answer) => !shows(answer),
    );
    expect(back).toBeGreaterThan(0);
  });
});

describe.skipIf(process.platform === "win32")("a settings file", () => {
  it("that is replaced, or that a link is pointed away from as a ConfigMap's is, is read anew", async () => {
    const data = newFolder();
    const folder = newFolder();
    const version = (name: string, settings: Settings) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "settings.env"), lines(settings));
    };
    version("..v1", { HYBRID_ENABLED: "1", EMBEDDING_MODEL: "" });
    version("..v2", { HYBRID_ENABLED: "0", EMBEDDING_MODEL: "" });
    symlinkSync("..v1", join(folder, "..data"));
    symlinkSync(join("..data", "settings.env"), join(folder, "settings.env"));
    const source = folderOf({ "keys.md": "# Keys\n\nKeys are rotated.\n" });
    expect((await run(["index", source], data)).code).toBe(0);
    const server = await serve(data, join(folder, "settings.env"), {});
    const hybridIs = (wanted: boolean) => async () => (await server.ask("health")).flags.hybrid === wanted;
    expect(await hybridIs(true)()).toBe(true);
    symlinkSync("..v2", join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
    expect(await until(hybridIs(false), PATIENCE_MS)).toBe(true);
    writeFileSync(join(folder, "next.env"), lines({ HYBRID_ENABLED: "1", EMBEDDING_MODEL: "" }));
    renameSync(join(folder, "next.env"), join(folder, "settings.env"));
    expect(await until(hybridIs(true), PATIENCE_MS)).toBe(true);
  });

  it("is read anew on SIGHUP, and what needs a restart is named", async () => {
    const { server, file } = await started({ METRICS_PORT: "0" });
    writeFileSync(file, lines({ METRICS_HOST: "localhost", CANDIDATES: "7" }));
    server.process.kill("SIGHUP");
    const candidates = (answer: Json) => answer.explain.candidates_per_leg === 7;
    expect(await until(async () => candidates(await server.ask("retrieve", QUESTION)), PATIENCE_MS)).toBe(true);
    expect((await configOf(server)).needs_restart).toEqual(["METRICS_HOST"]);
    expect(server.stderr).toMatch(/after a restart only: METRICS_HOST/);
  });

  it.each<[string, (file: string) => void, RegExp]>([
    ["with a value that is not allowed", (file) => writeFileSync(file, "CANDIDATES=0\n"), /CANDIDATES=0/],
    ["that is half written", (file) => writeFileSync(file, "CANDIDATES=5\nRERANK_ENA"), /half written/],
    ["that is gone", (file) => rmSync(file), /cannot be read/],
    ["with an unknown profile", (file) => writeFileSync(file, "RETRIEVAL_PROFILE=none\n"), /unknown profile/],
  ])("%s changes nothing, and says why in health, log and metric", async (_what, change, why) => {
    const port = await freePort();
    const { server, file } = await started({ CANDIDATES: "9" }, { METRICS_PORT: String(port) });
    change(file);
    const failed = async () => (await configOf(server)).state === "failed";
    expect(await until(failed, PATIENCE_MS)).toBe(true);
    expect((await configOf(server)).error).toMatch(why);
    expect((await server.ask("health")).status).toBe("degraded");
    expect((await server.ask("retrieve", QUESTION)).explain.candidates_per_leg).toBe(9);
    expect(server.stderr).toMatch(why);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain('config_reloads_total{status="failed"} 1');
    writeFileSync(file, lines({ CANDIDATES: "8" }));
    const mended = async () => (await server.ask("retrieve", QUESTION)).explain.candidates_per_leg === 8;
    expect(await until(mended, PATIENCE_MS)).toBe(true);
    expect(await configOf(server)).toMatchObject({ state: "ok", needs_restart: [] });
  });

  it("that changes drops no call in flight: each is answered as it began", async () => {
    const { server, file } = await started({ RERANK_ENABLED: "0" });
    const answers: Promise<Json>[] = [];
    for (let i = 0; i < 60; i++) {
      if (i % 10 === 5) writeFileSync(file, lines({ EMBEDDING_MODEL: i % 20 === 5 ? "" : "all-MiniLM-L6-v2" }));
      answers.push(server.ask("retrieve", { query: `how are signing keys number ${i} rotated` }));
      await new Promise((done) => setTimeout(done, 50));
    }
    for (const answer of await Promise.all(answers)) expect(answer.results.length).toBeGreaterThan(0);
  });
});

// One that is not there ends with exit code 9: Node knows an option of this name itself, and looks for the file first.
describe("at start, a settings file", () => {
  it.each<[string, (file: string) => void]>([
    ["that is half written", (file) => writeFileSync(file, "CANDIDATES=5\nRERANK_ENA")],
    ["with a quotation mark that is never closed", (file) => writeFileSync(file, 'QDRANT_COLLECTION="docs\n')],
    ["with an unknown profile", (file) => writeFileSync(file, "RETRIEVAL_PROFILE=none\n")],
  ])("%s is a configuration error: exit code 78", async (_what, write) => {
    const data = newFolder();
    const file = join(newFolder(), "settings.env");
    write(file);
    const { code, stderr } = await run(["--env-file", file, "serve"], data);
    expect(code, stderr).toBe(78);
  });
});

describe.skipIf(process.platform === "win32")("a server that is starting", () => {
  it("is not ended by a SIGHUP before its modules are there", async () => {
    // Sent as the server reserves its output, the first thing that it does.
    const early = `const write = process.stdout.write;
      process.stdout.write = Object.assign((...args) => write.apply(process.stdout, args), {
        bind(...args) {
          process.kill(process.pid, "SIGHUP");
          return write.bind(...args);
        },
      });`;
    const args = ["--import", `data:text/javascript,${encodeURIComponent(early)}`, MAIN];
    const server = new RawServer(newFolder(), {}, { command: process.execPath, args });
    await server.initialize();
    expect((await configOf(server)).state).toBe("ok");
  });

  it("takes up what is written before it watches its files", async () => {
    const file = join(newFolder(), "settings.env");
    writeFileSync(file, "HYBRID_ENABLED=1\n");
    const command = [MAIN, "--env-file", file, "serve"];
    const server = new RawServer(newFolder(), {}, { command: process.execPath, args: command });
    await server.initialize();
    writeFileSync(file, "HYBRID_ENABLED=0\n");
    const off = async () => (await server.ask("health")).flags.hybrid === false;
    expect(await until(off, PATIENCE_MS)).toBe(true);
  });
});
