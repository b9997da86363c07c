/** One configuration over all questions: rankings, scores, time by stage. Everything goes through `app.retrieve`. */
import type { App, Retrieved } from "../app/app.js";
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import type { RetrievalProfile } from "../core/profile.js";
import type { RetrieveMode } from "../core/types.js";
import type { Dataset, Question } from "./dataset.js";
import type { Ranking } from "./metrics.js";
import { ranked, type Scores, scoreRanking } from "./metrics.js";

/** Documents of a ranking. */
const DOCUMENTS = 100;
/** The pipeline lets three passages of a document stand before others get their turn: so many hold 100 documents. */
const PASSAGES = 3 * DOCUMENTS;
const TOP = 10;

export interface Answer {
  readonly question: Question;
  /** Document, named as the judgements name it → score; at most 100. */
  readonly ranking: Ranking;
  readonly scores: Scores;
  /** The ten best passages: `score`, and the grade of their document; undefined: not judged. */
  readonly top: readonly { readonly score: number; readonly grade: number | undefined }[];
  /**
   * Milliseconds by stage, and `total` of all but `read`: a hundred documents are read here, a handful in a call of the
   * tool. undefined: others were asked beside it.
   */
  readonly timings: Readonly<Record<string, number>> | undefined;
  /** Chunks that the search brought. */
  readonly candidates: number;
}

export interface Measurement {
  readonly answers: readonly Answer[];
  /** Best score of each question that the collection cannot answer; 0 when nothing came. */
  readonly offTopic: readonly number[];
  /** Reasons in `degraded` → how many answers had them. */
  readonly degraded: Readonly<Record<string, number>>;
  /** The version that answered, and what it holds. */
  readonly collection: { readonly name: string; readonly points: number };
}

export interface MeasureRequest {
  readonly app: Pick<App, "retrieve">;
  /** The same, its searches remembered: for questions whose time is not taken. */
  readonly remembering: Pick<App, "retrieve">;
  readonly call: Call;
  readonly profile: RetrievalProfile;
  readonly collection: CollectionPass;
  readonly mode: RetrieveMode | undefined;
  readonly dataset: Dataset;
  readonly offTopic: readonly string[];
  /** Which configuration of the run it is, from 1. */
  readonly turn: number;
  /** Most questions whose time is taken. */
  readonly timed: number;
  /** After each question. */
  readonly onQuestion: (done: number, total: number) => void;
}

/** Questions asked side by side, where nobody looks at the time. */
const SIDE_BY_SIDE = 3;

/**
 * The times are those of a server with one caller: of questions asked one after the other, which no cache knows. The
 * others are asked side by side, unless the re-ranker has a budget that neighbours would take from.
 */
export async function measure(request: MeasureRequest): Promise<Measurement> {
  const { app, remembering, dataset, offTopic, onQuestion, profile, turn, timed } = request;
  const { questions, extensionOptional } = dataset;
  const lanes = profile.reranking.kind === "cross-encoder" ? 1 : SIDE_BY_SIDE;
  let done = 0;
  const progress = () => onQuestion(++done, questions.length + offTopic.length);
  // The first call also loads the models and opens the collection.
  const { retrieved: first } = await ask(request, app, `${questions[0]?.text} (warm-up)`);
  const answers: Answer[] = new Array(questions.length);
  const degraded: Record<string, number> = {};
  const measureOne = async (at: number, text: string, isTimed: boolean) => {
    const question = questions[at] as Question;
    const { retrieved, call, ms } = await ask(request, isTimed ? app : remembering, text);
    for (const reason of new Set(call.degraded.map(({ reason }) => reason)))
      degraded[reason] = (degraded[reason] ?? 0) + 1;
    answers[at] = toAnswer(question, retrieved, call, { ms: isTimed ? ms : undefined, extensionOptional });
    progress();
  };
  const stride = Math.ceil(questions.length / timed);
  const others: number[] = [];
  for (const [at, { text }] of questions.entries()) {
    // Blanks at its end make it another text for a cache, and the same question for everyone else.
    if (at % stride === 0) await measureOne(at, text + " ".repeat(turn), true);
    else others.push(at);
  }
  await sideBySide(lanes, others, (at) => measureOne(at, (questions[at] as Question).text, false));
  const best: number[] = new Array(offTopic.length);
  await sideBySide(lanes, [...offTopic.keys()], async (at) => {
    const { retrieved } = await ask(request, remembering, offTopic[at] as string);
    best[at] = retrieved.passages[0]?.score ?? 0;
    progress();
  });
  const { name, points } = first.collection;
  return { answers, offTopic: best, degraded, collection: { name, points } };
}

/** The first failure stops every lane; it is thrown when none works any more. */
async function sideBySide<T>(lanes: number, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const failures: unknown[] = [];
  const lane = async () => {
    for (const item of waiting) {
      await work(item).catch((error: unknown) => void failures.push(error));
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (failures.length > 0) throw failures[0];
}

async function ask(
  { call: run, profile, collection, mode }: MeasureRequest,
  app: Pick<App, "retrieve">,
  query: string,
) {
  const call: Call = { ...run, stages: [], degraded: [] };
  const started = performance.now();
  const retrieved = await app.retrieve(call, { query, collection, topK: PASSAGES, mode, profile });
  return { retrieved, call, ms: performance.now() - started };
}

function toAnswer(
  question: Question,
  { passages }: Retrieved,
  call: Call,
  { ms, extensionOptional }: { readonly ms: number | undefined; readonly extensionOptional: boolean },
): Answer {
  const { grades } = question;
  const idOf = (document: string) =>
    extensionOptional && !grades.has(document) ? withoutExtension(document) : document;
  const found = passages.map((passage) => ({
    document: idOf(passage.point.record.document),
    score: passage.score,
  }));
  const ranking = toRanking(found);
  return {
    question,
    ranking,
    scores: scoreRanking(ranked(ranking), grades),
    top: found.slice(0, TOP).map(({ document, score }) => ({ score, grade: grades.get(document) })),
    timings: ms === undefined ? undefined : timingsOf(call, ms),
    candidates: Number(call.stages.find(({ name }) => name === "search")?.attrs.candidates ?? 0),
  };
}

function timingsOf({ stages }: Call, ms: number): Readonly<Record<string, number>> {
  const timings: Record<string, number> = {};
  for (const stage of stages) timings[stage.name] = (timings[stage.name] ?? 0) + stage.ms;
  return { ...timings, total: ms - (timings.read ?? 0) };
}

export function withoutExtension(document: string): string {
  return document.replace(/\.[^./]+$/, "");
}

/**
 * Documents in the order of their best passages. Programs that read a run order it by its scores alone; a document that
 * the pipeline put below one with a lower score (it copies another's passage) gets a score just below that one's.
 * @param passages best first
 */
export function toRanking(passages: readonly { readonly document: string; readonly score: number }[]): Ranking {
  const ranking = new Map<string, number>();
  let above = Number.POSITIVE_INFINITY;
  for (const { document, score } of passages) {
    if (ranking.has(document)) continue;
    if (ranking.size === DOCUMENTS) break;
    above = Math.min(Math.fround(score), nextBelow(above));
    ranking.set(document, above);
  }
  return ranking;
}

/** A 32-bit float, the precision of runs, that is surely lower. */
function nextBelow(value: number): number {
  if (value === Number.POSITIVE_INFINITY) return value;
  return Math.fround(value - Math.max(Math.abs(value) * 2 ** -23, 2 ** -40));
}
