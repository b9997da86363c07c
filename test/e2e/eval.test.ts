/** `aura-retrieval eval` from outside: the real pipeline over a small set of questions. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanUp, folderOf, type Json, newFolder, REAL_MODEL, run } from "./server.js";

const LIBRARY = resolve(import.meta.dirname, "../eval/fixtures/library");
const METRICS = ["nDCG@10", "recall@10", "recall@100", "MRR@10", "success@5"];

afterAll(cleanUp);

async function evaluate(dataFolder: string, args: readonly string[], settings = {}): Promise<Json> {
  const { code, stdout, stderr } = await run(["eval", ...args, "--json"], dataFolder, settings);
  expect(code, stdout + stderr).toBe(0);
  return JSON.parse(stdout);
}

describe("a folder in BEIR's layout", () => {
  let dataFolder: string;
  let value: Json;
  let out: string;
  beforeAll(async () => {
    dataFolder = newFolder();
    out = join(dataFolder, "out");
    const files = ["--out", out, "--report", join(dataFolder, "report.html")];
    value = await evaluate(dataFolder, [LIBRARY, ...files], REAL_MODEL);
  });

  it("is indexed and asked: every metric with its interval, the time by stage, what a score means", () => {
    expect(value).toMatchObject({ dataset: { name: "library", questions: 7 }, kind: "single", out });
    const [{ metrics, latency_ms, candidates, calibration, auc, collection }] = value.configurations;
    expect(Object.keys(metrics)).toEqual(METRICS);
    // Six of seven queries have a relevant document, and words lead to each of them.
    expect(metrics["success@5"].mean).toBeCloseTo(6 / 7, 5);
    for (const { mean, low, high } of Object.values<Json>(metrics)) {
      expect(low).toBeLessThanOrEqual(mean);
      expect(high).toBeGreaterThanOrEqual(mean);
    }
    expect(Object.keys(latency_ms)).toEqual(expect.arrayContaining(["embed", "search", "fuse", "total"]));
    expect(collection).toMatchObject({ points: 10 });
    expect(candidates).toBe(10);
    expect(calibration).toMatchObject({ passages: 70 });
    expect(calibration.judged_share).toBeCloseTo(10 / 70, 5);
    expect(auc).toBeGreaterThan(0.5);
  });

  it("warns that seven questions are few, of the one without a relevant document, and of a document that is not there", () => {
    expect(value.warnings).toEqual([
      expect.stringMatching(/^only 7 questions/),
      expect.stringMatching(/^questions without a relevant document, .*: 1$/),
      expect.stringMatching(/^expected documents that are not in "eval-library-.*": 1 of 8, for example missing$/),
    ]);
  });

  it("leaves the run, the judgements, the settings and the numbers behind, and a report", () => {
    const line = readFileSync(join(out, "run-configured.trec"), "utf8").split("\n")[0] as string;
    expect(line).toMatch(/^q1 Q0 honey 1 0\.\d+ library$/);
    expect(readFileSync(join(out, "judgements.qrels"), "utf8")).toContain("q1 0 honey 2\n");
    expect(JSON.parse(readFileSync(join(out, "settings.json"), "utf8"))).toMatchObject({
      seed: value.seed,
      configurations: [{ name: "configured", settings: { CANDIDATES: "100", RETRIEVAL_DATA_DIR: dataFolder } }],
    });
    expect(JSON.parse(readFileSync(join(out, "results.json"), "utf8"))).toEqual(value);
    expect(readFileSync(join(dataFolder, "report.html"), "utf8")).toMatch(/^<!doctype html>/);
  });

  it("gives the same run again without indexing again", async () => {
    const run = readFileSync(join(out, "run-configured.trec"), "utf8");
    const again = await evaluate(dataFolder, [LIBRARY, "--out", join(dataFolder, "again")], REAL_MODEL);
    expect(readFileSync(join(dataFolder, "again/run-configured.trec"), "utf8")).toBe(run);
    expect(again.configurations[0].metrics).toEqual(value.configurations[0].metrics);
    expect(again.configurations[0].collection).toEqual(value.configurations[0].collection);
  });

  it("is held to a baseline: exit code 0 when nothing fell, 1 when something did", async () => {
    const file = join(dataFolder, "baseline.json");
    await evaluate(dataFolder, [LIBRARY, "--gate-write", file], REAL_MODEL);
    const same = await evaluate(dataFolder, [LIBRARY, "--gate", file], REAL_MODEL);
    expect(same.gate.map(({ passed }: Json) => passed)).toEqual([true, true, true, true, true]);
    const baseline = JSON.parse(readFileSync(file, "utf8"));
    for (const values of Object.values<Json>(baseline.questions)) values["nDCG@10"] = 1;
    baseline.metrics["nDCG@10"] = 1;
    writeFileSync(file, JSON.stringify(baseline));
    const asked = ["eval", LIBRARY, "--gate", file];
    const { code, stdout } = await run(asked, dataFolder, REAL_MODEL);
    expect([code, stdout]).toEqual([1, expect.stringContaining("gate FAIL nDCG@10")]);
  });

  it("is climbed step by step: each has its numbers, or says what is missing", async () => {
    const { configurations } = await evaluate(dataFolder, [LIBRARY, "--ladder"], REAL_MODEL);
    expect(configurations[0]).toMatchObject({
      name: "pseudo-embeddings",
      collection: { name: expect.stringMatching(/-pseudo_/) },
      degraded: { pseudo_embeddings: 7 },
    });
    expect(configurations[1]).toMatchObject({
      name: "real embeddings",
      collection: value.configurations[0].collection,
      comparison: { against: "pseudo-embeddings" },
    });
    expect(configurations).toHaveLength(7);
    for (const each of configurations) {
      expect("metrics" in each, each.name).toBe(each.unavailable === undefined);
    }
    // Nothing is downloaded for it.
    expect(configurations.at(-1)).toMatchObject({ name: "production models", unavailable: expect.any(String) });
    expect(existsSync(join(dataFolder, ".cache/huggingface"))).toBe(false);
  });

  it("is taken apart by a grid, hybrid being compared with its better leg", async () => {
    const { configurations } = await evaluate(dataFolder, [LIBRARY, "--grid"], REAL_MODEL);
    expect(configurations).toHaveLength(18);
    const named = (name: string) => configurations.find((each: Json) => each.name === name);
    const [dense, lexical] = [named("dense"), named("lexical")];
    const better = dense.metrics["nDCG@10"].mean >= lexical.metrics["nDCG@10"].mean ? "dense" : "lexical";
    expect(named("hybrid").comparison.against).toBe(better);
    expect(named("lexical")).toMatchObject({ mode: "lexical", comparison: { against: "dense" } });
    expect(lexical.latency_ms.embed).toBeUndefined();
  });

  it("may be asked by profiles, each compared with the first", async () => {
    const file = join(dataFolder, "profiles.json");
    writeFileSync(file, JSON.stringify({ fast: { rerank_enabled: false, candidates: 20 } }));
    const settings = { ...REAL_MODEL, RETRIEVAL_PROFILES_FILE: file };
    const compared = join(dataFolder, "compared");
    const asked = [LIBRARY, "--profiles", "default, fast", "--out", compared];
    const { configurations } = await evaluate(dataFolder, asked, settings);
    expect(configurations).toMatchObject([
      { name: "default", collection: value.configurations[0].collection },
      { name: "fast", comparison: { against: "default" }, collection: value.configurations[0].collection },
    ]);
    expect(JSON.parse(readFileSync(join(compared, "settings.json"), "utf8")).configurations).toMatchObject([
      { name: "default", settings: { CANDIDATES: "100" } },
      { name: "fast", settings: { CANDIDATES: "20" } },
    ]);
    for (const [names, says] of [
      ["default,none", 'no profile "none"'],
      ["default,,fast", "names, separated by commas"],
      ["", "names, separated by commas"],
    ] as const) {
      const out = join(dataFolder, "refused");
      const refused = await run(["eval", LIBRARY, "--profiles", names, "--out", out], dataFolder, settings);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(says)]);
      expect(refused.stderr).not.toContain("questions");
      expect(existsSync(out)).toBe(false);
    }
  });

  it("leaves no index that serves or troubles health, and one command drops them all", async () => {
    const health = async () => JSON.parse((await run(["health", "--json"], dataFolder, REAL_MODEL)).stdout);
    const kept = async () =>
      JSON.parse((await run(["collections", "--json"], dataFolder, REAL_MODEL)).stdout).collections;
    expect(await health()).toMatchObject({ status: "ok", collections: [] });
    expect((await kept()).length).toBeGreaterThan(1);
    for (const { serving, spec } of await kept()) {
      expect({ serving, purpose: spec.purpose }).toEqual({ serving: false, purpose: "evaluation" });
    }
    const { code, stdout } = await run(["eval", "--drop-indexes"], dataFolder, REAL_MODEL);
    expect([code, stdout]).toEqual([0, expect.stringContaining("Dropped eval-library-")]);
    expect(await kept()).toEqual([]);
  });
});

describe("a folder with pages", () => {
  it("is judged by their paths, whether judgements have the extension or not", async () => {
    const folder = folderOf({
      "pages/guide/keys.md": "# Keys\n\nRotate the signing keys every ninety days.\n",
      "pages/leave.md": "# Leave\n\nAsk your manager for annual leave two weeks ahead.\n",
      "queries.jsonl": '{"_id": "1", "text": "rotate signing keys"}\n{"_id": "2", "text": "annual leave"}\n',
      "qrels/test.tsv": "query-id\tcorpus-id\tscore\n1\tguide/keys\t1\n2\tleave.md\t1\n",
    });
    const { configurations } = await evaluate(newFolder(), [folder]);
    expect(configurations[0].metrics["MRR@10"].mean).toBe(1);
  });
});

describe("a user's own questions", () => {
  it("are asked of a collection that is there; an expected document that is not is named", async () => {
    const dataFolder = newFolder();
    const documents = folderOf({
      "keys.md": "# Keys\n\nRotate the signing keys every ninety days.\n",
      "leave.md": "# Leave\n\nAsk your manager for annual leave two weeks ahead.\n",
    });
    await run(["index", documents, "--collection", "mine"], dataFolder);
    const file = join(dataFolder, "questions.jsonl");
    writeFileSync(
      file,
      '{"question": "rotate signing keys", "expect": "keys.md"}\n{"question": "annual leave", "expect": ["leave.md", "gone.md"]}\n',
    );
    const value = await evaluate(dataFolder, [file, "--collection", "mine"]);
    expect(value.warnings).toContain('expected documents that are not in "mine": 1 of 3, for example gone.md');
    const [{ collection, metrics, degraded }] = value.configurations;
    expect(collection.name).toMatch(/^mine_/);
    expect([metrics["success@5"].mean, metrics["recall@100"].mean]).toEqual([1, 0.75]);
    expect(degraded).toEqual({ pseudo_embeddings: 2 });

    const climbed = await evaluate(dataFolder, [file, "--collection", "mine", "--ladder"]);
    expect(climbed.configurations[0].collection.name).toMatch(/^mine_/);
    expect(climbed.configurations[1].collection.name).toMatch(/^eval-mine-/);
  });

  it("say when an expected document is in several sources, and replace a run of theirs only", async () => {
    const dataFolder = newFolder();
    const sources = ["Rotate the signing keys.", "Tune the piano keys."].map((text) =>
      folderOf({ "keys.md": `# Keys\n\n${text}\n` }),
    );
    for (const source of sources) await run(["index", source, "--collection", "mine"], dataFolder);
    const folder = folderOf({ "questions.jsonl": '{"question": "piano", "expect": "keys.md"}\n' });
    const file = join(folder, "questions.jsonl");
    const out = join(folder, "runs");
    const asked = [file, "--collection", "mine", "--out"];
    const value = await evaluate(dataFolder, [...asked, out]);
    expect(value.warnings).toContainEqual(
      expect.stringMatching(/several sources have, .*: 1 of 1, for example keys.md/),
    );

    writeFileSync(join(out, "run-of-before.trec"), "");
    await evaluate(dataFolder, [...asked, out]);
    expect(readdirSync(out).filter((name) => name.endsWith(".trec"))).toEqual(["run-configured.trec"]);

    const { code, stderr } = await run(["eval", ...asked, folder], dataFolder);
    expect([code, stderr]).toEqual([2, expect.stringContaining("other files, which a run could replace")]);
    expect(readdirSync(folder).sort()).toEqual(["questions.jsonl", "runs"]);
  });

  it("are no result, and pass no gate, when what is configured never answered", async () => {
    const dataFolder = newFolder();
    const gate = join(dataFolder, "baseline.json");
    await evaluate(dataFolder, [LIBRARY, "--gate-write", gate]);
    const asked = ["eval", LIBRARY, "--gate", gate];
    // Pseudo-embeddings have no late interaction to fall back to.
    const settings = { RERANK_ENABLED: "1", RERANK_MODEL: "cross-encoder/ms-marco-MiniLM-L-6-v2", HF_HUB_OFFLINE: "1" };
    const { code, stdout, stderr } = await run(asked, dataFolder, settings);
    expect([code, stdout, stderr]).toEqual([69, "", expect.stringContaining("every answer was degraded: rerank_")]);
  });

  it("are refused with the exit code of a wrong call, or of what is not there", async () => {
    const dataFolder = newFolder();
    const file = join(dataFolder, "questions.jsonl");
    writeFileSync(file, '{"question": "x", "expect": "x"}\n');
    for (const [args, code, says] of [
      [[LIBRARY, "--collection", "mine"], 2, "indexed into a collection of its own"],
      [[LIBRARY, "--ladder", "--grid"], 2, "runs of their own"],
      [[LIBRARY, "--grid", "--gate", "x.json"], 2, "gate"],
      [[LIBRARY, "--seed", "much"], 2, "whole number"],
      [[LIBRARY, "--report", join(file, "report.html")], 2, "cannot be made"],
      [[LIBRARY, "--report", dataFolder], 2, "is a folder"],
      [[LIBRARY, "--gate-write", dataFolder], 2, "is a folder"],
      [[LIBRARY, "--split", "train"], 1, "train.tsv"],
      [[join(dataFolder, "absent")], 1, "nothing at"],
      [[file, "--collection", "absent"], 1, 'no collection "absent"'],
    ] as const) {
      const result = await run(["eval", ...args], dataFolder);
      expect([result.code, result.stderr], args.join(" ")).toEqual([code, expect.stringContaining(says)]);
      expect(result.stdout).toBe("");
    }
  });
});
