/** What is compared, as data: each configuration is a set of settings, and so a server as a user could start it. */
import type { RetrieveMode } from "../core/types.js";

/** Environment values over the user's own. */
export type Settings = Readonly<Record<string, string>>;

export interface Configuration {
  readonly name: string;
  readonly settings: Settings;
  /** Absent: hybrid, or dense where HYBRID_ENABLED=0. */
  readonly mode?: RetrieveMode;
  /** Names of configurations it is compared with: the best of them that could be measured. */
  readonly against: readonly string[];
}

interface Rung {
  readonly name: string;
  readonly adds: Settings;
}

const OFF: Settings = { RERANK_ENABLED: "0", QUERY_EXPANSION_ENABLED: "0" };
const LATE_INTERACTION: Settings = { RERANK_ENABLED: "1", RERANK_MODEL: "late-interaction" };
const expansion = (strategy: string): Settings => ({ QUERY_EXPANSION_ENABLED: "1", EXPANSION_STRATEGY: strategy });

/** The rollout of the runbook, week by week. Devices stay the user's: models are compared, not machines. */
export const LADDER: readonly Rung[] = [
  { name: "pseudo-embeddings", adds: { ...OFF, EMBEDDING_MODEL: "" } },
  { name: "real embeddings", adds: { EMBEDDING_MODEL: "all-MiniLM-L6-v2" } },
  { name: "+ re-ranking, late interaction", adds: LATE_INTERACTION },
  {
    name: "+ re-ranking, cross-encoder",
    adds: { RERANK_ENABLED: "1", RERANK_MODEL: "ms-marco-MiniLM-L-6-v2", RERANK_TOP_K: "50" },
  },
  { name: "+ expansion, synonyms", adds: expansion("synonyms") },
  { name: "+ expansion, multi_query", adds: expansion("multi_query") },
  {
    name: "production models",
    adds: {
      ...expansion("multi_query"),
      EMBEDDING_MODEL: "all-mpnet-base-v2",
      RERANK_ENABLED: "1",
      RERANK_MODEL: "ms-marco-electra-base",
      RERANK_TOP_K: "50",
      EXPANSION_MAX_VARIANTS: "5",
    },
  },
];

/** A rung stands on the one before: its settings are those of the last rung that could be measured, and its own. */
export function onTopOf(below: Configuration | undefined, { name, adds }: Rung): Configuration {
  return {
    name,
    settings: { ...below?.settings, ...adds },
    against: below === undefined ? [] : [below.name],
  };
}

const MODES = ["dense", "lexical", "hybrid"] as const;
export const STRATEGIES = ["synonyms", "multi_query"] as const;

/** Every leg alone and both, each without and with expansion, without and with re-ranking. */
export function grid(): Configuration[] {
  return MODES.flatMap((mode) =>
    [undefined, ...STRATEGIES].flatMap((strategy) =>
      [false, true].map((rerank) => {
        const name = gridName(mode, strategy, rerank);
        const settings = {
          ...OFF,
          HYBRID_ENABLED: "1",
          ...(strategy === undefined ? {} : expansion(strategy)),
          ...(rerank ? LATE_INTERACTION : {}),
        };
        return { name, settings, mode, against: without(mode, strategy, rerank) };
      }),
    ),
  );
}

/** The same without what was added last; hybrid against the better of its legs. */
function without(mode: RetrieveMode, strategy: string | undefined, rerank: boolean): string[] {
  if (rerank) return [gridName(mode, strategy, false)];
  if (strategy !== undefined) return [gridName(mode, undefined, false)];
  return mode === "hybrid" ? ["dense", "lexical"] : mode === "lexical" ? ["dense"] : [];
}

export function gridName(mode: RetrieveMode, strategy: string | undefined, rerank: boolean): string {
  return [mode, ...(strategy === undefined ? [] : [strategy]), ...(rerank ? ["re-ranking"] : [])].join(" + ");
}
