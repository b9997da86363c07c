/** One question to ranked passages: resolve → expand → embed → search → fuse → read and rank. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { toAppError } from "../core/errors.js";
import { heldBack, heldSentence } from "../core/held-removals.js";
import type { Phrase } from "../core/phrase.js";
import type { RetrievalProfile } from "../core/profile.js";
import { withSourceIds } from "../core/sources.js";
import type {
  CollectionInfo,
  EmptyReason,
  ExactTerm,
  FieldInfo,
  Filter,
  RetrieveMode,
  SourceInfo,
  Variant,
} from "../core/types.js";
import { asSeen, type Visible, visibleTo } from "../versions/visible.js";
import { embedQuestion, reasonOf } from "./embed-question.js";
import type { RetrievalEngine } from "./engine.js";
import { expandStep } from "./expand.js";
import { legsOf } from "./legs.js";
import { comparesVectors, lexicalOnly, type Narrowed, narrow, type Wishes } from "./narrow.js";
import { withPhrases } from "./phrases.js";
import { type RankedAnswer, rankStep } from "./rank.js";
import type { Ranked } from "./ranking/blend.js";
import { withExact } from "./ranking/exact.js";
import { backgroundOf } from "./ranking/foreign.js";
import { denseShare, fuse, isUnread, type Scored } from "./ranking/fuse.js";
import { formOf } from "./ranking/query-form.js";
import { withDenseWeight } from "./ranking/ranking-params.js";
import { resolveServing } from "./serving.js";
import { stage } from "./stage.js";

/** Places of which an answer says that documents are gone there; `health` names them all. */
const MOST_HELD = 3;

export interface RetrieveRequest extends Wishes {
  readonly query: string;
  readonly collection: CollectionPass;
  readonly topK: number;
  readonly filter?: Filter | undefined;
  readonly minScore?: number | undefined;
}

export type Passage = Omit<Ranked, "candidate">;

export interface Retrieved {
  readonly passages: readonly Passage[];
  readonly collection: CollectionInfo;
  /** Those that the collection's documents come from. */
  readonly sources: readonly SourceInfo[];
  /** What was searched by. */
  readonly mode: RetrieveMode;
  /** What was searched, the question itself first. */
  readonly variants: readonly Variant[];
  /** What the question names exactly, as it was looked up. */
  readonly exact: readonly ExactTerm[];
  /** What it has in quotation marks, as passages were looked through for it. */
  readonly phrases: readonly Phrase[];
  /** Share of the dense score in the fused ones. */
  readonly denseWeight: number;
  readonly reranked?: RankedAnswer["reranked"];
  readonly emptyReason?: EmptyReason | undefined;
  /** Those that documents have, where no document fits the filter. */
  readonly fields?: readonly FieldInfo[] | undefined;
}

/** @throws AppError `not_found`, `mismatch`, `bad_request` for a part that the profile does not have, and what ports throw */
export async function retrieve(
  call: Call,
  engine: RetrievalEngine,
  profile: RetrievalProfile,
  request: RetrieveRequest,
): Promise<Retrieved> {
  const { store } = engine;
  const { collection, visible, isHidden, ...resolved } = await resolve(call, engine, narrow(profile, request), request);
  const variants = await expandStep(engine, resolved.profile.expansion)(call, request.query);
  const embedder = engine.embedder(resolved.profile.embedder);
  const exact = collection.denseOnly ? [] : engine.exactTerms(request.query);
  const question = await embedQuestion(call, embedder, variants, { ...resolved, exact });
  const { mode, asked, vectors } = question;
  const filter = withSourceIds(request.filter, visible.sources);
  const candidates = await stage(call, "search", async ({ attrs }) => {
    const ask = { limit: question.profile.candidates, filter, scope: visible.scope };
    const found = (await store.search(call, collection.name, legsOf(vectors, asked), ask)).filter(visible.has);
    attrs.candidates = found.length;
    return found;
  });

  const ranking = withDenseWeight(engine.ranking, question.profile.denseWeight);
  const weights = { ...ranking, denseWeight: ranking.denseWeight[formOf(request.query)] };
  const step = rankStep(engine, question.profile);
  const { query, topK, minScore = 0 } = request;
  const phrases = asked.lexical.length === 0 ? [] : engine.phrases(query);
  const { pool, ranked } = await stage(call, "fuse", async ({ degrade }) => {
    const fused = fuse(candidates, asked, weights).map((scored) => ({ ...scored, score: scored.fused }));
    // Hashed words may share nothing by chance; a model's vectors never do.
    const byWords = isUnread(fused) && embedder.degraded !== "pseudo_embeddings";
    if (byWords && collection.state !== "embedding") degrade("unread_script", UNREAD_PASSAGE);
    const relevance = ranking.relevance[byWords ? "lexical" : mode];
    // A question has too few words to tell its language by their pieces: the best passage decides.
    const foreign =
      byWords || mode !== "hybrid" || engine.isEnglish(query)
        ? undefined
        : { ...ranking.relevance, background: backgroundOf(cosinesOf(fused)), denseShare: denseShare(asked, weights) };
    const ranked = { query, collection, topK, minScore, relevance, foreign };
    const named = await withPhrases(call, store, fused, { collection, phrases, terms: asked.exact.length });
    return { pool: step.pool(withExact(named, ranking.exactShare), ranked), ranked };
  });
  const { passages, reranked } = await step.rank(call, pool, ranked);
  const searched = { collection, visible, isHidden, candidates: candidates.length };
  const emptyReason = passages.length > 0 ? undefined : await whyEmpty(call, engine, { ...request, filter }, searched);
  return {
    passages: passages.map(({ candidate: _, ...passage }) => passage),
    collection,
    sources: visible.sources,
    mode,
    variants: variants.filter((variant) => asked.dense.includes(variant) || asked.lexical.includes(variant)),
    exact: asked.exact,
    phrases,
    denseWeight: denseShare(asked, weights),
    reranked,
    emptyReason,
    fields: emptyReason === "filtered_out" ? await store.fields(call, collection.name, visible.scope) : undefined,
  };
}

