import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { describeSettings, type Env, loadConfig } from "#src/config/load.js";
import { PROFILES } from "#src/config/profiles.js";
import { SETTINGS } from "#src/config/settings.js";
import { AppError } from "#src/core/errors.js";

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
    expect(config.embedder?.id).toBe("sentence-transformers/all-MiniLM-L6-v2");
    expect(config.collection).toBe("my_docs");
    expect(config.collections).toEqual(["my_docs"]);
    expect(config.roots).toEqual([]);
    expect(config.values).toMatchObject({
      EMBEDDING_BATCH_SIZE: undefined,
      HYBRID_ENABLED: true,
      FUSION_DENSE_WEIGHT: undefined,
      CANDIDATES: 100,
      CALL_TIMEOUT_MS: 20_000,
      METRICS_PORT: 9_103,
      RERANK_ENABLED: false,
    });
    expect(config.explicit).toEqual({});
    expect(config.warnings).toEqual([]);
  });

  it("shows each setting with its value in force", () => {
    const shown = describeSettings(loadConfig({ CANDIDATES: "50" }));
    expect(Object.keys(shown)).toEqual(Object.keys(SETTINGS));
    expect(shown).toMatchObject({ CANDIDATES: "50", LOG_LEVEL: "info", RETRIEVAL_ROOTS: "" });
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
    expect(line("RETRIEVAL_PROFILE")).toMatch(/=prod: .*"development".*"staging".*"production"/);
    expect(line("EMBEDDING_MODEL")).toMatch(
      /=unknown-model: unknown model; known: sentence-transformers\/all-MiniLM-L6-v2/,
    );
    expect(line("QUERY_MAX_CHARS")).toMatch(/=12\.5: a whole number/);
  });

  it.each(["", "sentence-transformers/all-mpnet-base-v2"])(
    "include late interaction by the model %j, which has no token vectors",
    (EMBEDDING_MODEL) => {
      const settings = { RERANK_ENABLED: "1", RERANK_MODEL: "late-interaction", EMBEDDING_MODEL };
      expect(problems(settings)).toEqual([
        `RERANK_MODEL=late-interaction: EMBEDDING_MODEL=${EMBEDDING_MODEL} has no token vectors; sentence-transformers/all-MiniLM-L6-v2 has, or name a cross-encoder`,
      ]);
    },
  );

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
    expect(config.values).toEqual(loadConfig({}).values);
    expect(config.explicit).toEqual({});
  });

  it("of EMBEDDING_MODEL means pseudo-embeddings; of blanks, too", () => {
    expect(loadConfig({ EMBEDDING_MODEL: "" }).embedder).toBeUndefined();
    expect(loadConfig({ EMBEDDING_MODEL: "  " }).embedder).toBeUndefined();
    expect(loadConfig({ EMBEDDING_MODEL: undefined }).embedder).toBeDefined();
  });

  it("of a setting leaves the profile's value", () => {
    expect(loadConfig({ RETRIEVAL_PROFILE: "development", QDRANT_POOL_SIZE: "" }).values.QDRANT_POOL_SIZE).toBe(1);
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
    expect(loadConfig({ HYBRID_ENABLED: given }).values.HYBRID_ENABLED).toBe(expected);
  });

  it.each(["yes", "on", "2", "-1"])("of booleans are 0, 1, true, false and nothing else: %s", (given) => {
    expect(problems({ HYBRID_ENABLED: given })).toHaveLength(1);
  });

  it.each(["1e3", "0x10", " 1 2", "-5", "1.0", "Infinity", "NaN"])("of whole numbers are digits only: %s", (given) => {
    expect(problems({ CANDIDATES: given })).toHaveLength(1);
  });

  it("may be auto where the machine decides", () => {
    expect(loadConfig({ EMBEDDING_THREADS: "auto" }).values.EMBEDDING_THREADS).toBeUndefined();
    expect(loadConfig({ EMBEDDING_THREADS: "3" }).values.EMBEDDING_THREADS).toBe(3);
    expect(problems({ EMBEDDING_THREADS: "many" })).toHaveLength(1);
  });

  it("name the model with or without its organisation", () => {
    expect(loadConfig({ EMBEDDING_MODEL: "all-MiniLM-L6-v2" }).embedder?.id).toBe(
      "sentence-transformers/all-MiniLM-L6-v2",
    );
  });

  it("of lists are split at the platform's path delimiter and at commas", () => {
    const config = loadConfig({
      RETRIEVAL_ROOTS: ["docs", join("more", "docs")].join(delimiter),
      RETRIEVAL_COLLECTIONS: " a, b ,,c",
    });
    expect(config.roots).toEqual([resolve("docs"), resolve("more", "docs")]);
    expect(config.collections).toEqual(["my_docs", "a", "b", "c"]);
  });

  it("find the Hub's cache as the Hub's own tools do", () => {
    expect(loadConfig({}).hubCache).toBe(join(homedir(), ".cache", "huggingface", "hub"));
    expect(loadConfig({ HF_HOME: "/hf" }).hubCache).toBe(resolve("/hf/hub"));
    expect(loadConfig({ HF_HOME: "/hf", TRANSFORMERS_CACHE: "/old" }).hubCache).toBe(resolve("/old"));
    expect(loadConfig({ HF_HOME: "/hf", TRANSFORMERS_CACHE: "/old", HF_HUB_CACHE: "/new" }).hubCache).toBe(
      resolve("/new"),
    );
  });
});

