/** Runs one of the tools' operations from the command line: same input check, same answer. */
import type { Operation, Outcome } from "../api/operation.js";
import type { App } from "../compose.js";
import { createCtx, type Progress } from "../core/context.js";
import { AppError } from "../core/errors.js";

export async function runOperation(
  app: App,
  operation: Operation,
  input: Record<string, unknown>,
  signal: AbortSignal,
  onProgress?: (progress: Progress) => void,
): Promise<Outcome<Record<string, unknown>>> {
  const parsed = operation.input.safeParse(input);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
    throw new AppError("bad_request", `${problems}.`, {
      remedy: "See `aura-retrieval --help` and the help of the command.",
    });
  }
  const ctx = createCtx({ signal, trusted: true, ...(onProgress ? { onProgress } : {}) });
  return operation.run(app, parsed.data, ctx);
}
