/** The lexical leg: FTS5 keeps which chunks hold a term, and how often; BM25 is computed here, for all of them at once. */
import type { Job } from "../../process/serve.js";
import { questionTerms } from "../../text/analyser.js";
import { idf, maxScore, rarity, termWeight } from "../bm25.js";
import type { Database } from "./database.js";
import { firstByUuid, type Ranked } from "./ranked.js";
import type { SearchMemory } from "./search-memory.js";

/** BM25 as a share of the most that the query could score, by chunk id: 0 for a chunk with none of its terms. */
export type LexicalScores = Float64Array;

export async function scoreLexical(job: Job, db: Database, memory: SearchMemory, text: string): Promise<LexicalScores> {
  const lengths = memory.lengths(db);
  const scores = new Float64Array(lengths.length);
  const idfs: number[] = [];
  for (const term of questionTerms(text)) {
    await job.hear();
    const places = placesOf(db, term);
    const weight = idf(memory.points, chunksIn(places));
    idfs.push(weight);
    for (let i = 0, next = 0; i < places.length; i = next) {
      const id = places[i] as number;
      while (places[next] === id) next++;
      const added = weight * termWeight(next - i, lengths[id] as number);
      scores[id] = (scores[id] as number) + added;
    }
  }
  if (idfs.length === 0) return scores;
  const most = maxScore(idfs);
  for (let id = 0; id < scores.length; id++) scores[id] = (scores[id] as number) / most;
  return scores;
}

/** Rarity of the term for each chunk that has it. */
export function scoreExact(db: Database, memory: SearchMemory, term: string): LexicalScores {
  const scores = new Float64Array(memory.lengths(db).length);
  const places = placesOf(db, term);
  const score = rarity(memory.points, chunksIn(places));
  for (const id of places) scores[id] = score;
  return scores;
}

/** The best `limit` that share a term with the query; of equals at the cut the first uuids. @param among ids; undefined: all */
export function bestLexical(
  db: Database,
  scores: LexicalScores,
  among: readonly number[] | undefined,
  limit: number,
): Ranked[] {
  const cut = lowestOfBest(among === undefined ? scores : among.map((id) => scores[id] as number), limit);
  const sure: Ranked[] = [];
  const equals: Ranked[] = [];
  const asked = among?.length ?? scores.length;
  for (let i = 0; i < asked; i++) {
    const id = among === undefined ? i : (among[i] as number);
    const score = scores[id] as number;
    if (score > cut) sure.push({ id, score });
    else if (score === cut) equals.push({ id, score });
  }
  const wanted = limit - sure.length;
  return [...sure, ...(equals.length > wanted ? firstByUuid(db, equals, wanted) : equals)];
}

/** The chunk of each place where a term stands; those of a chunk follow one another. */
function placesOf(db: Database, term: string): readonly number[] {
  // As one JSON text: many times faster to fetch than rows.
  const row = db.get<{ places: string }>(
    "SELECT json_group_array(doc) AS places FROM term_places WHERE term = ?",
    term,
  );
  return JSON.parse(row?.places ?? "[]") as number[];
}

function chunksIn(places: readonly number[]): number {
  let chunks = 0;
  for (let i = 0; i < places.length; i++) if (places[i] !== places[i - 1]) chunks++;
  return chunks;
}

/** The lowest of the `limit` highest scores above 0, or of all where there are fewer. */
function lowestOfBest(scores: ArrayLike<number>, limit: number): number {
  const highestFirst = (a: number, b: number) => b - a;
  const kept: number[] = [];
  let least = 0;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] as number;
    if (score <= least) continue;
    kept.push(score);
    if (kept.length < 2 * limit) continue;
    kept.sort(highestFirst).length = limit;
    least = kept[limit - 1] as number;
  }
  return kept.sort(highestFirst)[Math.min(limit, kept.length) - 1] ?? Number.POSITIVE_INFINITY;
}
