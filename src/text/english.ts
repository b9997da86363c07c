/** English told from other languages by the function words that every sentence of it has. */
import { ENGLISH_STOP_WORDS } from "./stop-words.js";

const WORD = /[\p{L}\p{M}]+/gu;
/** Share of words: English prose has a quarter and more, other languages a few that look like English ones (docs/tuning.md). */
const ENGLISH_FROM = 0.15;

export function isEnglish(text: string): boolean {
  const words = text.toLowerCase().match(WORD) ?? [];
  // Single letters are words of many languages.
  const english = words.filter((word) => word.length > 1 && ENGLISH_STOP_WORDS.has(word)).length;
  return english > 0 && english >= words.length * ENGLISH_FROM;
}
