/** The elements that are open at a place of a page, with the ends that HTML lets authors leave out. */

const words = (list: string) => list.split(" ");

/** Elements that stand apart from the text around them. */
export const BLOCKS: ReadonlySet<string> = new Set(
  words(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form " +
      "header hgroup hr html legend li main menu ol option p pre search section summary table ul",
  ),
);
const HEADINGS = words("h1 h2 h3 h4 h5 h6");
const TABLE_PARTS = new Set(words("table caption colgroup thead tbody tfoot tr td th"));
/** End tags of other elements do not reach out of these. */
const WALLS = new Set(words("table caption td th"));
/** What is not one of these is inline: its end tag does not reach out of one of them. */
const STRUCTURE = new Set([
  ...BLOCKS,
  ...HEADINGS,
  ...TABLE_PARTS,
  ...words("nav optgroup select button template object iframe noscript svg math"),
]);
const VOID = new Set(words("area base br col embed hr img input link meta param source track wbr"));

/** By the element that opens: the elements it ends where they are the innermost. */
const ENDED_BY = new Map<string, ReadonlySet<string>>([
  ...[...BLOCKS, ...HEADINGS, "nav"].map((name) => [name, new Set(["p"])] as const),
  ["li", new Set(["p", "li"])],
  ...words("dt dd").map((name) => [name, new Set(["p", "dt", "dd"])] as const),
  ...words("option optgroup").map((name) => [name, new Set(["option"])] as const),
  ...words("td th").map((name) => [name, new Set(["p", "td", "th"])] as const),
  ["tr", new Set(["p", "td", "th", "tr"])],
  ...words("thead tbody tfoot").map((name) => [name, new Set(words("p td th tr thead tbody tfoot"))] as const),
]);

/** Deeper elements are only counted, so that no tag costs more than this many steps. */
const MAX_DEPTH = 128;

export class OpenElements {
  readonly #names: string[] = [];
  /** Of each open element: index of the innermost one of STRUCTURE at or above it, and of WALLS; -1 for none. */
  readonly #structures: number[] = [];
  readonly #walls: number[] = [];
  #deeper = 0;

  get depth(): number {
    return this.#names.length + this.#deeper;
  }

  /** Ends what ends where such an element opens. */
  endBefore(name: string): void {
    const ended = ENDED_BY.get(name);
    if (ended !== undefined && this.#deeper === 0) this.#endInnermost(ended);
  }

  /** False for an element without content. */
  open(name: string): boolean {
    if (VOID.has(name)) return false;
    if (this.#names.length === MAX_DEPTH) this.#deeper++;
    else {
      const at = this.#names.push(name) - 1;
      this.#structures.push(STRUCTURE.has(name) ? at : (this.#structures.at(-1) ?? -1));
      this.#walls.push(WALLS.has(name) ? at : (this.#walls.at(-1) ?? -1));
    }
    return true;
  }

  /** An end tag that belongs to no open element ends nothing. */
  close(name: string): void {
    if (VOID.has(name)) return;
    if (this.#deeper > 0) {
      this.#deeper--;
      return;
    }
    const at = this.#names.lastIndexOf(name);
    const limit = STRUCTURE.has(name) ? this.#walls.at(-1) : this.#structures.at(-1);
    if (at !== -1 && (TABLE_PARTS.has(name) || at >= (limit ?? -1))) this.#truncate(at);
  }

  #endInnermost(names: ReadonlySet<string>): void {
    for (let at = this.#structures.at(-1) ?? -1; at !== -1; at = this.#structures.at(-1) ?? -1) {
      if (!names.has(this.#names[at] as string)) return;
      this.#truncate(at);
    }
  }

  #truncate(length: number): void {
    this.#names.length = length;
    this.#structures.length = length;
    this.#walls.length = length;
  }
}

/** Whether a place is inside the outermost element of a kind. */
export class Region {
  #depth = 0;

  /** Of that element; 0 outside. */
  get depth(): number {
    return this.#depth;
  }

  get isInside(): boolean {
    return this.#depth > 0;
  }

  /** @param depth with the element itself */
  enter(depth: number): void {
    if (this.#depth === 0) this.#depth = depth;
  }

  update(depth: number): void {
    if (depth < this.#depth) this.#depth = 0;
  }
}
