/** A document's text as it is shown, and as it is read: embedded and analysed. */
import type { ParsedDocument, Span } from "./types.js";

const WORD = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;

export class ReadText {
  readonly shown: string;
  readonly #unread: readonly Span[];

  constructor({ text, unread = [] }: Pick<ParsedDocument, "text" | "unread">) {
    this.shown = text;
    this.#unread = unread;
  }

  read(span: Span): string {
    return [...this.#parts(span)].join("");
  }

  /** Whether anything is read of it but blank space. */
  hasText(span: Span): boolean {
    return this.#has(/\S/, span);
  }

  /** Whether anything is read of it that says something. */
  hasWord(span: Span): boolean {
    return this.#has(WORD, span);
  }

  #has(sign: RegExp, span: Span): boolean {
    for (const part of this.#parts(span)) if (sign.test(part)) return true;
    return false;
  }

  /** What is read, between what is not. */
  *#parts({ start, end }: Span): Generator<string> {
    let at = start;
    for (let i = this.#firstBehind(start); i < this.#unread.length; i++) {
      const skipped = this.#unread[i] as Span;
      if (skipped.start >= end) break;
      if (skipped.start > at) yield this.shown.slice(at, skipped.start);
      at = skipped.end;
    }
    if (at < end) yield this.shown.slice(at, end);
  }

  /** Of the first unread span that ends behind the offset. */
  #firstBehind(offset: number): number {
    let low = 0;
    let high = this.#unread.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#unread[middle] as Span).end <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
