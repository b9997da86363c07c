/** Cuts blocks that are too long into measured pieces: sentences or lines, then words, then characters. */
import type { ReadText } from "../core/read-text.js";
import type { Block, Span } from "../core/types.js";
import type { CountTokens } from "./count.js";
import { characterSpans, lineSpans, sentenceSpans, wordSpans } from "./spans.js";

export interface Piece extends Span {
  readonly tokens: number;
}

export interface SplitTask extends Span {
  readonly kind: Block["kind"];
  /** Most tokens of a piece, at least 1. */
  readonly maxTokens: number;
  /** Most characters of a piece, at least 1. */
  readonly maxLength: number;
}

type Level = "block" | "lines" | "words" | "characters";

interface Part extends Span {
  readonly task: number;
  readonly level: Level;
  /** Infinite until it is counted. */
  tokens: number;
}

/** The pieces of each task in order, all counted in common batches. A single character is a piece even if too long. */
export async function splitSpans(text: ReadText, tasks: readonly SplitTask[], count: CountTokens): Promise<Piece[][]> {
  let parts: Part[] = tasks.map((task, index) => ({
    start: task.start,
    end: task.end,
    task: index,
    level: "block",
    tokens: Number.POSITIVE_INFINITY,
  }));
  for (let again = true; again; ) {
    again = false;
    const next: Part[] = [];
    const fresh: Part[] = [];
    for (const part of parts) {
      const task = tasks[part.task] as SplitTask;
      if (!tooLong(text.shown, part, task)) {
        next.push(part);
        continue;
      }
      again = true;
      const level = FINER[part.level];
      for (const span of cut(text.shown, part, level, task)) {
        const finer = { ...span, task: part.task, level, tokens: Number.POSITIVE_INFINITY };
        fresh.push(finer);
        next.push(finer);
      }
    }
    await measure(text, fresh, tasks, count);
    parts = next;
  }
  const pieces: Piece[][] = tasks.map(() => []);
  for (const { task, start, end, tokens } of parts) pieces[task]?.push({ start, end, tokens });
  return pieces;
}

const FINER: Record<Level, Level> = { block: "lines", lines: "words", words: "characters", characters: "characters" };

function tooLong(text: string, part: Part, task: SplitTask): boolean {
  if (part.tokens <= task.maxTokens && part.end - part.start <= task.maxLength) return false;
  return part.level === "block" || part.end - part.start > ((text.codePointAt(part.start) as number) > 0xffff ? 2 : 1);
}

function cut(text: string, span: Span, level: Level, task: SplitTask): Span[] {
  // A quarter of the budget in characters always fits, and little room is lost when such groups are packed.
  const grain = Math.max(8, Math.floor(task.maxTokens / 4));
  if (level === "lines") return task.kind === "prose" ? sentenceSpans(text, span) : lineSpans(text, span, grain);
  if (level === "words") return wordSpans(text, span, grain);
  return characterSpans(text, span, task.maxLength);
}

/** Counts the parts; one with too many characters is cut anyway, so its tokens do not matter. */
async function measure(
  text: ReadText,
  parts: readonly Part[],
  tasks: readonly SplitTask[],
  count: CountTokens,
): Promise<void> {
  const countable = parts.filter(({ task, start, end }) => end - start <= (tasks[task] as SplitTask).maxLength);
  const counts = await count(countable.map((part) => text.read(part)));
  for (const [i, part] of countable.entries()) part.tokens = counts[i] as number;
}
