import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { changedSettings, type Env, loadConfig } from "#src/config/load.js";
import { RUNBOOK_PROFILES } from "#src/config/profile-sources.js";
import { parseSettings, SETTINGS } from "#src/config/settings.js";
import { AppError } from "#src/core/errors.js";

const profileOf = (env: Env, name = "default") => loadConfig(env).live.profiles.get(name);
const rerankingOf = (env: Env) => profileOf(env)?.reranking;

function poolSizeOf(env: Env): number | undefined {
  const { store } = loadConfig({ QDRANT_URL: "http://localhost:6333", ...env }).boot;
  return store.kind === "qdrant" ? store.poolSize : undefined;
}

/** The message of the configuration error that this environment gives, by line. */
function problems(env: Env): string[] {
  try {
    loadConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe("config");
    return (error as AppError).message.split("\n");
  }
  return [];
}

describe("configuration without an environment", () => {
  it("is every default, and valid", () => {
    const config = loadConfig({});
    expect(config.live).toMatchObject({
      collection: "my_docs",
      collections: ["my_docs"],
      roots: [],
      callTimeoutMs: 20_000,
      callsPerSecond: 100,
      logLevel: "info",
    });
    expect(config.live.profiles.get("default")).toEqual({
      name: "default",
      embedder: { kind: "onnx", model: "sentence-transformers/all-MiniLM-L6-v2", device: "cpu" },
      legs: "hybrid",
      candidates: 100,
      denseWeight: "auto",
      expansion: { kind: "none" },
      reranking: { kind: "late-interaction", absent: "skip", topK: 50, budgetMs: 120 },
    });
    expect(config.boot).toMatchObject({
      store: { kind: "sqlite", vectorMemoryMb: 256 },
      metrics: { kind: "port", host: "127.0.0.1", port: 9_103 },
      inference: { processes: undefined, batchSize: undefined, deviceFallback: false },
      queryMaxChars: 2_000,
      profileChoice: false,
      watch: false,
    });
    expect(config.warnings).toEqual([]);
  });

  it("shows each setting with its value in force", () => {
    const shown = loadConfig({ CANDIDATES: "50" }).settings;
    expect(Object.keys(shown)).toEqual(Object.keys(SETTINGS));
    expect(shown).toMatchObject({ CANDIDATES: "50", LOG_LEVEL: "info", RETRIEVAL_ROOTS: "" });
  });

  it("shows the settings of each profile, the rest being as it is for all", () => {
    const { profileSettings, settings } = loadConfig({ CANDIDATES: "50", QDRANT_API_KEY: "1234" });
    expect(profileSettings.get("default")).toEqual(settings);
    expect(profileSettings.get("production")).toMatchObject({
      EMBEDDING_MODEL: "all-mpnet-base-v2",
      CANDIDATES: "50",
      QDRANT_POOL_SIZE: settings.QDRANT_POOL_SIZE,
      QDRANT_API_KEY: "***",
    });
  });
});

