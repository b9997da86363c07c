/** Capture of a reranker's failure, so that another one can take its place. */
import { type AppError, toAppError } from "../core/errors.js";
import type { Reranked } from "../core/ports.js";
import type { DegradedReason } from "../core/types.js";

export interface Attempt extends Partial<Reranked> {
  readonly failure?: AppError;
}

/** @throws AppError `cancelled`, `timeout`: a caller that left is an end */
export async function attempt(score: () => Promise<Reranked>): Promise<Attempt> {
  try {
    return await score();
  } catch (thrown) {
    const failure = toAppError(thrown);
    if (failure.code === "cancelled" || failure.code === "timeout") throw failure;
    return { failure };
  }
}

export function reasonOf({ failure }: Attempt): DegradedReason | undefined {
  if (failure === undefined) return undefined;
  return failure.code === "model_missing" ? "rerank_model_missing" : "rerank_failed";
}
