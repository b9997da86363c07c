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
   * tool.
   */
  readonly timings: Readonly<Record<string, number>>;
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
  readonly app: App;
  readonly call: Call;
  readonly profile: RetrievalProfile;
  readonly collection: CollectionPass;
  readonly mode: RetrieveMode | undefined;
  readonly dataset: Dataset;
  readonly offTopic: readonly string[];
  /** After each question. */
  readonly onQuestion: (done: number, total: number) => void;
}

/** One question after the other, so that the times are those of a server with one caller. */
export async function measure(request: MeasureRequest): Promise<Measurement> {
  const { dataset, offTopic, onQuestion } = request;
  const total = dataset.questions.length + offTopic.length;
  const degraded: Record<string, number> = {};
  // The first call also loads the models and opens the collection. It finds what the first question does, and no cache
  // knows the question afterwards.
  const { retrieved: first } = await ask(request, `${dataset.questions[0]?.text} (warm-up)`);
  const answers: Answer[] = [];
  for (const question of dataset.questions) {
    const { retrieved, call, ms } = await ask(request, question.text);
    for (const reason of new Set(call.degraded.map(({ reason }) => reason)))
      degraded[reason] = (degraded[reason] ?? 0) + 1;
    answers.push(toAnswer(question, retrieved, call, { ms, extensionOptional: dataset.extensionOptional }));
    onQuestion(answers.length, total);
  }
  const best: number[] = [];
  for (const text of offTopic) {
    const { retrieved } = await ask(request, text);
    const [top] = retrieved.passages;
    best.push(top === undefined ? 0 : top.score);
    onQuestion(answers.length + best.length, total);
  }
  const { name, points } = first.collection;
  return { answers, offTopic: best, degraded, collection: { name, points } };
}

async function ask({ app, call: run, profile, collection, mode }: MeasureRequest, query: string) {
  const call: Call = { ...run, stages: [], degraded: [] };
  const started = performance.now();
  const retrieved = await app.retrieve(call, { query, collection, topK: PASSAGES, mode, profile });
  return { retrieved, call, ms: performance.now() - started };
}

function toAnswer(
  question: Question,
  { passages }: Retrieved,
  call: Call,
  { ms, extensionOptional }: { readonly ms: number; readonly extensionOptional: boolean },
): Answer {
  const { grades } = question;
  const idOf = (document: string) =>
    extensionOptional && !grades.has(document) ? withoutExtension(document) : document;
  const found = passages.map((passage) => ({
    document: idOf(passage.point.record.document),
    score: passage.score,
  }));
  const ranking = toRanking(found);
  const timings: Record<string, number> = {};
  for (const stage of call.stages) timings[stage.name] = (timings[stage.name] ?? 0) + stage.ms;
  timings.total = ms - (timings.read ?? 0);
  return {
    question,
    ranking,
    scores: scoreRanking(ranked(ranking), grades),
    top: found.slice(0, TOP).map(({ document, score }) => ({ score, grade: grades.get(document) })),
    timings,
    candidates: Number(call.stages.find(({ name }) => name === "search")?.attrs.candidates ?? 0),
  };
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
