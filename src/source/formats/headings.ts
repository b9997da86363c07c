/** The heading path while a document is walked from top to bottom. */

const MAX_HEADING_LENGTH = 300;

export class HeadingPath {
  readonly #open: { level: number; text: string }[] = [];
  #path: readonly string[] = [];

  /** Outermost first; the same array until the next heading. */
  get path(): readonly string[] {
    return this.#path;
  }

  /** Closes every heading of this level or deeper, then opens this one. An empty heading only closes. */
  enter(level: number, text: string): void {
    while ((this.#open.at(-1)?.level ?? 0) >= level) this.#open.pop();
    const clean = text.replace(/\s+/g, " ").trim();
    if (clean !== "") this.#open.push({ level, text: clean.slice(0, MAX_HEADING_LENGTH) });
    this.#path = this.#open.map((heading) => heading.text);
  }
}
