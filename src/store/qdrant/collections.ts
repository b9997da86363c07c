/** Collections and the aliases that serve them, with what the book knows of each. */
import { backgroundCall, type Call } from "../../core/call.js";
import { AppError, throwIfAborted } from "../../core/errors.js";
import type { Fence, Switched, SwitchTerms } from "../../core/ledger.js";
import { noCollection } from "../../core/not-found.js";
import type { NameTaken } from "../../core/ports.js";
import type { DropOptions } from "../../core/store-options.js";
import type { CollectionInfo, CollectionSpec } from "../../core/types.js";
import { REFERENCE_LENGTH } from "../bm25.js";
import { finish } from "../with-call.js";
import { servedAliases } from "./aliases.js";
import { BOOK, type Book, createIfAbsent } from "./book.js";
import { COLLECTIONS, type Entry } from "./collection-entry.js";
import { absentAsUndefined } from "./errors.js";
import type { Fences } from "./fences.js";
import { type ForeignOptions, foreignLayout, VECTORS } from "./foreign.js";
import { type Layout, ownLayout } from "./layout.js";
import { aliasOf, checkOurName, taken } from "./names.js";
import { FIXED_INDEXES, indexKind } from "./payload.js";
import { DENSE, match, pathOf, type Requests, SPARSE, UNUSED } from "./requests.js";
import { fields, number, object, orNull } from "./shapes.js";
import { switchAlias } from "./switch.js";
import { finishConversion, takeName } from "./take-name.js";

/** How long what hardly ever changes of a collection is believed. */
const KNOWN_MS = 5_000;

/** What is needed to write and to search. */
export interface Known {
  readonly name: string;
  readonly layout: Layout;
  /** undefined: something else made it. */
  readonly entry: Entry | undefined;
  readonly points: number;
  /** Paths of payload fields with an index. */
  readonly indexes: Set<string>;
}

const DESCRIPTION = fields({
  points_count: orNull(number),
  payload_schema: object,
  config: fields({ params: fields({ vectors: orNull(VECTORS) }) }),
});

export class Collections {
  readonly #requests: Requests;
  readonly #book: Book;
  readonly #fences: Fences;
  readonly #foreign: ForeignOptions;
  readonly #known = new Map<string, { readonly known: Known; readonly until: number }>();

  constructor(requests: Requests, book: Book, fences: Fences, foreign: ForeignOptions) {
    this.#requests = requests;
    this.#book = book;
    this.#fences = fences;
    this.#foreign = foreign;
  }

