/** Passages that are versions of one another: a page of the manual for each release. */
import type { StoredPoint } from "../../core/types.js";

/** Share of their words that two versions of a passage have in common. */
const IN_COMMON = 0.8;
const WORD = /[\p{L}\p{N}]+/gu;

/** Those that were put in, to be asked whether another is a version of one of them. */
export class Versions {
  /** By title and headings: only passages that stand under the same ones are compared. */
  readonly #byPlace = new Map<string, StoredPoint[]>();
  readonly #words = new Map<StoredPoint, ReadonlySet<string>>();

  /** Whether a passage of another document says nearly the same under the same headings. */
  has(point: StoredPoint): boolean {
    const others = this.#byPlace.get(placeOf(point)) ?? [];
    return others.some((other) => isElsewhere(point, other) && this.#isLike(point, other));
  }

  add(point: StoredPoint): void {
    const place = placeOf(point);
    this.#byPlace.set(place, [...(this.#byPlace.get(place) ?? []), point]);
  }

  #isLike(a: StoredPoint, b: StoredPoint): boolean {
    const [words, others] = [this.#wordsOf(a), this.#wordsOf(b)];
    let both = 0;
    for (const word of words) if (others.has(word)) both++;
    return both >= IN_COMMON * (words.size + others.size - both);
  }

  #wordsOf(point: StoredPoint): ReadonlySet<string> {
    const words = this.#words.get(point) ?? new Set(point.text.toLowerCase().match(WORD));
    this.#words.set(point, words);
    return words;
  }
}

function isElsewhere(a: StoredPoint, b: StoredPoint): boolean {
  return a.record.document !== b.record.document || a.record.source !== b.record.source;
}

/** Without the numbers, by which versions are told apart. */
function placeOf({ record, headings }: StoredPoint): string {
  return [record.title ?? "", ...headings].join("\n").replace(/\d+/g, "0");
}
