/** A limit on lines of one kind, so that nobody fills a log: the first few of a minute are written, the rest counted. */

const WINDOW_MS = 60_000;
const LINES_OF_A_KIND = 3;
/** Lines of one kind begin alike; what varies stands in their fields. */
const KIND_CHARS = 200;
/** Kinds told apart in a window; whoever makes up further ones is counted together. */
const MAX_KINDS = 1_000;
const OTHER = "other lines";

export class LineLimit<Level extends string> {
  readonly #counts = new Map<string, { readonly level: Level; readonly kind: string; lines: number }>();
  readonly #write: (level: Level, line: string) => void;
  #window: NodeJS.Timeout | undefined;

  /** @param write writes how many lines of a kind were left out, when the minute or the process ends */
  constructor(write: (level: Level, line: string) => void) {
    this.#write = write;
  }

  /** Whether the line may be written. */
  admits(level: Level, line: string): boolean {
    this.#window ??= setTimeout(this.#end, WINDOW_MS).unref();
    const count = this.#countOf(level, line.slice(0, KIND_CHARS));
    if (++count.lines === LINES_OF_A_KIND + 1) process.off("exit", this.#end).on("exit", this.#end);
    return count.lines <= LINES_OF_A_KIND;
  }

  #countOf(level: Level, line: string) {
    const isKnown = this.#counts.has(`${level} ${line}`) || this.#counts.size < MAX_KINDS;
    const kind = isKnown ? line : OTHER;
    const count = this.#counts.get(`${level} ${kind}`) ?? { level, kind, lines: 0 };
    this.#counts.set(`${level} ${kind}`, count);
    return count;
  }

  readonly #end = (): void => {
    clearTimeout(this.#window);
    this.#window = undefined;
    process.off("exit", this.#end);
    for (const { level, kind, lines } of this.#counts.values()) {
      const more = lines - LINES_OF_A_KIND;
      if (more > 0) this.#write(level, `further ${more} of this kind were not logged: ${kind}`);
    }
    this.#counts.clear();
  };
}
