/** Strategy → expander. Queries that must stay as they are, are skipped here for every strategy. */
import { readFile } from "node:fs/promises";
import type { Call } from "../core/call.js";
import { AppError, raceAbort, throwIfAborted } from "../core/errors.js";
import { once } from "../core/once.js";
import type { Expander, ExpanderStatus } from "../core/ports.js";
import type { Expansion, Variant } from "../core/types.js";
import { Lexicon } from "../text/lexicon.js";
import { rephrase } from "./multi-query.js";
import { mustStay } from "./read-query.js";
import { synonymVariants } from "./synonyms.js";

/** A longer text is no question: another word or form of it would change nothing, and looking for one takes time. */
const MAX_CHARS = 1_000;

export interface ExpanderOptions {
  readonly strategy: ExpanderStatus["strategy"];
  /** The question itself is one of them. */
  readonly maxVariants: number;
  /** Read on first use, by `synonyms` only. */
  readonly lexicon: string;
}

export function createExpander({ strategy, maxVariants, lexicon: path }: ExpanderOptions): Expander {
  if (strategy === "multi_query") {
    return {
      expand: async (call, query) => expansion(call, query, maxVariants, rephrase),
      warmUp: async ({ signal }) => throwIfAborted(signal),
      status: () => ({ state: "ready", strategy }),
    };
  }
  let status: ExpanderStatus = { state: "idle", strategy };
  // After a failure the next call tries again: the file may have been put back.
  const lexicon = once(() =>
    loadLexicon(path).then(
      (loaded) => {
        status = { state: "ready", strategy, wordnet: { version: loaded.version, synsets: loaded.synsets } };
        return loaded;
      },
      (error: AppError) => {
        status = { state: "failed", strategy, error: error.message, remedy: error.remedy };
        throw error;
      },
    ),
  );
  /** A caller that leaves does not stop the reading: others wait for it too. */
  async function loaded({ signal }: Call): Promise<Lexicon> {
    throwIfAborted(signal);
    return raceAbort(lexicon(), signal);
  }
  return {
    async expand(call, query) {
      const words = await loaded(call);
      return expansion(call, query, maxVariants, (each) => synonymVariants(each, words));
    },
    async warmUp(call) {
      await loaded(call);
    },
    status: () => status,
  };
}

function expansion(
  { signal }: Call,
  query: string,
  maxVariants: number,
  variantsOf: (query: string) => Variant[],
): Expansion {
  throwIfAborted(signal);
  const original: Variant = { text: query, leg: "both", weight: 1 };
  if (query.length > MAX_CHARS) return { variants: [original], skipped: "nothing_to_add" };
  const skipped = mustStay(query);
  if (skipped !== undefined) return { variants: [original], skipped };
  const added = variantsOf(query).slice(0, maxVariants - 1);
  return added.length === 0 ? { variants: [original], skipped: "nothing_to_add" } : { variants: [original, ...added] };
}

/** @throws AppError `config` */
async function loadLexicon(path: string): Promise<Lexicon> {
  try {
    return new Lexicon(await readFile(path));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AppError("config", `The lexicon ${path} cannot be used: ${why}.`, {
      remedy: "Install aura-retrieval again, or set EXPANSION_STRATEGY=multi_query, which needs no lexicon.",
      cause,
    });
  }
}
