/** Environment → Config. All problems are found at once, each with the name, the value and what is allowed. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import envPaths from "env-paths";
import { AppError } from "../core/errors.js";
import { type Catalog, type CatalogCrossEncoder, type CatalogEmbedder, findModel, readCatalog } from "./catalog.js";
import { isModelFolder, readOwnModel } from "./own-model.js";
import { PROFILES } from "./profiles.js";
import { SETTINGS, type SettingName, type Values } from "./settings.js";

/** The value of RERANK_MODEL that needs no further model. */
export const LATE_INTERACTION = "late-interaction";

export interface Config {
  readonly values: Values;
  /** undefined = pseudo-embeddings. */
  readonly embedder: CatalogEmbedder | undefined;
  /** undefined = answers stay in fused order. */
  readonly reranker: CatalogCrossEncoder | typeof LATE_INTERACTION | undefined;
  readonly models: Catalog;
  readonly roots: readonly string[];
  readonly collection: string;
  /** Collections that tools may touch. */
  readonly collections: readonly string[];
  readonly dataFolder: string;
  readonly hubCache: string;
  /** A model that is not here is downloaded in the background; no use to a process that ends after one call. */
  readonly downloadsOnUse: boolean;
  readonly packageRoot: string;
  readonly version: string;
  /** Settings that came from the environment or a profile, as text; secrets masked. */
  readonly explicit: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

export type Env = Readonly<Record<string, string | undefined>>;

/** Prefixes that are ours: another name that begins so is probably a typo. */
const OUR_PREFIXES = [
  "EMBEDDING_",
  "RERANK_",
  "QUERY_",
  "EXPANSION_",
  "QDRANT_",
  "RETRIEVAL_",
  "METRICS_",
  "FUSION_",
  "HYBRID_",
];
const NAMES = Object.keys(SETTINGS) as SettingName[];

/** @throws AppError `config` listing every problem, one a line */
export function loadConfig(env: Env): Config {
  const problems: string[] = [];
  const present = withProfile(env);
  const parsed: Record<string, unknown> = {};
  for (const name of NAMES) {
    const { schema, default: fallback } = SETTINGS[name] as {
      schema: (typeof SETTINGS)[SettingName]["schema"];
      default?: string;
    };
    const given = present[name] ?? fallback;
    if (given === undefined) continue;
    const result = schema.safeParse(given);
    if (result.success) parsed[name] = result.data;
    else problems.push(`${name}=${shown(name, given)}: ${result.error.issues.map(allowed).join("; ")}`);
  }
  const values = parsed as unknown as Values;
  const packageRoot = findPackageRoot();
  const models = readCatalog(packageRoot);
  const embedder = values.EMBEDDING_MODEL ? chosenEmbedder(models, values.EMBEDDING_MODEL) : undefined;
  if (typeof embedder === "string") problems.push(`EMBEDDING_MODEL=${values.EMBEDDING_MODEL}: ${embedder}`);
  if (values.EMBEDDING_MODEL && embedder === undefined) {
    const known = idsOf(models.embedders);
    problems.push(
      `EMBEDDING_MODEL=${values.EMBEDDING_MODEL}: unknown model; known: ${known}, a folder with an aura-model.json, or empty for pseudo-embeddings`,
    );
  }
  const reranker = chosenReranker(models, values.RERANK_MODEL);
  if (values.RERANK_MODEL && reranker === undefined) {
    const known = idsOf(models.crossEncoders);
    problems.push(`RERANK_MODEL=${values.RERANK_MODEL}: unknown model; known: ${known}, ${LATE_INTERACTION}`);
  }
  if (values.RERANK_ENABLED && reranker === LATE_INTERACTION && typeof embedder !== "string") {
    if (embedder?.tokenProjection === undefined) problems.push(noTokenVectors(models, values.EMBEDDING_MODEL));
  }
  if (problems.length > 0 || typeof embedder === "string") {
    throw new AppError("config", problems.join("\n"), { remedy: "Correct the settings named above and start again." });
  }
  return {
    values,
    embedder,
    reranker: values.RERANK_ENABLED ? reranker : undefined,
    models,
    roots: (values.RETRIEVAL_ROOTS ?? "")
      .split(delimiter)
      .filter((root) => root !== "")
      .map((root) => resolve(root)),
    collection: values.QDRANT_COLLECTION,
    collections: [...new Set([values.QDRANT_COLLECTION, ...(values.RETRIEVAL_COLLECTIONS ?? [])])],
    dataFolder: resolve(values.RETRIEVAL_DATA_DIR ?? envPaths("aura-retrieval", { suffix: "" }).data),
    hubCache: hubCache(values),
    downloadsOnUse: true,
    packageRoot,
    version: readVersion(packageRoot),
    explicit: Object.fromEntries(
      NAMES.filter((name) => present[name] !== undefined).map((name) => [name, shown(name, present[name] as string)]),
    ),
    warnings: Object.keys(env)
      .filter(isTypo)
      .map((name) => `unknown setting ${name} is ignored${suggestion(name)}`),
  };
}

/** A string says what is wrong with a folder. */
function chosenEmbedder(models: Catalog, name: string): CatalogEmbedder | string | undefined {
  return isModelFolder(name) ? readOwnModel(name) : findModel(models.embedders, name);
}

function chosenReranker(models: Catalog, name = ""): CatalogCrossEncoder | typeof LATE_INTERACTION | undefined {
  return name === LATE_INTERACTION ? LATE_INTERACTION : findModel(models.crossEncoders, name);
}

function noTokenVectors({ embedders }: Catalog, model = ""): string {
  const able = idsOf(embedders.filter(({ tokenProjection }) => tokenProjection !== undefined));
  return `RERANK_MODEL=${LATE_INTERACTION}: EMBEDDING_MODEL=${model} has no token vectors; ${able} has, or name a cross-encoder`;
}

function idsOf(models: readonly { readonly id: string }[]): string {
  return models.map(({ id }) => id).join(", ");
}

/** Every setting with its value in force; secrets masked. */
export function describeSettings(config: Config): Record<string, string> {
  const entries = NAMES.map((name) => [name, config.explicit[name] ?? SETTINGS[name].default ?? ""] as const);
  return Object.fromEntries(entries);
}

/** Explicit variables over the profile's. Empty means unset, but for EMBEDDING_MODEL, which then means "pseudo". */
function withProfile(env: Env): Partial<Record<SettingName, string>> {
  const explicit: Partial<Record<SettingName, string>> = {};
  for (const name of NAMES) {
    const value = env[name]?.trim();
    if (value !== undefined && (value !== "" || name === "EMBEDDING_MODEL")) explicit[name] = value;
  }
  const profile = explicit.RETRIEVAL_PROFILE as keyof typeof PROFILES | undefined;
  return { ...(profile === undefined ? {} : PROFILES[profile]), ...explicit };
}

function hubCache(values: Values): string {
  return resolve(
    values.HF_HUB_CACHE ??
      values.TRANSFORMERS_CACHE ??
      join(values.HF_HOME ?? join(homedir(), ".cache", "huggingface"), "hub"),
  );
}

function shown(name: SettingName, value: string): string {
  return (SETTINGS[name] as { secret?: true }).secret
    ? "***"
    : value.replace(/\/\/[^/@]*@/g, "//***@").replace(/\?[^,]*/g, "?***");
}

function allowed(issue: { readonly message: string }): string {
  return issue.message.replace(/^Invalid (option|input): /, "");
}

function isTypo(name: string): boolean {
  if (name in SETTINGS || name.includes("_TEST_")) return false;
  return OUR_PREFIXES.some((prefix) => name.startsWith(prefix) || (isNear(name, prefix) && suggestion(name) !== ""));
}

/** Whether the name begins almost as one of ours does: `EMBEDING_` for `EMBEDDING_`. */
function isNear(name: string, prefix: string): boolean {
  return editDistance(name.slice(0, name.indexOf("_") + 1), prefix) === 1;
}

function suggestion(name: string): string {
  const near = NAMES.map((known) => ({ known, distance: editDistance(name, known) })).sort(
    (a, b) => a.distance - b.distance,
  )[0];
  return near !== undefined && near.distance <= 4 ? `; did you mean ${near.known}?` : "";
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The folder with our package.json, above this file: the same from a checkout and from an installed package. */
function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "models.json"))) folder = dirname(folder);
  return folder;
}

function readVersion(packageRoot: string): string {
  return (JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string }).version;
}
