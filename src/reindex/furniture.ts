/** What most documents of a source begin or end with: learned from some of them when it is first read, then kept. */
import { furnitureOf } from "../chunk/furniture.js";
import type { Call } from "../core/call.js";
import { throwIfAborted } from "../core/errors.js";
import type { Source, SourceDocument } from "../core/ports.js";
import type { ParsedDocument } from "../core/types.js";

/** Documents that are looked at, and how many the others tell from. */
const LOOKED_AT = 2_000;
const SAMPLE = 32;

export class Furniture {
  #known: readonly string[] | undefined;
  readonly #reading: Pick<Source, "read"> | undefined;
  #lines: Promise<ReadonlySet<string>> | undefined;

  /**
   * @param known by an earlier reading; absent: to be learned, should a document be read
   * @param reading the whole source; absent: what is read is a part, and tells nothing of the whole
   */
  constructor(known: readonly string[] | undefined, reading: Pick<Source, "read"> | undefined) {
    this.#known = known;
    this.#reading = reading;
  }

  /** To be kept; undefined: not known yet. */
  get known(): readonly string[] | undefined {
    return this.#known;
  }

  /** Keys of its lines. */
  lines(call: Call): Promise<ReadonlySet<string>> {
    this.#lines ??= this.#look(call);
    return this.#lines;
  }

  async #look(call: Call): Promise<ReadonlySet<string>> {
    if (this.#reading !== undefined) this.#known ??= furnitureOf(await sampleOf(call, this.#reading));
    return new Set(this.#known);
  }
}

/** The same of the same documents, and nearly the same when one comes or goes: those whose hashes are the lowest. */
async function sampleOf(call: Call, reading: Pick<Source, "read">): Promise<ParsedDocument[]> {
  const lowest = new Map<string, SourceDocument>();
  let seen = 0;
  for await (const item of reading.read(call)) {
    if (item.kind !== "document") continue;
    lowest.set(item.document.hash, item.document);
    if (lowest.size > SAMPLE) lowest.delete([...lowest.keys()].reduce((most, hash) => (hash > most ? hash : most)));
    if (++seen === LOOKED_AT) break;
  }
  const parsed: ParsedDocument[] = [];
  for (const document of lowest.values()) {
    try {
      const found = await document.parse(call);
      if (!("reason" in found) && found.blocks.length > 0) parsed.push(found);
    } catch {
      // Told when it is its turn.
      throwIfAborted(call.signal);
    }
  }
  return parsed;
}
