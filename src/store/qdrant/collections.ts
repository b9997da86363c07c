/** Collections and the aliases that serve them, with what the book knows of each. */
import { AppError, toAppError } from "../../core/errors.js";
import { noCollection } from "../../core/not-found.js";
import type { NameTaken } from "../../core/ports.js";
import type { CollectionInfo, CollectionSpec } from "../../core/types.js";
import { checkName } from "../names.js";
import { type Book, createIfAbsent, OURS } from "./book.js";
import { absentAsUndefined } from "./errors.js";
import { type ForeignOptions, foreignLayout, type Vectors } from "./foreign.js";
import { type Layout, ownLayout } from "./layout.js";
import { FIXED_INDEXES, indexKind } from "./payload.js";
import { DENSE, match, pathOf, type Requests, SPARSE } from "./requests.js";
import { finishConversion, takeName } from "./take-name.js";

/** How long what hardly ever changes of a collection is believed. */
const KNOWN_MS = 5_000;

/** What the book keeps of a collection. */
export interface Entry {
  readonly spec: CollectionSpec;
  readonly state: "building" | "ready";
  readonly createdAt: string;
  /** Terms in a text, on average; fixed by the first texts, because it is part of every stored weight. */
  readonly averageLength?: number;
}

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

interface QdrantCollection {
  readonly points_count: number | null;
  readonly payload_schema: Readonly<Record<string, unknown>>;
  readonly config: { readonly params: { readonly vectors?: Vectors } };
}

export class Collections {
  readonly #requests: Requests;
  readonly #book: Book;
  readonly #foreign: ForeignOptions;
  readonly #known = new Map<string, { readonly known: Known; readonly until: number }>();

  constructor(requests: Requests, book: Book, foreign: ForeignOptions) {
    this.#requests = requests;
    this.#book = book;
    this.#foreign = foreign;
  }

