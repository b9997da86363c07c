/** What retrieval is given by whoever holds the parts: a store, and parts by the choice that a profile makes. */

import type { Phrase } from "../core/phrase.js";
import type { Embedder, Expander, Reranker, VectorStore } from "../core/ports.js";
import type { EmbedderChoice, ExpansionChoice, RerankingChoice } from "../core/profile.js";
import type { ExactTerm } from "../core/types.js";
import type { RankingParams } from "./ranking/ranking-params.js";

export type SomeExpansion = Exclude<ExpansionChoice, { kind: "none" }>;
export type SomeReranking = Exclude<RerankingChoice, { kind: "none" }>;

export interface RetrievalEngine {
  readonly store: VectorStore;
  /** Version of the analyser behind the lexical leg. */
  readonly analyser: string;
  readonly ranking: RankingParams;
  /** What a question names exactly, as the analyser writes it. */
  exactTerms(question: string): readonly ExactTerm[];
  /** What it has in quotation marks. */
  phrases(question: string): readonly Phrase[];
  /** Whether its function words are English. */
  isEnglish(text: string): boolean;
  /** The same choice gives the same part, as long as the engine lives. */
  embedder(choice: EmbedderChoice): Embedder;
  expander(choice: SomeExpansion): Expander;
  /** @param embedder of the same profile: late interaction compares its token vectors */
  reranker(choice: SomeReranking, embedder: EmbedderChoice): Reranker;
}
