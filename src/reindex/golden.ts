/** Questions with known answers, asked of a new version before it serves. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError, throwIfAborted } from "../core/errors.js";
import type { GoldenQuestion } from "../core/job.js";

/** Asks as a caller would. @returns documents of the `top` passages, best first */
export type Ask = (call: Call, question: string, collection: CollectionPass, top: number) => Promise<string[]>;

/** Questions that a message names. */
const NAMED = 5;

/** @throws AppError `mismatch` that names the questions whose documents were not found */
export async function checkGolden(
  call: Call,
  ask: Ask,
  collection: CollectionPass,
  questions: readonly GoldenQuestion[],
): Promise<void> {
  const missed: GoldenQuestion[] = [];
  for (const golden of questions) {
    throwIfAborted(call.signal);
    const found = await ask(call, golden.question, collection, golden.top);
    if (!golden.documents.some((document) => found.includes(document))) missed.push(golden);
  }
  if (missed.length === 0) return;
  const named = missed
    .slice(0, NAMED)
    .map(({ question, documents, top }) => `"${question}" (${documents.join(" or ")} not in the first ${top})`);
  const more = missed.length > NAMED ? `, and ${missed.length - NAMED} more` : "";
  throw new AppError(
    "mismatch",
    `Collection ${collection.name} did not pass verification: ${missed.length} of ${questions.length} golden questions ` +
      `failed: ${named.join("; ")}${more}.`,
    {
      remedy:
        "The alias was not switched; changes of an incremental run are in force. Look at the sources and the model, or correct the golden file.",
    },
  );
}
