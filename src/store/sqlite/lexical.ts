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
    const { ids, frequencies } = postingsOf(db, term);
    const weight = idf(memory.points, ids.length);
    idfs.push(weight);
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      const added = weight * termWeight(frequencies[i] as number, lengths[id] as number);
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
  const { ids } = postingsOf(db, term);
  for (const id of ids) scores[id] = rarity(memory.points, ids.length);
  return scores;
}

/** The best `limit` that share a term with the query; of equals at the cut the first uuids. @param among ids; undefined: all */
export function bestLexical(
  db: Database,
  scores: LexicalScores,
  among: readonly number[] | undefined,
  limit: number,
): Ranked[] {
  const asked = among ?? scores.keys();
  const cut = lowestOfBest(among === undefined ? scores : among.map((id) => scores[id] as number), limit);
  const sure: Ranked[] = [];
  const equals: Ranked[] = [];
  for (const id of asked) {
    const score = scores[id] as number;
    if (score > cut) sure.push({ id, score });
    else if (score === cut) equals.push({ id, score });
  }
  const wanted = limit - sure.length;
  return [...sure, ...(equals.length > wanted ? firstByUuid(db, equals, wanted) : equals)];
}

/** The chunks that hold a term. */
interface Postings {
  readonly ids: readonly number[];
  /** How often, by place in `ids`. */
  readonly frequencies: readonly number[];
}

function postingsOf(db: Database, term: string): Postings {
  // One JSON text with the chunk of each place, many times faster to fetch than rows; those of a chunk follow one another.
  const row = db.get<{ places: string }>(
    "SELECT json_group_array(doc) AS places FROM term_places WHERE term = ?",
    term,
  );
  const ids: number[] = [];
  const frequencies: number[] = [];
  let last: number | undefined;
  for (const id of JSON.parse(row?.places ?? "[]") as number[]) {
    if (id === last) frequencies[ids.length - 1] = (frequencies[ids.length - 1] as number) + 1;
    else frequencies[ids.push(id) - 1] = 1;
    last = id;
  }
  return { ids, frequencies };
}

/** The lowest of the `limit` highest scores above 0, or of all where there are fewer. */
function lowestOfBest(scores: Iterable<number>, limit: number): number {
  const highestFirst = (a: number, b: number) => b - a;
  const kept: number[] = [];
  let least = 0;
  for (const score of scores) {
    if (score <= least) continue;
    kept.push(score);
    if (kept.length < 2 * limit) continue;
    kept.sort(highestFirst).length = limit;
    least = kept[limit - 1] as number;
  }
  return kept.sort(highestFirst)[Math.min(limit, kept.length) - 1] ?? Number.POSITIVE_INFINITY;
}
