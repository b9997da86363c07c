/** Cuts blocks that are too long into measured pieces: sentences or lines, then words, then characters. */
import type { Block } from "../core/types.js";
import type { CountTokens } from "./count.js";
import { characterSpans, lineSpans, type Span, sentenceSpans, wordSpans } from "./spans.js";

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
  readonly tokens: number;
}

/** The pieces of each task in order, all counted in common batches. A single character is a piece even if too long. */
export async function splitSpans(text: string, tasks: readonly SplitTask[], count: CountTokens): Promise<Piece[][]> {
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
    const fresh: number[] = [];
    for (const part of parts) {
      const task = tasks[part.task] as SplitTask;
      if (!tooLong(text, part, task)) {
        next.push(part);
        continue;
      }
      again = true;
      const level = FINER[part.level];
      for (const span of cut(text, part, level, task)) {
        fresh.push(next.length);
        next.push({ ...span, task: part.task, level, tokens: 0 });
      }
    }
    await measure(text, next, fresh, tasks, count);
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

/** Counts the fresh parts; one with too many characters is cut anyway, so its tokens do not matter. */
async function measure(
  text: string,
  parts: Part[],
  fresh: readonly number[],
  tasks: readonly SplitTask[],
  count: CountTokens,
): Promise<void> {
  const countable = fresh.filter((index) => {
    const part = parts[index] as Part;
    return part.end - part.start <= (tasks[part.task] as SplitTask).maxLength;
  });
  const counted = await count(
    countable.map((index) => parts[index] as Part).map(({ start, end }) => text.slice(start, end)),
  );
  const tokens = new Map(countable.map((index, i) => [index, counted[i] as number]));
  for (const index of fresh) {
    parts[index] = { ...(parts[index] as Part), tokens: tokens.get(index) ?? Number.POSITIVE_INFINITY };
  }
}
