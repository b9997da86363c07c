/** Environment → configuration. All problems are found at once, each with the name, the value and what is allowed. */
import { AppError } from "../core/errors.js";
import { DEFAULT_PROFILE, type RetrievalProfile } from "../core/profile.js";
import { type Catalog, type CatalogEmbedder, readCatalog } from "../models/catalog.js";
import { type BootConfig, bootConfig, contradictions } from "./boot.js";
import { findPackageRoot, readVersion } from "./package.js";
import { inherited, type ProfileSources, readProfiles } from "./profile-sources.js";
import { compileProfile } from "./profiles.js";
import { rootsOf } from "./roots.js";
import type { SettingScope } from "./setting.js";
import {
  parseSettings,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type SettingTexts,
  shown,
  type Values,
} from "./settings.js";
import { typoWarnings } from "./typos.js";

/** What may change while the server runs; a call keeps what it began with. */
export interface LiveConfig {
  /** By name; `default` answers where a call names none. */
  readonly profiles: ReadonlyMap<string, RetrievalProfile>;
  /** The catalogue, and the models of the user's own that profiles name. */
  readonly models: Catalog;
  readonly collection: string;
  /** Collections that tools may touch. */
  readonly collections: readonly string[];
  /** Folders that tools may index. */
  readonly roots: readonly string[];
  /** What RETRIEVAL_ROOTS names beside them, and why it is none. */
  readonly refusedRoots: readonly string[];
  /** Whether tools answer from documents below the roots only; undefined: as the store has it. */
  readonly scope: "roots" | "all" | undefined;
  /** Part of an answer that has the passages; auto: as the client's name tells. */
  readonly passagesIn: "auto" | "structured" | "text";
  readonly callTimeoutMs: number;
  readonly callsPerSecond: number;
  /** Where profiles of the user's own were read from. */
  readonly profilesFile: string | undefined;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
}

type ShownSettings = Readonly<Record<SettingName, string>>;

export interface Config {
  readonly boot: BootConfig;
  readonly live: LiveConfig;
  /** Every setting in force as text, secrets masked. */
  readonly settings: ShownSettings;
  /** The same for each profile. */
  readonly profileSettings: ReadonlyMap<string, ShownSettings>;
  /** As they were given, secrets too: to see what changed, and never shown. */
  readonly texts: SettingTexts;
  readonly warnings: readonly string[];
}

export type Env = Readonly<Record<string, string | undefined>>;

/** @throws AppError `config` listing every problem, one a line */
export function loadConfig(env: Env): Config {
  const problems: string[] = [];
  const problem = (line: string) => void problems.push(line);
  const explicit = presentIn(env);
  const sources = readProfiles(explicit.RETRIEVAL_PROFILES_FILE, problem);
  const texts = withProfile(explicit, sources, problem);
  const { values, problems: wrong } = parseSettings(texts);
  problems.push(...wrong, ...contradictions(values));
  const packageRoot = findPackageRoot();
  const catalog = readCatalog(packageRoot);
  const compiled = compileAll(texts, values, { sources, catalog, said: wrong, problem });
  const { profiles, models, warnings } = compiled;
  if (values.RETRIEVAL_READ_ONLY && values.RETRIEVAL_WATCH)
    problem("RETRIEVAL_WATCH=1 with RETRIEVAL_READ_ONLY=1: what is watched is indexed; set one of them to 0");
  if (problems.length > 0) throw invalid(problems);
  const roots = rootsOf(values.RETRIEVAL_ROOTS ?? "");
  return {
    boot: bootConfig(values, packageRoot, readVersion(packageRoot)),
    live: {
      profiles,
      models,
      collection: values.QDRANT_COLLECTION,
      collections: [...new Set([values.QDRANT_COLLECTION, ...(values.RETRIEVAL_COLLECTIONS ?? [])])],
      roots: roots.folders,
      refusedRoots: roots.refused,
      scope: values.RETRIEVAL_SCOPE,
      passagesIn: values.RETRIEVAL_PASSAGES_IN,
      callTimeoutMs: values.CALL_TIMEOUT_MS,
      callsPerSecond: values.RATE_LIMIT_QPS,
      profilesFile: values.RETRIEVAL_PROFILES_FILE,
      logLevel: values.LOG_LEVEL,
    },
    settings: inForce(texts),
    profileSettings: new Map([...compiled.texts].map(([name, ofProfile]) => [name, inForce(ofProfile)])),
    texts,
    warnings: [
      ...typoWarnings(Object.keys(env)),
      ...warnings,
      ...roots.refused.map((root) => `RETRIEVAL_ROOTS names ${root}`),
      ...emptyScope(values),
    ],
  };
}

