/** What is compared, as data: each configuration is a profile over the user's own, as a user could write it. */
import type { RetrieveMode } from "../core/types.js";

/** Fields of a profile: settings in lower case. */
export type Fields = Readonly<Record<string, string>>;

export interface Configuration {
  readonly name: string;
  readonly fields: Fields;
  /** A profile by name; absent: the default, with the fields over it. */
  readonly profile?: string;
  /** Absent: by the legs that the profile has. */
  readonly mode?: RetrieveMode;
  /** Names of configurations it is compared with: the best of them that could be measured. */
  readonly against: readonly string[];
}

interface Rung {
  readonly name: string;
  readonly adds: Fields;
}

const NO_RERANKING: Fields = { rerank_enabled: "0" };
const NO_EXPANSION: Fields = { query_expansion_enabled: "0" };
const OFF: Fields = { ...NO_RERANKING, ...NO_EXPANSION };
const LATE_INTERACTION: Fields = { rerank_enabled: "1", rerank_model: "late-interaction" };
const expansion = (strategy: string): Fields => ({
  query_expansion_enabled: "1",
  expansion_strategy: strategy,
});

/** The rollout of the runbook, week by week. Devices stay the user's: models are compared, not machines. */
export const LADDER: readonly Rung[] = [
  { name: "pseudo-embeddings", adds: { ...OFF, embedding_model: "" } },
  { name: "real embeddings", adds: { embedding_model: "all-MiniLM-L6-v2" } },
  { name: "+ re-ranking, late interaction", adds: LATE_INTERACTION },
  {
    name: "+ re-ranking, cross-encoder",
    adds: { rerank_enabled: "1", rerank_model: "ms-marco-MiniLM-L-6-v2", rerank_top_k: "50" },
  },
  { name: "+ expansion, synonyms", adds: expansion("synonyms") },
  { name: "+ expansion, multi_query", adds: expansion("multi_query") },
  {
    name: "production models",
    adds: {
      ...expansion("multi_query"),
      embedding_model: "all-mpnet-base-v2",
      rerank_enabled: "1",
      rerank_model: "ms-marco-electra-base",
      rerank_top_k: "50",
      expansion_max_variants: "5",
    },
  },
];

/** A rung stands on the one before: its fields are those of the last rung that could be measured, and its own. */
export function onTopOf(below: Configuration | undefined, { name, adds }: Rung): Configuration {
  return {
    name,
    fields: { ...below?.fields, ...adds },
    against: below === undefined ? [] : [below.name],
  };
}

/** Profiles by name, each compared with the first. */
export function profiles(names: readonly string[]): Configuration[] {
  return names.map((name, i) => ({ name, fields: {}, profile: name, against: i === 0 ? [] : names.slice(0, 1) }));
}

const MODES = ["dense", "lexical", "hybrid"] as const;
export const STRATEGIES = ["synonyms", "multi_query"] as const;

/** Every leg alone and both, each without and with expansion, without and with re-ranking. */
export function grid(): Configuration[] {
  return MODES.flatMap((mode) =>
    [undefined, ...STRATEGIES].flatMap((strategy) =>
      [false, true].map((rerank) => {
        const name = gridName(mode, strategy, rerank);
        const expanding = strategy === undefined ? NO_EXPANSION : expansion(strategy);
        const reranking = rerank ? LATE_INTERACTION : NO_RERANKING;
        const fields = {
          hybrid_enabled: "1",
          ...expanding,
          ...reranking,
        };
        return { name, fields, mode, against: without(mode, strategy, rerank) };
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
  return [mode, strategy, rerank ? "re-ranking" : undefined].filter((part) => part !== undefined).join(" + ");
}
