/** The heading path, and the title, while a document is walked from top to bottom. */

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

/** Nothing but a version or a date. */
const NAMELESS =
  /^(?=.*\p{N}|unreleased)(?:[^\p{L}]|v(?=\p{N})|(?:version|release[ds]?|unreleased|alpha|beta|rc|pre|(?:jan|febr)(?:uary)?|feb|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|(?:octo|novem|decem)ber|oct|nov|dec|st|nd|rd|th)(?!\p{L}))+$/iu;

/** The heading that names a document: the only one of the outermost level, or one that no text stands before. */
export class TitleHeading {
  #first: string | undefined;
  #isOnTop = false;
  #isOnly = true;

  /** @param isOnTop asked of the first one */
  add(heading: string | undefined, isOnTop: () => boolean): void {
    if (heading === undefined) return;
    if (this.#first === undefined) {
      this.#first = heading;
      this.#isOnTop = isOnTop();
    } else this.#isOnly = false;
  }

  get title(): string | undefined {
    const isTitle = this.#first !== undefined && (this.#isOnTop || this.#isOnly) && !NAMELESS.test(this.#first);
    return isTitle ? this.#first : undefined;
  }
}