function emptyScope({ RETRIEVAL_SCOPE: scope, RETRIEVAL_ROOTS: roots }: Values): string[] {
  return scope === "roots" && roots === undefined
    ? ["RETRIEVAL_SCOPE=roots without RETRIEVAL_ROOTS: tools answer from nothing; name the folders, or set it to all"]
    : [];
}

function inForce(texts: SettingTexts): ShownSettings {
  return Object.fromEntries(
    SETTING_NAMES.map((name) => {
      const text = texts[name];
      return [name, text === undefined ? (SETTINGS[name].default ?? "") : shown(name, text)];
    }),
  ) as Record<SettingName, string>;
}

/** Names of the settings of a scope whose values differ. */
export function changedSettings(before: Config, after: Config, scope: SettingScope): SettingName[] {
  const textIn = ({ texts }: Config, name: SettingName) => texts[name] ?? SETTINGS[name].default;
  return SETTING_NAMES.filter((name) => SETTINGS[name].scope === scope && textIn(before, name) !== textIn(after, name));
}

/** Empty means unset, but for EMBEDDING_MODEL, which then means "pseudo". */
function presentIn(env: Env): SettingTexts {
  const present: Partial<Record<SettingName, string>> = {};
  for (const name of SETTING_NAMES) {
    const value = env[name]?.trim();
    if (value !== undefined && (value !== "" || name === "EMBEDDING_MODEL")) present[name] = value;
  }
  return present;
}

/** Explicit variables over the named profile's. */
function withProfile(explicit: SettingTexts, sources: ProfileSources, problem: (line: string) => void): SettingTexts {
  const name = explicit.RETRIEVAL_PROFILE;
  if (name === undefined) return explicit;
  const settings = inherited(sources, name);
  if (typeof settings !== "string") return { ...settings, ...explicit };
  problem(`RETRIEVAL_PROFILE=${name}: ${settings}`);
  return explicit;
}

interface Compiling {
  readonly sources: ProfileSources;
  readonly catalog: Catalog;
  /** What is known to be wrong with the settings themselves. */
  readonly said: readonly string[];
  readonly problem: (line: string) => void;
}

/** The default profile as the settings say, and every named one on top of it. */
function compileAll(texts: SettingTexts, values: Values, { sources, catalog, said, problem }: Compiling) {
  const profiles = new Map<string, RetrievalProfile>();
  const textsOf = new Map<string, SettingTexts>([[DEFAULT_PROFILE, texts]]);
  const own = new Map<string, CatalogEmbedder>();
  const warnings: string[] = [];
  const add = (name: string, ofProfile: Values, wrong: (line: string) => void) => {
    const warn = (line: string) => void (name === DEFAULT_PROFILE && warnings.push(line));
    const { profile, model } = compileProfile(name, ofProfile, catalog, { problem: wrong, warn });
    profiles.set(name, profile);
    if (model?.folder !== undefined) own.set(model.folder, model);
  };
  const known = new Set(said);
  add(DEFAULT_PROFILE, values, (line) => {
    known.add(line);
    problem(line);
  });
  for (const name of sources.keys()) {
    // What the settings themselves have wrong is said once.
    const wrong = (line: string) => void (known.has(line) || problem(`profile "${name}": ${line}`));
    const settings = inherited(sources, name);
    if (typeof settings === "string") {
      problem(settings);
      continue;
    }
    const parsed = parseSettings({ ...texts, ...settings });
    for (const line of parsed.problems) wrong(line);
    // What is no profile's matter stays as the settings have it.
    const matters = Object.entries(settings).filter(([each]) => SETTINGS[each as SettingName].scope === "profile");
    textsOf.set(name, { ...texts, ...Object.fromEntries(matters) });
    add(name, parsed.values, wrong);
  }
  return {
    profiles,
    texts: textsOf,
    warnings,
    models: { ...catalog, embedders: [...catalog.embedders, ...own.values()] },
  };
}

function invalid(problems: readonly string[]): AppError {
  return new AppError("config", [...new Set(problems)].join("\n"), {
    remedy: "Correct the settings named above.",
  });
}
