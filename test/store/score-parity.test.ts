/** A score means the same whatever store it comes from: the legs' own, and `score` after the relevance map. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import type { Candidate, RetrieveMode } from "#src/core/types.js";
import { fuse } from "#src/retrieve/ranking/fuse.js";
import { RANKING_PARAMS } from "#src/retrieve/ranking/ranking-params.js";
import { withRelevance } from "#src/retrieve/ranking/relevance.js";
import { createSqliteStore } from "#src/store/sqlite/index.js";
import { GROWTH, grownAndAsked } from "../contract/lexical-scores.js";
import { testCall } from "../support/call.js";
import { Stub } from "./qdrant/stub.js";
import { testStore } from "./qdrant/test-store.js";

interface Server {
  readonly url: string;
  close(): Promise<void>;
}

const MOST_APART = 0.01;
const call = testCall();
const question = { text: "", leg: "both", weight: 1 } as const;
const real = process.env.QDRANT_TEST_URL;

/** Passage → `score` as an answer shows it. */
function shownScores(candidates: readonly Candidate[], mode: RetrieveMode): Map<string, number> {
  const { denseWeight, variantWeights, relevance } = RANKING_PARAMS;
  const asked = {
    dense: mode === "lexical" ? [] : [question],
    lexical: mode === "dense" ? [] : [question],
    exact: [],
  };
  const inOrder = candidates.map(({ scores: [lexical = 0, dense = 0], ...candidate }) => ({
    ...candidate,
    scores: { hybrid: [dense, lexical], dense: [dense], lexical: [lexical] }[mode],
  }));
  const fused = fuse(inOrder, asked, { variantWeights, denseWeight: denseWeight.plain });
  const shown = withRelevance(
    fused.map((scored) => ({ ...scored, score: scored.fused })),
    relevance[mode],
  );
  return new Map(shown.map(({ candidate, score }) => [candidate.id, score]));
}

const SERVERS: readonly [string, (() => Promise<Server>) | undefined][] = [
  ["on the stub", () => Stub.start()],
  ["on a real server", real === undefined ? undefined : async () => ({ url: real, close: async () => undefined })],
];

describe.each(SERVERS)("scores of a Qdrant (%s)", (_where, start) => {
  let folder: string;
  let sqlite: VectorStore;
  let qdrant: VectorStore;
  let server: Server | undefined;
  beforeAll(async () => {
    server = await start?.();
    folder = await mkdtemp(join(tmpdir(), "aura-parity-"));
    sqlite = createSqliteStore({ folder, vectorMemoryMb: 16 });
    qdrant = testStore(server?.url ?? "http://127.0.0.1:1", { timeoutMs: 30_000 });
  });
  afterAll(async () => {
    await Promise.all([sqlite.close(), qdrant.close()]);
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.skipIf(start === undefined)(
    "are those of the embedded store, also after texts of another length have come (skipped without QDRANT_TEST_URL)",
    async () => {
      let run = 0;
      const agree = fc.asyncProperty(GROWTH, async (growth) => {
        const collection = `parity${process.pid}x${++run}-1`;
        const ours = await grownAndAsked(sqlite, collection, growth);
        const theirs = await grownAndAsked(qdrant, collection, growth);
        await qdrant.drop(call, collection);
        const scoresOf = new Map(theirs.map(({ id, scores }) => [id, scores]));
        expect(theirs).toHaveLength(ours.length);
        for (const { id, scores } of ours) {
          for (const [leg, score] of scores.entries())
            expect(apart(score, scoresOf.get(id)?.[leg])).toBeLessThan(MOST_APART);
        }
        for (const mode of ["hybrid", "dense", "lexical"] as const) {
          const shown = shownScores(theirs, mode);
          for (const [id, score] of shownScores(ours, mode))
            expect(apart(score, shown.get(id))).toBeLessThan(MOST_APART);
        }
      });
      await fc.assert(agree, { numRuns: 15 });
    },
    60_000,
  );
});

function apart(score: number, other: number | undefined): number {
  return Math.abs(score - (other ?? Number.NaN));
}
