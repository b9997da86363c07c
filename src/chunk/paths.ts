/** Heading paths by number: equal ones have the same, and every path stands beside those above it. */

export class Paths {
  readonly all: (readonly string[])[] = [];
  readonly #parents: number[] = [];
  readonly #numbers = new Map<string, number>();

  number(path: readonly string[]): number {
    const key = path.join("\n\0");
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const parent = path.length === 0 ? -1 : this.number(path.slice(0, -1));
    const number = this.all.push(path) - 1;
    this.#numbers.set(key, number);
    this.#parents.push(parent);
    return number;
  }

  /** The path and those above it, innermost first; the last one is empty. */
  *upwards(number: number): Generator<number> {
    for (let at = number; at !== -1; at = this.#parents[at] as number) yield at;
  }

  /** The longest path that both begin with. */
  shared(one: number, other: number): number {
    if (one === other) return one;
    const others = new Set(this.upwards(other));
    for (const path of this.upwards(one)) if (others.has(path)) return path;
    throw new Error("every path begins with the empty one");
  }
}