describe("problems", () => {
  it("are all reported at once, each with name, value and what is allowed", () => {
    const found = problems({
      EMBEDDING_DEVICE: "tpu",
      CANDIDATES: "0",
      METRICS_PORT: "70000",
      HYBRID_ENABLED: "maybe",
      FUSION_DENSE_WEIGHT: "1.5",
      LOG_LEVEL: "loud",
      QDRANT_COLLECTION: "a/b",
      RETRIEVAL_PROFILE: "prod",
      EMBEDDING_MODEL: "unknown-model",
      QUERY_MAX_CHARS: "12.5",
    });
    expect(found).toHaveLength(10);
    const line = (name: string) => found.find((problem) => problem.startsWith(`${name}=`)) as string;
    expect(line("EMBEDDING_DEVICE")).toMatch(/=tpu: .*"cpu".*"cuda"/);
    expect(line("CANDIDATES")).toMatch(/=0: .*1/);
    expect(line("METRICS_PORT")).toMatch(/=70000: .*65535/);
    expect(line("HYBRID_ENABLED")).toMatch(/=maybe: .*"1".*"true".*"0".*"false"/);
    expect(line("FUSION_DENSE_WEIGHT")).toMatch(/=1\.5: .*1/);
    expect(line("LOG_LEVEL")).toMatch(/=loud: .*"debug".*"silent"/);
    expect(line("QDRANT_COLLECTION")).toMatch(/=a\/b: letters, digits/);
    expect(line("RETRIEVAL_PROFILE")).toMatch(/=prod: unknown profile; known: .*development, staging, production/);
    expect(line("EMBEDDING_MODEL")).toMatch(
      /=unknown-model: unknown model; known: sentence-transformers\/all-MiniLM-L6-v2/,
    );
    expect(line("QUERY_MAX_CHARS")).toMatch(/=12\.5: a whole number/);
  });

  it("include late interaction by a model that has no token vectors", () => {
    const EMBEDDING_MODEL = "sentence-transformers/all-mpnet-base-v2";
    const settings = { RERANK_ENABLED: "1", RERANK_MODEL: "late-interaction", EMBEDDING_MODEL };
    expect(problems(settings)).toEqual([
      `RERANK_MODEL=late-interaction: EMBEDDING_MODEL=${EMBEDDING_MODEL} has no token vectors; sentence-transformers/all-MiniLM-L6-v2 has, or name a cross-encoder`,
    ]);
  });

  it("do not include late interaction beside pseudo-embeddings: the way back from everything takes it along", () => {
    const settings = { RERANK_ENABLED: "1", RERANK_MODEL: "late-interaction", EMBEDDING_MODEL: "" };
    expect(rerankingOf(settings)).toEqual({ kind: "none" });
  });

  it.each(["localhost:6333", "ftp://a", "http://a,,http://b", "http://a/?api-key=1"])(
    "include the address %s",
    (url) => {
      expect(problems({ QDRANT_URL: url })).toEqual([expect.stringMatching(/^QDRANT_URL=.*http or https addresses/)]);
    },
  );

  it.each(["hub.example", "hub.example:443", "ftp://hub.example"])("include the Hub's address %s", (url) => {
    expect(problems({ HF_ENDPOINT: url })).toEqual([`HF_ENDPOINT=${url}: an http or https address, scheme included`]);
  });

  it("do not include a proxy without a scheme: other programs take it, and most starts download nothing", () => {
    expect(problems({ HTTPS_PROXY: "proxy.example:8080" })).toEqual([]);
  });

  it("never show a secret", () => {
    const found = problems({
      QDRANT_API_KEY: "very-secret",
      CANDIDATES: "x",
      QDRANT_URL: "http://user:very-secret@host",
    });
    expect(found.join("\n")).not.toContain("very-secret");
    expect(found).toHaveLength(2);
  });
});

describe("an empty value", () => {
  it("means unset, for every name but EMBEDDING_MODEL", () => {
    const names = Object.keys(SETTINGS).filter((name) => name !== "EMBEDDING_MODEL");
    const config = loadConfig(Object.fromEntries(names.map((name) => [name, ""])));
    expect(config).toEqual(loadConfig({}));
  });

  it("of EMBEDDING_MODEL means pseudo-embeddings; of blanks, too", () => {
    expect(profileOf({ EMBEDDING_MODEL: "" })?.embedder).toEqual({ kind: "pseudo" });
    expect(profileOf({ EMBEDDING_MODEL: "  " })?.embedder).toEqual({ kind: "pseudo" });
    expect(profileOf({ EMBEDDING_MODEL: undefined })?.embedder.kind).toBe("onnx");
  });

  it("of a setting leaves the profile's value", () => {
    expect(poolSizeOf({ RETRIEVAL_PROFILE: "development", QDRANT_POOL_SIZE: "" })).toBe(1);
  });
});

