/** Runs one step of the pipeline and records it once, for the span, the histogram and the result alike. */
import type { Ctx, StageRecord } from "../core/context.js";
import { type AppError, throwIfAborted, toAppError } from "../core/errors.js";
import type { DegradedReason, StageName } from "../core/types.js";

export interface StageNotes {
  /** What the record says beside name, time and status. */
  readonly attrs: StageRecord["attrs"];
  /** The stage did less than it could: the answer says why, once for each reason, and is counted. */
  degrade(reason: DegradedReason): void;
}

/**
 * @param orElse of an optional stage: what stands in for it when it fails. The call's own end (cancelled, deadline over)
 *   is no failure of the stage and always passes through.
 * @throws AppError with `stage` set
 */
export async function stage<T>(
  ctx: Ctx,
  name: StageName,
  run: (notes: StageNotes) => T | Promise<T>,
  orElse?: (why: AppError, notes: StageNotes) => T,
): Promise<T> {
  const started = performance.now();
  let status: StageRecord["status"] = "ok";
  const notes: StageNotes = {
    attrs: {},
    degrade(reason) {
      status = "degraded";
      const isSaid = ctx.degraded.some((said) => said.stage === name && said.reason === reason);
      if (!isSaid) ctx.degraded.push({ stage: name, reason });
    },
  };
  try {
    throwIfAborted(ctx.signal);
    return await run(notes);
  } catch (thrown) {
    const error = toAppError(thrown);
    error.stage ??= name;
    notes.attrs.error_code = error.code;
    if (orElse === undefined || ctx.signal.aborted || error.code === "cancelled") {
      status = "error";
      throw error;
    }
    return orElse(error, notes);
  } finally {
    ctx.stages.push({ name, ms: performance.now() - started, status, attrs: notes.attrs });
  }
}
