/** Runs one of the tools' operations from the command line: same input check, same answer. */
import type { Operation, Outcome } from "../api/operation.js";
import type { App } from "../app/app.js";
import { createCtx, type Progress } from "../core/context.js";
import { AppError } from "../core/errors.js";

/** What people type for an input of a tool, where it is not the input's name with dashes. */
const TYPED: Readonly<Record<string, string>> = { query: "<query>", source: "<source>", top_k: "--top" };

export async function runOperation(
  app: App,
  operation: Operation,
  input: Record<string, unknown>,
  signal: AbortSignal,
  onProgress?: (progress: Progress) => void,
): Promise<Outcome<Record<string, unknown>>> {
  const parsed = operation.input.safeParse(input);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${typed(path)}: ${message}`).join("; ");
    throw new AppError("bad_request", `${problems}.`, {
      remedy: "See `aura-retrieval --help` and the help of the command.",
    });
  }
  const ctx = createCtx({ signal, trusted: true, onProgress });
  return operation.run(app, parsed.data, ctx);
}

function typed([field, ...inside]: readonly PropertyKey[]): string {
  const name = String(field);
  return [TYPED[name] ?? `--${name.replaceAll("_", "-")}`, ...inside.map(String)].join(" ");
}
