/** Runs one step of the pipeline and records it once, for the span, the histogram and the result alike. */
import type { Ctx, StageRecord } from "../core/context.js";
import { throwIfAborted, toAppError } from "../core/errors.js";
import type { StageName } from "../core/types.js";

/** @param run may add attributes to the record; @throws AppError with `stage` set */
export async function stage<T>(
  ctx: Ctx,
  name: StageName,
  run: (attrs: StageRecord["attrs"]) => T | Promise<T>,
): Promise<T> {
  const attrs: StageRecord["attrs"] = {};
  const started = performance.now();
  const record = (status: StageRecord["status"]) =>
    ctx.stages.push({ name, ms: performance.now() - started, status, attrs });
  try {
    throwIfAborted(ctx.signal);
    const value = await run(attrs);
    record("ok");
    return value;
  } catch (thrown) {
    const error = toAppError(thrown);
    error.stage ??= name;
    record("error");
    throw error;
  }
}