  async create(call: Call, name: string, spec: CollectionSpec, fence?: Fence): Promise<void> {
    checkOurName("collection", name);
    checkOurName("alias", spec.alias);
    if (name === spec.alias) throw taken(name);
    const aliases = await servedAliases(call, this.#requests);
    if (aliases.has(name) || (await this.#requests.exists(call, name))) throw taken(name);
    // The book first: a collection that it does not know would pass for somebody else's.
    const createdAt = new Date().toISOString();
    const entry: Entry = { spec, state: "building", createdAt, averageLength: REFERENCE_LENGTH };
    await this.#put(call, name, entry, fence);
    const creation = await createIfAbsent(call, this.#requests, name, shapeOf(spec));
    if (creation === "was there") throw taken(name);
    this.#known.delete(name);
    try {
      await this.index(call, name, FIXED_INDEXES);
    } catch (error) {
      // What surely was not there before goes again; anything else is a build that never served.
      if (call.signal.aborted && creation === "made") this.#undo(name);
      throw error;
    }
  }

  /** Nobody waits for it. */
  #undo(name: string): void {
    const call = backgroundCall("a collection whose maker has left is taken away");
    this.drop(call, name).catch(() => undefined);
  }

  /** Makes the indexes on payload fields that are not known to be there; making one twice does no harm. */
  async index(call: Call, name: string, paths: readonly string[]): Promise<void> {
    const indexes = this.#known.get(name)?.known.indexes;
    const missing = paths.filter((path) => !indexes?.has(path));
    await Promise.all(
      missing.map((path) => this.#requests.index(call, name, { field_name: path, field_schema: indexKind(path) })),
    );
    for (const path of missing) indexes?.add(path);
  }

  /** By name or alias, as it was at most some seconds ago. @throws AppError `not_found`, `mismatch` */
  async use(call: Call, nameOrAlias: string): Promise<Known> {
    throwIfAborted(call.signal);
    const name = await this.#physical(call, nameOrAlias);
    const kept = this.#known.get(name);
    if (kept !== undefined && kept.until > performance.now()) return kept.known;
    const known = await this.#look(call, name).catch(absentAsUndefined);
    if (known !== undefined) return known;
    if (await finishConversion(call, this.#requests, this.#book, nameOrAlias)) return this.use(call, nameOrAlias);
    throw noCollection(nameOrAlias);
  }

  async #look(call: Call, name: string): Promise<Known> {
    const [info, entry] = await Promise.all([
      this.#requests.send(call, { operation: "describe", method: "GET", path: pathOf(name), result: DESCRIPTION }),
      this.#book.find(call, COLLECTIONS, name),
    ]);
    const known: Known = {
      name,
      entry,
      layout:
        entry === undefined
          ? foreignLayout(name, info.config.params.vectors ?? {}, this.#foreign)
          : ownLayout(entry.spec.fingerprint.dimension),
      points: info.points_count ?? 0,
      indexes: new Set(Object.keys(info.payload_schema)),
    };
    this.#known.set(name, { known, until: performance.now() + KNOWN_MS });
    // One whose maker ended before it had them.
    if (entry !== undefined) await this.index(call, name, FIXED_INDEXES);
    return known;
  }

  async describe(call: Call, nameOrAlias: string): Promise<CollectionInfo | undefined> {
    checkOurName("collection", nameOrAlias);
    const aliases = await servedAliases(call, this.#requests);
    const name = aliases.get(nameOrAlias) ?? nameOrAlias;
    this.#known.delete(name);
    const found = await Promise.all([this.#look(call, name), this.#requests.count(call, name, {})]).catch(
      absentAsUndefined,
    );
    if (found === undefined) {
      const finished = await finishConversion(call, this.#requests, this.#book, nameOrAlias);
      return finished ? this.describe(call, nameOrAlias) : undefined;
    }
    const [{ entry, layout }, points] = found;
    const serving = aliasOf(aliases, name) !== undefined;
    const first = { must: [match("ordinal", 0)] };
    const documents = entry === undefined ? points : await this.#requests.count(call, name, first);
    return {
      name,
      alias: entry?.spec.alias ?? aliasOf(aliases, name) ?? name,
      spec: entry?.spec,
      dimension: layout.dimension,
      denseOnly: layout.hasTerms ? undefined : true,
      unsearchable: layout.unsearchable,
      // One that serves is complete, also when its publisher ended before it could say so.
      state: serving ? "ready" : (entry?.state ?? "ready"),
      serving,
      points,
      documents,
      sources: entry?.sources,
      createdAt: entry?.createdAt ?? new Date(0).toISOString(),
    };
  }

  /** Those that the book knows, newest first: a Qdrant may serve many others. */
  async list(call: Call, alias?: string): Promise<CollectionInfo[]> {
    if (alias !== undefined) checkOurName("alias", alias);
    const entries = await this.#book.list(call, COLLECTIONS);
    const wanted = entries.filter(({ entry }) => alias === undefined || entry.spec.alias === alias);
    const found = await Promise.all(wanted.map(({ name }) => this.describe(call, name)));
    return found.filter((info) => info !== undefined).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  async update(call: Call, name: string, change: Partial<Entry>, fence?: Fence): Promise<void> {
    const entry = await this.#book.find(call, COLLECTIONS, name);
    if (entry === undefined || !(await this.#requests.exists(call, name))) throw noCollection(name);
    await this.#put(call, name, { ...entry, ...change }, fence);
    this.#known.delete(name);
  }

  async #put(call: Call, name: string, entry: Entry, fence: Fence | undefined): Promise<void> {
    await this.#book.open(call);
    await this.#fences.under(call, fence, BOOK, (at) => this.#book.putAt(call, at, COLLECTIONS, { name, entry }));
  }

  /** The switch is what counts: a build that ended before it goes on, one that ended after it is complete. */
  async publish(call: Call, alias: string, collection: string, terms: SwitchTerms): Promise<Switched> {
    const switched = await this.#switch(call, alias, collection, terms);
    await finish(call, "the book says what was switched", async (background) => {
      for (const name of [switched.previous, collection]) {
        if (name !== undefined) await this.update(background, name, { state: "ready" }).catch(absentAsUndefined);
      }
    });
    return switched;
  }

  /** Like `publish`, where a plain collection has the alias's name; that one is kept under another. */
  async takeName(call: Call, name: string, target: string, catchUp: () => Promise<void>): Promise<NameTaken> {
    checkOurName("alias", name);
    const switched = async (background: Call) => {
      this.#known.clear();
      await this.update(background, target, { state: "ready" });
    };
    return await takeName(call, this.#requests, this.#book, { name, target, catchUp, switched });
  }

  /** @throws AppError `conflict` for a collection that is not complete, or an alias that is a collection's name */
  async repoint(call: Call, alias: string, collection: string, terms: SwitchTerms): Promise<Switched> {
    checkOurName("collection", collection);
    const [served, entry] = await Promise.all([
      servedAliases(call, this.#requests),
      this.#book.find(call, COLLECTIONS, collection),
    ]);
    // One that serves is complete, whatever its publisher could still say.
    if (entry?.state === "building" && aliasOf(served, collection) === undefined) {
      throw new AppError("conflict", `The collection "${collection}" is not complete.`, {
        remedy: "Run reindex again; an incomplete collection never serves.",
      });
    }
    return this.#switch(call, alias, collection, terms);
  }

  #switch(call: Call, alias: string, collection: string, terms: SwitchTerms): Promise<Switched> {
    const parts = { requests: this.#requests, book: this.#book, fences: this.#fences };
    return switchAlias(call, parts, { alias, collection, terms });
  }

  /** False when it was not there. @throws AppError `conflict` when an alias serves it */
  /** @param options `serving`: with the aliases that point at it, which the server takes away in one step */
  async drop(call: Call, name: string, { serving, fence }: DropOptions = {}): Promise<boolean> {
    checkOurName("collection", name);
    if (!serving && aliasOf(await servedAliases(call, this.#requests), name) !== undefined) {
      throw new AppError("conflict", `The collection "${name}" is being served.`, {
        remedy: "Point its alias at another collection first.",
      });
    }
    const existed = await this.#isCollection(call, name);
    await this.#fences.assertHeld(call, fence);
    if (existed) {
      await this.#requests.once(call, { operation: "drop", method: "DELETE", path: pathOf(name), ...UNUSED });
    }
    await this.#book.remove(call, COLLECTIONS, name);
    this.#known.delete(name);
    return existed;
  }

  async assertFree(call: Call, name: string): Promise<void> {
    checkOurName("collection", name);
    if (await this.#requests.exists(call, name)) throw taken(name);
  }

  /** @throws AppError `not_found` */
  async assertThere(call: Call, name: string): Promise<void> {
    checkOurName("collection", name);
    if (!(await this.#requests.exists(call, name))) throw noCollection(name);
  }

  async #physical(call: Call, nameOrAlias: string): Promise<string> {
    checkOurName("collection", nameOrAlias);
    if (this.#known.has(nameOrAlias)) return nameOrAlias;
    return (await servedAliases(call, this.#requests)).get(nameOrAlias) ?? nameOrAlias;
  }

  async #isCollection(call: Call, name: string): Promise<boolean> {
    return (await this.#requests.exists(call, name)) && !(await servedAliases(call, this.#requests)).has(name);
  }
}

/** What a collection of this kind is made with. */
export function shapeOf({ fingerprint }: CollectionSpec): object {
  return {
    vectors: { [DENSE]: { size: fingerprint.dimension, distance: "Cosine" } },
    sparse_vectors: { [SPARSE]: { modifier: "idf" } },
  };
}
