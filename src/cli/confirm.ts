/** Asks before something that cannot be undone. */
import { createInterface } from "node:readline/promises";
import { AppError } from "../core/errors.js";

/** @throws AppError `bad_request` where nobody can be asked */
export async function confirmed(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new AppError("bad_request", "Nobody can be asked here.", { remedy: "Add --yes." });
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`${question} [y/N] `, { signal });
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}
