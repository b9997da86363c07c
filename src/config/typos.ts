/** Names in the environment that are probably misspelt settings. */
import { editDistance, nearest } from "../core/nearest.js";
import { SETTING_NAMES } from "./settings.js";

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
  "HTTP_",
];
/** Other programs' own. */
const NOT_OURS: readonly string[] = ["HTTP_PROXY"];

/** One warning for each name that looks like ours and is none. */
export function typoWarnings(names: readonly string[]): string[] {
  return names.filter(isTypo).map((name) => `unknown setting ${name} is ignored${suggestion(name, SETTING_NAMES)}`);
}

/** `; did you mean X?`, or nothing where no known name is near. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? "" : `; did you mean ${near}?`;
}

function isTypo(name: string): boolean {
  if (SETTING_NAMES.some((known) => known === name) || name.includes("_TEST_") || NOT_OURS.includes(name)) return false;
  return OUR_PREFIXES.some(
    (prefix) => name.startsWith(prefix) || (isNear(name, prefix) && suggestion(name, SETTING_NAMES) !== ""),
  );
}

/** Whether the name begins almost as one of ours does: `EMBEDING_` for `EMBEDDING_`. */
function isNear(name: string, prefix: string): boolean {
  const beginning = name.slice(0, name.indexOf("_") + 1);
  return Math.abs(beginning.length - prefix.length) <= 1 && editDistance(beginning, prefix) === 1;
}
