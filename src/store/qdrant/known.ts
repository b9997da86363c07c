/** What is known of each collection on the server: who made it, and how its points are to be read. */
import type { Call } from "../../core/call.js";
import { throwIfAborted } from "../../core/errors.js";
import type { CollectionRecord, Fence, Ledger } from "../../core/ledger.js";
import { noCollection } from "../../core/not-found.js";
import type { IndexInfo } from "../../core/passage-index.js";
import type { CollectionSpec } from "../../core/types.js";
import { taken } from "../names.js";
import { findRecord } from "../records.js";
import { fields, number, object, orNull } from "../shapes.js";
import { servedAliases } from "./aliases.js";
import { createIfAbsent } from "./book.js";
import { absentAsUndefined } from "./errors.js";
import type { Fences } from "./fences.js";
import { type ForeignOptions, foreignLayout, VECTORS } from "./foreign.js";
import { type Layout, ownLayout } from "./layout.js";
import { mend } from "./mend.js";
import { FIXED_INDEXES, indexKind } from "./payload.js";
import { DENSE, match, pathOf, type Requests, SPARSE, UNUSED } from "./requests.js";

/** How long what hardly ever changes of a collection is believed. */
const KNOWN_MS = 5_000;

/** So many are counted in a few milliseconds, a million in a second. */
const COUNTED_POINTS = 20_000;

/** Whether a collection of so many points is counted; a larger one is estimated. */
export const isCounted = (points: number): boolean => points <= COUNTED_POINTS;

/** What is needed to write and to search. */
export interface Known {
  readonly name: string;
  readonly layout: Layout;
  /** undefined: something else made it. */
  readonly entry: CollectionRecord | undefined;
  readonly points: number;
  /** Paths of payload fields with an index. */
  readonly indexes: Set<string>;
}

const DESCRIPTION = fields({
  points_count: orNull(number),
  payload_schema: object,
  config: fields({ params: fields({ vectors: orNull(VECTORS) }) }),
});

export interface KnownParts {
  readonly requests: Requests;
  readonly ledger: Ledger;
  readonly fences: Fences;
  readonly foreign: ForeignOptions;
}

export class KnownCollections {
  readonly #parts: KnownParts;
  readonly #known = new Map<string, { readonly known: Known; readonly until: number }>();

  constructor(parts: KnownParts) {
    this.#parts = parts;
  }

  async create(call: Call, name: string, spec: CollectionSpec): Promise<void> {
    if ((await createIfAbsent(call, this.#parts.requests, name, shapeOf(spec))) === "was there") throw taken(name);
    this.#known.delete(name);
    await this.index(call, name, FIXED_INDEXES);
  }

  /** Makes the indexes on payload fields that are not known to be there; making one twice does no harm. */
  async index(call: Call, name: string, paths: readonly string[]): Promise<void> {
    const indexes = this.#known.get(name)?.known.indexes;
    const missing = paths.filter((path) => !indexes?.has(path));
    const { requests } = this.#parts;
    await Promise.all(
      missing.map((path) => requests.index(call, name, { field_name: path, field_schema: indexKind(path) })),
    );
    for (const path of missing) indexes?.add(path);
  }

  /** As it was at most some seconds ago. @throws AppError `not_found`, `mismatch` */
  async use(call: Call, name: string): Promise<Known> {
    throwIfAborted(call.signal);
    const kept = this.#known.get(name);
    if (kept !== undefined && kept.until > performance.now()) return kept.known;
    const known = await this.#look(call, name).catch(absentAsUndefined);
    if (known === undefined) throw noCollection(name);
    return known;
  }

  /** Counted or estimated now; the rest as it was at most some seconds ago. */
  async describe(
    call: Call,
    name: string,
    { exact = false }: { exact?: boolean } = {},
  ): Promise<IndexInfo | undefined> {
    const found = await this.#count(call, name, exact).catch(absentAsUndefined);
    if (found === undefined) {
      this.#known.delete(name);
      return undefined;
    }
    const [known, points, documents] = found;
    const { entry, layout } = known;
    const until = this.#known.get(name)?.until ?? 0;
    this.#known.set(name, { known: { ...known, points }, until });
    const { dimension, unsearchable } = layout;
    const denseOnly = layout.hasTerms ? undefined : true;
    // What something else made has a document for each point.
    if (entry === undefined) return { dimension, points, documents: points, denseOnly, unsearchable, isForeign: true };
    return { dimension, points, documents, denseOnly, unsearchable };
  }

  /** Passages, and documents by their first ones. */
  async #count(call: Call, name: string, exact: boolean): Promise<[Known, number, number]> {
    const { requests } = this.#parts;
    const known = await this.use(call, name);
    const counting = exact || isCounted(known.points);
    const counts = [{}, { must: [match("ordinal", 0)] }].map((filter) => requests.count(call, name, filter, counting));
    const [points, documents] = (await Promise.all(counts)) as [number, number];
    return [known, points, documents];
  }

  async drop(call: Call, name: string, fence: Fence | undefined): Promise<boolean> {
    const { requests, fences } = this.#parts;
    // Of an alias's name the server would drop what it serves.
    const isThere = (await requests.exists(call, name)) && !(await servedAliases(call, requests)).has(name);
    await fences.assertHeld(call, fence);
    if (isThere) await requests.once(call, { operation: "drop", method: "DELETE", path: pathOf(name), ...UNUSED });
    this.#known.delete(name);
    return isThere;
  }

  /** What was sent before is there, and nothing of it in part. */
  async fence(call: Call, name: string, fence: Fence): Promise<void> {
    const { requests, fences } = this.#parts;
    // One that takes no writes has none on their way.
    await fences.settle(call, name).catch(() => throwIfAborted(call.signal));
    if (!fences.isTakenOver(fence, name)) return;
    await fences.under(call, fence, name, (target) => mend(call, requests, target));
  }

  forget(): void {
    this.#known.clear();
  }

  async #look(call: Call, name: string): Promise<Known> {
    const { requests, ledger, foreign } = this.#parts;
    const [info, entry] = await Promise.all([
      requests.send(call, { operation: "describe", method: "GET", path: pathOf(name), result: DESCRIPTION }),
      findRecord(call, ledger, "collection", name),
    ]);
    const known: Known = {
      name,
      entry,
      layout:
        entry === undefined
          ? foreignLayout(name, info.config.params.vectors ?? {}, foreign)
          : ownLayout(entry.spec.fingerprint.dimension),
      points: this.#known.get(name)?.known.points ?? info.points_count ?? 0,
      indexes: new Set(Object.keys(info.payload_schema)),
    };
    this.#known.set(name, { known, until: performance.now() + KNOWN_MS });
    // One whose maker ended before it had them.
    if (entry !== undefined) await this.index(call, name, FIXED_INDEXES);
    return known;
  }
}

/** What a collection of this kind is made with. */
export function shapeOf({ fingerprint }: CollectionSpec): object {
  return {
    vectors: { [DENSE]: { size: fingerprint.dimension, distance: "Cosine" } },
    sparse_vectors: { [SPARSE]: { modifier: "idf" } },
  };
}