const PARTLY_EMBEDDED =
  "Some passages have no vectors yet: they were found by their words alone. `health` shows the run that makes them; where none is under way, call reindex again.";

const UNREAD_PASSAGE =
  "The embedding model does not read the script of the best passage: it was found by its words alone. docs/models.md names a model that reads it.";

function cosinesOf(fused: readonly Scored[]): number[] {
  return fused.flatMap(({ dense }) => (dense === undefined ? [] : [dense]));
}

interface Resolved extends Narrowed {
  /** As the caller sees it. */
  readonly collection: CollectionInfo;
  readonly visible: Visible;
  /** Whether it holds something, and nothing that the caller sees. */
  readonly isHidden: boolean;
  /** Whether words may stand in for vectors that the model cannot make. */
  readonly hasWords: boolean;
}

/** The version that answers, and by which legs. */
async function resolve(
  call: Call,
  engine: RetrievalEngine,
  narrowed: Narrowed,
  request: RetrieveRequest,
): Promise<Resolved> {
  const embedder = engine.embedder(narrowed.profile.embedder);
  if (embedder.degraded) call.degraded.push({ stage: "embed", reason: embedder.degraded });
  rankStep(engine, narrowed.profile).warmUp(call);
  const {
    degraded,
    detail,
    lexicalOnly: why,
    ...found
  } = await stage(call, "resolve", async () => {
    const fingerprint = await embedder.fingerprint(call).catch(toAppError);
    const { store, analyser } = engine;
    const serving = await resolveServing(call, store, request.collection, { fingerprint, analyser });
    const visible = await visibleTo(call, store, serving.collection);
    const collection = await asSeen(call, store, serving.collection, { ...visible, lately: true });
    return { ...serving, collection, visible, isHidden: collection.points === 0 && serving.collection.points > 0 };
  });
  const { collection } = found;
  const held = heldBack(collection.alias, found.visible.sources).slice(0, MOST_HELD);
  if (held.length > 0)
    call.degraded.push({ stage: "search", reason: "stale", detail: held.map(heldSentence).join(" ") });
  if (degraded !== undefined) call.degraded.push({ stage: "search", reason: degraded, detail });
  if (collection.state === "embedding" && request.mode !== "lexical") {
    call.degraded.push({ stage: "search", reason: "partly_embedded", detail: PARTLY_EMBEDDED });
  }
  const hasWords = request.mode !== "dense" && !collection.denseOnly;
  if (why !== undefined) {
    if (request.mode === "dense") throw why;
    // Who asked for words only gets the legs that were asked for.
    if (request.mode !== "lexical") {
      call.degraded.push({ stage: "search", reason: "lexical_only", detail: reasonOf(why) });
    } else if (comparesVectors(narrowed.profile)) {
      call.degraded.push({ stage: "rerank", reason: "rerank_failed", detail: reasonOf(why) });
    }
    return { ...lexicalOnly(narrowed), ...found, hasWords };
  }
  // An external collection has no terms; who asks for both legs gets the one there is.
  if (narrowed.mode === "hybrid" && collection.denseOnly) {
    call.degraded.push({ stage: "search", reason: "lexical_unavailable" });
    return { ...narrowed, mode: "dense", ...found, hasWords };
  }
  return { ...narrowed, ...found, hasWords };
}

interface Searched extends Pick<Resolved, "collection" | "visible" | "isHidden"> {
  /** How many were found. */
  readonly candidates: number;
}

async function whyEmpty(
  call: Call,
  { store }: RetrievalEngine,
  { filter, minScore }: RetrieveRequest,
  { collection, visible, isHidden, candidates }: Searched,
): Promise<EmptyReason> {
  if (isHidden) return "out_of_scope";
  if (collection.points === 0) return "empty_collection";
  if (candidates > 0 && minScore !== undefined) return "below_min_score";
  if (filter !== undefined && !(await store.any(call, collection.name, filter, visible.scope))) return "filtered_out";
  return "no_match";
}
