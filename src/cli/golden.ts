/** Reads a golden file: one question with the documents that answer it on each line. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { AppError } from "../core/errors.js";
import type { GoldenQuestion } from "../core/job.js";

const line = z.strictObject({
  question: z.string().min(1),
  documents: z.array(z.string().min(1)).min(1),
  top: z.int().min(1).max(50).default(10),
});

const FORMAT =
  'Write one JSON object on each line: {"question": "…", "documents": ["keys.md"], "top": 10}; "top" may be left out.';

/** @throws AppError `not_found`, `bad_request` that names the line */
export function readGolden(file: string): GoldenQuestion[] {
  const questions = read(file)
    .split("\n")
    .flatMap((text, i) => (text.trim() === "" ? [] : [parse(text, `${file}:${i + 1}`)]));
  if (questions.length > 0) return questions;
  throw new AppError("bad_request", `The golden file ${file} holds no question.`, { remedy: FORMAT });
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new AppError("not_found", `The golden file ${file} cannot be read.`, {
      remedy: "Name a readable file after --golden.",
      cause,
    });
  }
}

function parse(text: string, where: string): GoldenQuestion {
  const parsed = line.safeParse(json(text, where));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  throw new AppError("bad_request", `${where}: ${problems}.`, { remedy: FORMAT });
}

function json(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("bad_request", `${where} is not JSON.`, { remedy: FORMAT });
  }
}