describe("values", () => {
  it.each([
    ["0", false],
    ["1", true],
    ["false", false],
    ["true", true],
    ["TRUE", true],
  ])("of booleans: %s is %s", (given, expected) => {
    expect(profileOf({ HYBRID_ENABLED: given })?.legs).toBe(expected ? "hybrid" : "dense");
  });

  it.each(["yes", "on", "2", "-1"])("of booleans are 0, 1, true, false and nothing else: %s", (given) => {
    expect(problems({ HYBRID_ENABLED: given })).toHaveLength(1);
  });

  it.each(["1e3", "0x10", " 1 2", "-5", "1.0", "Infinity", "NaN"])("of whole numbers are digits only: %s", (given) => {
    expect(problems({ CANDIDATES: given })).toHaveLength(1);
  });

  it("may be auto where the machine decides", () => {
    expect(loadConfig({ EMBEDDING_THREADS: "auto" }).boot.inference.processes).toBeUndefined();
    expect(loadConfig({ EMBEDDING_THREADS: "3" }).boot.inference.processes).toBe(3);
    expect(problems({ EMBEDDING_THREADS: "many" })).toHaveLength(1);
  });

  it("name the model with or without its organisation", () => {
    expect(profileOf({ EMBEDDING_MODEL: "all-MiniLM-L6-v2" })?.embedder).toMatchObject({
      model: "sentence-transformers/all-MiniLM-L6-v2",
    });
  });

  it("of lists are split at the platform's path delimiter and at commas", () => {
    const config = loadConfig({
      RETRIEVAL_ROOTS: ["docs", join("more", "docs")].join(delimiter),
      RETRIEVAL_COLLECTIONS: " a, b ,,c",
    });
    expect(config.live.roots).toEqual([resolve("docs"), resolve("more", "docs")]);
    expect(config.live.collections).toEqual(["my_docs", "a", "b", "c"]);
  });

  it("of the scope are two words, or left to the store; one that shows nothing is warned of", () => {
    expect(loadConfig({}).live.scope).toBeUndefined();
    expect(loadConfig({ RETRIEVAL_SCOPE: "all" })).toMatchObject({ live: { scope: "all" }, warnings: [] });
    expect(loadConfig({ RETRIEVAL_SCOPE: "roots", RETRIEVAL_ROOTS: "docs" }).warnings).toEqual([]);
    expect(loadConfig({ RETRIEVAL_SCOPE: "roots" }).warnings).toEqual([
      expect.stringContaining("tools answer from nothing"),
    ]);
    expect(problems({ RETRIEVAL_SCOPE: "everything" })).toEqual([expect.stringContaining('"roots"|"all"')]);
  });

  it("find the Hub's cache as the Hub's own tools do", () => {
    expect(loadConfig({}).boot.downloads.hubCache).toBe(join(homedir(), ".cache", "huggingface", "hub"));
    expect(loadConfig({ HF_HOME: "/hf" }).boot.downloads.hubCache).toBe(resolve("/hf/hub"));
    expect(loadConfig({ HF_HOME: "/hf", TRANSFORMERS_CACHE: "/old" }).boot.downloads.hubCache).toBe(resolve("/old"));
    expect(
      loadConfig({ HF_HOME: "/hf", TRANSFORMERS_CACHE: "/old", HF_HUB_CACHE: "/new" }).boot.downloads.hubCache,
    ).toBe(resolve("/new"));
  });
});

describe("the re-ranker", () => {
  const limits = { topK: 50, budgetMs: 120 };

  it("is late interaction while nothing is said of it, where the embedding model has token vectors", () => {
    const wanted = { kind: "late-interaction", absent: "skip", ...limits };
    expect(rerankingOf({})).toEqual(wanted);
    expect(rerankingOf({ RERANK_MODEL: "ms-marco-TinyBERT-L-2-v2" })).toEqual(wanted);
    expect(rerankingOf({ EMBEDDING_MODEL: "" })).toEqual({ kind: "none" });
    expect(rerankingOf({ EMBEDDING_MODEL: "all-mpnet-base-v2" })).toEqual({ kind: "none" });
  });

  it("is none when it is switched off", () => {
    expect(rerankingOf({ RERANK_ENABLED: "0" })).toEqual({ kind: "none" });
    expect(rerankingOf({ RERANK_ENABLED: "0", RERANK_MODEL: "late-interaction" })).toEqual({ kind: "none" });
  });

  it.each([
    ["", "cross-encoder/ms-marco-MiniLM-L-6-v2"],
    ["cross-encoder/ms-marco-MiniLM-L6-v2", "cross-encoder/ms-marco-MiniLM-L-6-v2"],
    ["ms-marco-TinyBERT-L-2-v2", "cross-encoder/ms-marco-TinyBERT-L-2-v2"],
    ["ms-marco-electra-base", "cross-encoder/ms-marco-electra-base"],
  ])("switched on, is the model of the catalogue that RERANK_MODEL=%s names", (name, model) => {
    const chosen = { kind: "cross-encoder", model, device: "cpu", ...limits };
    expect(rerankingOf({ RERANK_ENABLED: "1", RERANK_MODEL: name })).toEqual(chosen);
  });

  it("may be late interaction by name, which needs no model of its own", () => {
    const settings = { RERANK_ENABLED: "1", RERANK_MODEL: "late-interaction", RERANK_TOP_K: "7" };
    expect(rerankingOf(settings)).toEqual({ kind: "late-interaction", absent: "compute", ...limits, topK: 7 });
  });
});