describe("the re-ranker", () => {
  it("is none unless it is switched on", () => {
    expect(loadConfig({ RERANK_MODEL: "ms-marco-TinyBERT-L-2-v2" }).reranker).toBeUndefined();
    expect(loadConfig({ RERANK_MODEL: "late-interaction" }).reranker).toBeUndefined();
  });

  it.each([
    ["", "cross-encoder/ms-marco-MiniLM-L-6-v2"],
    ["cross-encoder/ms-marco-MiniLM-L6-v2", "cross-encoder/ms-marco-MiniLM-L-6-v2"],
    ["ms-marco-TinyBERT-L-2-v2", "cross-encoder/ms-marco-TinyBERT-L-2-v2"],
    ["ms-marco-electra-base", "cross-encoder/ms-marco-electra-base"],
  ])("is the model of the catalogue that RERANK_MODEL=%s names", (name, id) => {
    expect(loadConfig({ RERANK_ENABLED: "1", RERANK_MODEL: name }).reranker).toMatchObject({ id });
  });

  it("may be late interaction, which needs no model of its own", () => {
    const settings = { RERANK_ENABLED: "1", RERANK_MODEL: "late-interaction" };
    expect(loadConfig(settings).reranker).toBe("late-interaction");
  });
});

describe("a profile", () => {
  it("gives its values, and explicit variables win over it", () => {
    expect(loadConfig({ RETRIEVAL_PROFILE: "development" }).values.QDRANT_POOL_SIZE).toBe(1);
    expect(loadConfig({ RETRIEVAL_PROFILE: "development", QDRANT_POOL_SIZE: "7" }).values.QDRANT_POOL_SIZE).toBe(7);
  });

  it("takes late interaction for its cross-encoder", () => {
    const { reranker } = loadConfig({ RETRIEVAL_PROFILE: "staging", RERANK_MODEL: "late-interaction" });
    expect(reranker).toBe("late-interaction");
  });

  it("holds only names and values that the schema accepts", () => {
    for (const profile of Object.values(PROFILES)) {
      for (const [name, value] of Object.entries(profile)) {
        expect(SETTINGS).toHaveProperty(name);
        const { success } = SETTINGS[name as keyof typeof SETTINGS].schema.safeParse(value);
        expect(`${name}=${value}: ${success}`).toBe(`${name}=${value}: true`);
      }
    }
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
    expect(JSON.stringify([describeSettings(config), config.explicit, config.warnings])).not.toContain("1234");
    expect(describeSettings(config)).toMatchObject({ QDRANT_API_KEY: "***", HF_ENDPOINT: "https://***@hub.example" });
  });
});