  async create(name: string, spec: CollectionSpec): Promise<void> {
    checkOurName("collection", name);
    checkOurName("alias", spec.alias);
    if (name === spec.alias) throw taken(name);
    const aliases = await this.#requests.aliases();
    if (aliases.has(name) || (await this.#exists(name))) throw taken(name);
    // The book first: a collection that it does not know would pass for somebody else's.
    const entry: Entry = { spec, state: "building", createdAt: new Date().toISOString() };
    await this.#book.put("collection", name, entry);
    if ((await createIfAbsent(this.#requests, name, shapeOf(spec))) === "was there") throw taken(name);
    this.#known.delete(name);
    await this.index(name, FIXED_INDEXES);
  }

  /** Makes the indexes on payload fields that are not known to be there; making one twice does no harm. */
  async index(name: string, paths: readonly string[]): Promise<void> {
    const indexes = this.#known.get(name)?.known.indexes;
    const missing = paths.filter((path) => !indexes?.has(path));
    const make = (path: string) =>
      this.#requests.put("index", `${pathOf(name)}/index?wait=true`, {
        field_name: path,
        field_schema: indexKind(path),
      });
    await Promise.all(missing.map(make));
    for (const path of missing) indexes?.add(path);
  }

  /** By name or alias, as it was at most some seconds ago. @throws AppError `not_found`, `mismatch` */
  async use(nameOrAlias: string, signal?: AbortSignal): Promise<Known> {
    const name = await this.#physical(nameOrAlias, signal);
    const kept = this.#known.get(name);
    if (kept !== undefined && kept.until > performance.now()) return kept.known;
    const known = await this.#look(name, signal).catch(absentAsUndefined);
    if (known !== undefined) return known;
    if (await finishConversion(this.#requests, this.#book, nameOrAlias)) return this.use(nameOrAlias, signal);
    throw noCollection(nameOrAlias);
  }

  async #look(name: string, signal: AbortSignal | undefined): Promise<Known> {
    const [info, entry] = await Promise.all([
      this.#requests.get<QdrantCollection>("describe", pathOf(name), signal),
      this.#book.find<Entry>("collection", name, signal),
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
    if (entry !== undefined) await this.index(name, FIXED_INDEXES);
    return known;
  }

  async describe(nameOrAlias: string, signal?: AbortSignal): Promise<CollectionInfo | undefined> {
    checkOurName("collection", nameOrAlias);
    const aliases = await this.#requests.aliases(signal);
    const name = aliases.get(nameOrAlias) ?? nameOrAlias;
    this.#known.delete(name);
    const found = await Promise.all([this.#look(name, signal), this.#requests.count(name, {}, signal)]).catch(
      absentAsUndefined,
    );
    if (found === undefined) {
      const finished = await finishConversion(this.#requests, this.#book, nameOrAlias);
      return finished ? this.describe(nameOrAlias, signal) : undefined;
    }
    const [{ entry, layout }, points] = found;
    const serving = aliasOf(aliases, name) !== undefined;
    const first = { must: [match("ordinal", 0)] };
    const documents = entry === undefined ? points : await this.#requests.count(name, first, signal);
    return {
      name,
      alias: entry?.spec.alias ?? aliasOf(aliases, name) ?? name,
      ...(entry === undefined ? {} : { spec: entry.spec }),
      dimension: layout.dimension,
      ...(layout.hasTerms ? {} : { denseOnly: true }),
      unsearchable: layout.unsearchable,
      // One that serves is complete, also when its publisher ended before it could say so.
      state: serving ? "ready" : (entry?.state ?? "ready"),
      serving,
      points,
      documents,
      createdAt: entry?.createdAt ?? new Date(0).toISOString(),
    };
  }

  /** Those that the book knows, newest first: a Qdrant may serve many others. */
  async list(alias?: string): Promise<CollectionInfo[]> {
    const infos: CollectionInfo[] = [];
    for (const { name, entry } of await this.#book.list<Entry>("collection")) {
      if (alias !== undefined && entry.spec.alias !== alias) continue;
      const info = await this.describe(name);
      if (info !== undefined) infos.push(info);
    }
    return infos.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  async update(name: string, change: Partial<Entry>): Promise<void> {
    const entry = await this.#book.find<Entry>("collection", name);
    if (entry === undefined || !(await this.#exists(name))) throw noCollection(name);
    await this.#book.put("collection", name, { ...entry, ...change });
    this.#known.delete(name);
  }

  /** The switch is what counts: a build that ended before it goes on, one that ended after it is complete. */
  async publish(alias: string, collection: string): Promise<{ previous?: string }> {
    const switched = await this.#switch(alias, collection);
    for (const name of [switched.previous, collection]) {
      if (name !== undefined) await this.update(name, { state: "ready" }).catch(absentAsUndefined);
    }
    return switched;
  }

  /** Like `publish`, where a plain collection has the alias's name; that one is kept under another. */
  async takeName(name: string, collection: string, catchUp: () => Promise<void>): Promise<NameTaken> {
    const taken = await takeName(this.#requests, this.#book, name, collection, catchUp);
    this.#known.clear();
    await this.update(collection, { state: "ready" });
    return taken;
  }

  /** @throws AppError `conflict` for a collection that is not complete, or an alias that is a collection's name */
  async repoint(alias: string, collection: string): Promise<{ previous?: string }> {
    const target = await this.describe(collection);
    if (target?.state === "building") {
      throw new AppError("conflict", `The collection "${collection}" is not complete.`, {
        remedy: "Run reindex again; an incomplete collection never serves.",
      });
    }
    return this.#switch(alias, collection);
  }

  async #switch(alias: string, collection: string): Promise<{ previous?: string }> {
    checkOurName("alias", alias);
    const aliases = await this.#requests.aliases();
    if (aliases.has(collection) || !(await this.#exists(collection))) throw noCollection(collection);
    if (!aliases.has(alias) && (await this.#exists(alias))) throw taken(alias);
    const previous = aliases.get(alias);
    // One action: it replaces an alias that is there, and nobody ever sees none.
    const actions = [{ create_alias: { collection_name: collection, alias_name: alias } }];
    try {
      await this.#requests.once("switch", "POST", "/collections/aliases", { actions });
    } catch (error) {
      // It may have been done all the same; without a quorum it may still be done when there is one again.
      const now = await this.#requests.aliases().catch(() => undefined);
      if (now?.get(alias) !== collection) throw undecided(alias, collection, toAppError(error));
    }
    return previous === undefined ? {} : { previous };
  }

  /** False when it was not there. @throws AppError `conflict` when an alias serves it */
  async drop(name: string): Promise<boolean> {
    checkOurName("collection", name);
    if (aliasOf(await this.#requests.aliases(), name) !== undefined) {
      throw new AppError("conflict", `The collection "${name}" is being served.`, {
        remedy: "Point its alias at another collection first.",
      });
    }
    const existed = await this.#isCollection(name);
    if (existed) await this.#requests.once("drop", "DELETE", pathOf(name));
    await this.#book.remove("collection", name);
    this.#known.delete(name);
    return existed;
  }

  async assertFree(name: string): Promise<void> {
    checkOurName("collection", name);
    if (await this.#exists(name)) throw taken(name);
  }

  async #physical(nameOrAlias: string, signal: AbortSignal | undefined): Promise<string> {
    checkOurName("collection", nameOrAlias);
    if (this.#known.has(nameOrAlias)) return nameOrAlias;
    return (await this.#requests.aliases(signal)).get(nameOrAlias) ?? nameOrAlias;
  }

  /** A collection or an alias of that name. */
  async #exists(name: string): Promise<boolean> {
    return (await this.#requests.get<{ exists: boolean }>("describe", `${pathOf(name)}/exists`)).exists;
  }

  async #isCollection(name: string): Promise<boolean> {
    return (await this.#exists(name)) && !(await this.#requests.aliases()).has(name);
  }
}

/** What a collection of this kind is made with. */
export function shapeOf({ fingerprint }: CollectionSpec): object {
  return {
    vectors: { [DENSE]: { size: fingerprint.dimension, distance: "Cosine" } },
    sparse_vectors: { [SPARSE]: { modifier: "idf" } },
  };
}

function aliasOf(aliases: ReadonlyMap<string, string>, collection: string): string | undefined {
  return [...aliases].find(([, target]) => target === collection)?.[0];
}

function checkOurName(kind: "collection" | "alias", name: string): void {
  checkName(kind, name);
  if (name.startsWith(OURS)) {
    throw new AppError("bad_request", `Names that begin with "${OURS}" are taken by the server itself.`, {
      remedy: "Choose another name.",
    });
  }
}

function undecided(alias: string, collection: string, cause: AppError): AppError {
  if (cause.code !== "store_down" && cause.code !== "timeout") return cause;
  return new AppError(
    cause.code,
    `The switch of "${alias}" to "${collection}" is not confirmed and may still be done: ${cause.message}`,
    {
      remedy: "Look at the collections when the Qdrant is well again; run reindex again if the old one serves.",
      cause,
    },
  );
}

function taken(name: string): AppError {
  return new AppError("conflict", `The name "${name}" is taken.`, { remedy: "Choose another name." });
}
