/** Runs one step of the pipeline and records it once, for the span, the histogram and the result alike. */
import type { Call, StageRecord } from "../core/call.js";
import { type AppError, throwIfAborted, toAppError } from "../core/errors.js";
import type { DegradedReason, StageName } from "../core/types.js";

export interface StageNotes {
  /** What the record says beside name, time and status. */
  readonly attrs: StageRecord["attrs"];
  /** The stage did less than it could: the answer says why, once for each reason, and is counted. */
  degrade(reason: DegradedReason, detail?: string): void;
}

/**
 * @param orElse of an optional stage: what stands in for it when it fails. The call's own end (cancelled, deadline over)
 *   is no failure of the stage and always passes through. It may throw what nothing can stand in for.
 * @throws AppError with `stage` set
 */
export async function stage<T>(
  call: Call,
  name: StageName,
  run: (notes: StageNotes) => T | Promise<T>,
  orElse?: (why: AppError, notes: StageNotes) => T,
): Promise<T> {
  const started = performance.now();
  let status: StageRecord["status"] = "ok";
  const notes: StageNotes = {
    attrs: {},
    degrade(reason, detail) {
      status = "degraded";
      const isSaid = call.degraded.some((said) => said.stage === name && said.reason === reason);
      if (!isSaid) call.degraded.push({ stage: name, reason, detail });
    },
  };
  try {
    throwIfAborted(call.signal);
    return await run(notes);
  } catch (thrown) {
    const error = toAppError(thrown);
    error.stage ??= name;
    notes.attrs.error_code = error.code;
    status = "error";
    if (orElse === undefined || call.signal.aborted || error.code === "cancelled") throw error;
    return orElse(error, notes);
  } finally {
    call.stages.push({ name, ms: performance.now() - started, status, attrs: notes.attrs });
  }
}
