/** A call of `retrieve`, from its input to its answer. Loaded by the first call. */
import type { App } from "../../app/app.js";
import type { Call } from "../../core/call.js";
import type { RetrievalProfile } from "../../core/profile.js";
import type { Filter } from "../../core/types.js";
import type { Outcome } from "../operation.js";
import { asStored } from "./filter.js";
import { present } from "./present.js";
import { renderResults } from "./render.js";
import { inBrief } from "./result.js";
import type { Input, Output } from "./schema.js";

export type RetrieveServices = Pick<App, "live" | "profile" | "retrieve">;

export async function run(
  call: Call,
  app: Pick<App, "live" | "retrieve">,
  input: Input,
  profile: RetrievalProfile,
): Promise<Outcome<Output>> {
  const started = performance.now();
  const retrieved = await app.retrieve(call, {
    profile,
    query: input.query,
    collection: call.access.collection(input.collection ?? app.live.collection),
    topK: input.top_k,
    mode: input.mode,
    filter: input.filter && asStored(input.filter as Filter),
    minScore: input.min_score,
    rerank: input.rerank,
    expand: input.expand,
  });
  const value = present(call, retrieved, { input, profile, totalMs: performance.now() - started });
  const short = { ...value, results: value.results.map((result) => inBrief(result, input.query)) };
  return {
    value,
    text: renderResults(value),
    brief: { value: short, text: renderResults(short), isEnough: true },
    summary: {
      results: value.results.length,
      topScore: value.results[0]?.score,
      emptyReason: retrieved.emptyReason,
    },
  };
}
