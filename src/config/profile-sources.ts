/** Named bundles of settings: the runbook's, and a user's own from a file; one may inherit from another. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { DEFAULT_PROFILE } from "../core/profile.js";
import { SETTING_NAMES, SETTINGS, type SettingName, type SettingTexts } from "./settings.js";
import { suggestion } from "./typos.js";

export interface ProfileSource {
  /** `default`: what the settings say. */
  readonly inherits: string;
  readonly settings: SettingTexts;
}

export type ProfileSources = ReadonlyMap<string, ProfileSource>;

const RUNBOOK: Readonly<Record<"development" | "staging" | "production", SettingTexts>> = {
  development: {
    EMBEDDING_MODEL: "all-MiniLM-L6-v2",
    EMBEDDING_DEVICE: "cpu",
    RERANK_ENABLED: "0",
    QUERY_EXPANSION_ENABLED: "0",
    QDRANT_POOL_SIZE: "1",
    QDRANT_POOL_RETRY_ENABLED: "1",
    QDRANT_POOL_MAX_RETRIES: "3",
  },
  staging: {
    EMBEDDING_MODEL: "all-MiniLM-L6-v2",
    EMBEDDING_DEVICE: "cpu",
    RERANK_ENABLED: "1",
    RERANK_TOP_K: "30",
    QUERY_EXPANSION_ENABLED: "1",
    EXPANSION_STRATEGY: "synonyms",
    QDRANT_POOL_SIZE: "3",
    QDRANT_POOL_RETRY_ENABLED: "1",
  },
  production: {
    EMBEDDING_MODEL: "all-mpnet-base-v2",
    EMBEDDING_DEVICE: "cuda",
    RERANK_ENABLED: "1",
    RERANK_MODEL: "ms-marco-electra-base",
    RERANK_DEVICE: "cuda",
    RERANK_TOP_K: "50",
    QUERY_EXPANSION_ENABLED: "1",
    EXPANSION_STRATEGY: "multi_query",
    EXPANSION_MAX_VARIANTS: "5",
    QDRANT_POOL_SIZE: "10",
    QDRANT_POOL_TIMEOUT: "30.0",
    QDRANT_POOL_RETRY_ENABLED: "1",
    QDRANT_POOL_MAX_RETRIES: "3",
    QDRANT_POOL_RETRY_DELAY: "1.0",
  },
};

export const RUNBOOK_PROFILES: ProfileSources = new Map(
  Object.entries(RUNBOOK).map(([name, settings]) => [name, { inherits: DEFAULT_PROFILE, settings }]),
);

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const MOST_BYTES = 1_000_000;
const MOST_PROFILES = 100;
/** A field of a profile is a setting's name in lower case: `rerank_top_k`. */
const FIELDS: ReadonlyMap<string, SettingName> = new Map(
  SETTING_NAMES.filter((name) => SETTINGS[name].scope === "profile").map((name) => [name.toLowerCase(), name]),
);

/** The runbook's profiles and those of the file; what is wrong goes to `problem`, one line each. */
export function readProfiles(file: string | undefined, problem: (line: string) => void): ProfileSources {
  if (file === undefined) return RUNBOOK_PROFILES;
  const path = resolve(file);
  const wrong = (what: string) => problem(`RETRIEVAL_PROFILES_FILE=${file}: ${what}`);
  let content: unknown;
  try {
    const text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
    if (text.length > MOST_BYTES) throw new Error(`it is longer than ${MOST_BYTES} characters`);
    content = JSON.parse(text);
  } catch (cause) {
    wrong(cause instanceof SyntaxError ? "it is not JSON" : `it cannot be read (${(cause as Error).message})`);
    return RUNBOOK_PROFILES;
  }
  if (!isRecord(content)) {
    wrong('it must hold an object: {"<profile>": {"inherits": "default", "rerank_top_k": 20}}');
    return RUNBOOK_PROFILES;
  }
  const entries = Object.entries(content);
  if (entries.length > MOST_PROFILES)
    wrong(`it holds ${entries.length} profiles, at most ${MOST_PROFILES} are allowed`);
  const own = entries.slice(0, MOST_PROFILES).map(([name, body]) => [name, readProfile(name, body, wrong)] as const);
  return new Map([...RUNBOOK_PROFILES, ...own]);
}

function readProfile(name: string, body: unknown, wrong: (what: string) => void): ProfileSource {
  if (name === DEFAULT_PROFILE || RUNBOOK_PROFILES.has(name))
    wrong(`profile "${name}": the name is taken; choose another`);
  else if (!NAME.test(name)) wrong(`profile "${name}": a name has letters, digits, '_', '.', '-', at most 64`);
  if (!isRecord(body)) {
    wrong(`profile "${name}": it must be an object`);
    return { inherits: DEFAULT_PROFILE, settings: {} };
  }
  const { inherits = DEFAULT_PROFILE, ...fields } = body;
  if (typeof inherits !== "string") wrong(`profile "${name}": inherits must name a profile`);
  const settings: Partial<Record<SettingName, string>> = {};
  for (const [field, value] of Object.entries(fields)) {
    const setting = FIELDS.get(field);
    if (setting === undefined)
      wrong(`profile "${name}": unknown field ${field}${suggestion(field, [...FIELDS.keys()])}`);
    else if (!["string", "number", "boolean"].includes(typeof value)) {
      wrong(`profile "${name}": ${field} must be a text, a number or a boolean`);
    } else settings[setting] = String(value).trim();
  }
  return { inherits: String(inherits), settings };
}

/** Fields of a profile as the settings that they stand for. */
export function profileFields(fields: Readonly<Record<string, string>>): SettingTexts {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [FIELDS.get(field) ?? field, value]));
}

/** The settings of a profile, those it inherits under its own. @returns a text that says what is wrong */
export function inherited(profiles: ProfileSources, name: string): SettingTexts | string {
  const path: string[] = [];
  let settings: SettingTexts = {};
  for (let next = name; next !== DEFAULT_PROFILE; ) {
    const profile = profiles.get(next);
    if (profile === undefined) {
      const known = [DEFAULT_PROFILE, ...profiles.keys()];
      const which = path.length === 0 ? "" : `profile "${path.at(-1)}" inherits "${next}": `;
      return `${which}unknown profile; known: ${known.join(", ")}${suggestion(next, known)}`;
    }
    if (path.includes(next)) return `profiles inherit in a circle: ${[...path, next].join(" → ")}`;
    path.push(next);
    settings = { ...profile.settings, ...settings };
    next = profile.inherits;
  }
  return settings;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
