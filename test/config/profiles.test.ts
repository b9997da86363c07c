import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Env, loadConfig } from "#src/config/load.js";
import type { AppError } from "#src/core/errors.js";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aura-profiles-"));
  file = join(folder, "profiles.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (profiles: unknown) =>
  writeFileSync(file, typeof profiles === "string" ? profiles : JSON.stringify(profiles));
const profileOf = (name: string, env: Env = {}) =>
  loadConfig({ RETRIEVAL_PROFILES_FILE: file, ...env }).live.profiles.get(name);

function problems(env: Env = {}): string {
  try {
    loadConfig({ RETRIEVAL_PROFILES_FILE: file, ...env });
  } catch (error) {
    expect((error as AppError).code).toBe("config");
    return (error as AppError).message;
  }
  return "";
}

describe("a profile of the user's own", () => {
  it("is the default with its own fields over it, as numbers, booleans or texts", () => {
    write({ fast: { rerank_enabled: false, candidates: 20, fusion_dense_weight: "0.3" } });
    expect(profileOf("fast")).toEqual({
      ...profileOf("default"),
      name: "fast",
      candidates: 20,
      denseWeight: 0.3,
      reranking: { kind: "none" },
    });
  });

  it("inherits from another one, and that from a third", () => {
    write({
      wide: { inherits: "staging", candidates: 300 },
      wider: { inherits: "wide", candidates: 900 },
    });
    expect(profileOf("wider")).toMatchObject({
      candidates: 900,
      expansion: { kind: "synonyms" },
      reranking: { kind: "cross-encoder", topK: 30 },
    });
  });

  it("stands on the settings of the environment, and answers by default when it is chosen", () => {
    write({ fast: { candidates: 20 } });
    expect(profileOf("fast", { HYBRID_ENABLED: "0" })).toMatchObject({ legs: "dense", candidates: 20 });
    expect(profileOf("default", { RETRIEVAL_PROFILE: "fast" })?.candidates).toBe(20);
    expect(profileOf("default", { RETRIEVAL_PROFILE: "fast", CANDIDATES: "30" })?.candidates).toBe(30);
  });
});

describe("a file of profiles", () => {
  it("may begin with a byte order mark", () => {
    write('\uFEFF{"fast": {"candidates": 20}}');
    expect(profileOf("fast")?.candidates).toBe(20);
  });

  it.each<[string, unknown, RegExp]>([
    ["that is half written", '{"fast": {"candidates": 2', /RETRIEVAL_PROFILES_FILE=.*: it is not JSON/],
    ["that is no object", [], /it must hold an object/],
    ["with a profile that is none", { fast: 3 }, /profile "fast": it must be an object/],
    ["with an unknown field", { fast: { rerank_topk: 3 } }, /unknown field rerank_topk; did you mean rerank_top_k\?/],
    ["with a setting that is not a profile's", { fast: { metrics_port: 1 } }, /unknown field metrics_port/],
    ["with a value of another kind", { fast: { candidates: [3] } }, /candidates must be a text, a number or a boolean/],
    ["with a value out of bounds", { fast: { candidates: 0 } }, /profile "fast": CANDIDATES=0: /],
    ["with a taken name", { staging: {} }, /profile "staging": the name is taken/],
    ["with a name of other characters", { "a/b": {} }, /profile "a\/b": a name has letters/],
    [
      "that inherits what is not there",
      { fast: { inherits: "fats" } },
      /profile "fast" inherits "fats": unknown profile/,
    ],
    ["that inherits in a circle", { a: { inherits: "b" }, b: { inherits: "a" } }, /inherit in a circle: a → b → a/],
    ["that inherits from itself", { a: { inherits: "a" } }, /inherit in a circle: a → a/],
    ["with a model that does not exist", { fast: { embedding_model: "none" } }, /profile "fast": EMBEDDING_MODEL=none/],
    ["with a re-ranker that does not exist", { fast: { rerank_model: "none" } }, /profile "fast": RERANK_MODEL=none/],
  ])("%s is a configuration error that names it", (_what, content, message) => {
    write(content);
    expect(problems()).toMatch(message);
  });

  it("that is not there is a configuration error", () => {
    expect(problems()).toMatch(/RETRIEVAL_PROFILES_FILE=.*cannot be read/);
  });

  it("reports all that is wrong at once, and what the settings have wrong only once", () => {
    write({ a: { candidates: 0 }, b: { nonsense: 1 } });
    const lines = problems({ RERANK_MODEL: "none" }).split("\n");
    expect(lines).toHaveLength(3);
    expect(lines.filter((line) => line.includes("RERANK_MODEL"))).toEqual([
      expect.stringMatching(/^RERANK_MODEL=none/),
    ]);
  });
});