describe("a profile of the runbook", () => {
  it("gives its values, and explicit variables win over it", () => {
    expect(poolSizeOf({ RETRIEVAL_PROFILE: "development" })).toBe(1);
    expect(poolSizeOf({ RETRIEVAL_PROFILE: "development", QDRANT_POOL_SIZE: "7" })).toBe(7);
  });

  it("takes late interaction for its cross-encoder", () => {
    const settings = { RETRIEVAL_PROFILE: "staging", RERANK_MODEL: "late-interaction" };
    expect(rerankingOf(settings)).toMatchObject({ kind: "late-interaction", topK: 30 });
  });

  it("answers by its name too, while another one is the default", () => {
    expect(profileOf({}, "production")).toMatchObject({
      name: "production",
      embedder: { model: "sentence-transformers/all-mpnet-base-v2", device: "cuda" },
      expansion: { kind: "multi_query", maxVariants: 5 },
      reranking: { kind: "cross-encoder", model: "cross-encoder/ms-marco-electra-base", device: "cuda", topK: 50 },
    });
    expect(profileOf({}, "development")?.reranking).toEqual({ kind: "none" });
  });

  it("holds only names and values that the schema accepts", () => {
    for (const { settings } of RUNBOOK_PROFILES.values()) expect(parseSettings(settings).problems).toEqual([]);
  });
});

describe("settings that differ", () => {
  const base = { QDRANT_URL: "http://localhost:6333", QDRANT_API_KEY: "key-1234" };

  it("are named by when they apply, a secret among them without being shown", () => {
    const before = loadConfig(base);
    const after = loadConfig({ ...base, QDRANT_API_KEY: "key-5678", CANDIDATES: "50", RATE_LIMIT_QPS: "5" });
    expect(changedSettings(before, after, "restart")).toEqual(["QDRANT_API_KEY"]);
    expect(changedSettings(before, after, "profile")).toEqual(["CANDIDATES"]);
    expect(changedSettings(before, after, "live")).toEqual(["RATE_LIMIT_QPS"]);
  });

  it("are seen in credentials of an address, and not where a default is written out", () => {
    const before = loadConfig({ HF_ENDPOINT: "https://name:old@hub.example" });
    const after = loadConfig({ HF_ENDPOINT: "https://name:new@hub.example", CANDIDATES: "100" });
    expect(changedSettings(before, after, "restart")).toEqual(["HF_ENDPOINT"]);
    expect(changedSettings(before, after, "profile")).toEqual([]);
  });
});

describe("an unknown name that looks like ours", () => {
  it.each([
    ["EMBEDDING_MODLE", "EMBEDDING_MODEL"],
    ["QDRANT_COLECTION", "QDRANT_COLLECTION"],
    ["RETRIEVAL_ROOT", "RETRIEVAL_ROOTS"],
    ["METRICS_PROT", "METRICS_PORT"],
    ["RERANK_TOPK", "RERANK_TOP_K"],
  ])("is warned of with a suggestion: %s", (typo, meant) => {
    expect(loadConfig({ [typo]: "x" }).warnings).toEqual([
      `unknown setting ${typo} is ignored; did you mean ${meant}?`,
    ]);
  });

  it("is warned of without one when nothing is near", () => {
    expect(loadConfig({ QDRANT_SOMETHING_ELSE_ALTOGETHER: "x" }).warnings).toEqual([
      "unknown setting QDRANT_SOMETHING_ELSE_ALTOGETHER is ignored",
    ]);
  });

  it("is none of ours when it is for tests or has another prefix", () => {
    expect(
      loadConfig({ QDRANT_TEST_URL: "x", RETRIEVAL_TEST_FOLDER: "x", PATH: "/bin", HOME: "/root" }).warnings,
    ).toEqual([]);
  });
});

describe("secrets", () => {
  it("are masked wherever settings are shown, credentials in addresses too", () => {
    const config = loadConfig({
      QDRANT_API_KEY: "key-1234",
      HTTPS_PROXY: "http://user:pass-1234@proxy:8080",
      HF_ENDPOINT: "https://name:word-1234@hub.example",
    });
    expect(JSON.stringify([config.settings, config.warnings])).not.toContain("1234");
    expect(config.settings).toMatchObject({ QDRANT_API_KEY: "***", HF_ENDPOINT: "https://***@hub.example" });
  });
});
