/** Collections and the aliases that serve them: which there are, which one serves, and how one comes and goes. */
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { laterThanBefore } from "../core/later.js";
import type { CollectionRecord, Fence, Ledger, NameTaken, Naming, PublishTerms, Switched } from "../core/ledger.js";
import { noCollection } from "../core/not-found.js";
import type { IndexInfo, PassageIndex } from "../core/passage-index.js";
import type { DescribeOptions, DropOptions } from "../core/store-options.js";
import type { CollectionInfo, CollectionSpec, SourceInfo } from "../core/types.js";
import { checkName, taken } from "./names.js";
import { findRecord, listRecords } from "./records.js";
import { finish } from "./with-call.js";

type Aliases = ReadonlyMap<string, string>;
type Counting = Pick<DescribeOptions, "exact">;
type State = CollectionRecord["state"];

const BUILDING: readonly State[] = ["building"];
/** Of one that has not all it will have. */
const UNFINISHED: readonly State[] = ["building", "embedding"];

interface StateChange {
  readonly from: readonly State[];
  readonly to: State;
  readonly fence?: Fence | undefined;
}

interface ServeTerms extends PublishTerms {
  /** Only a collection that was published before. */
  readonly complete?: boolean | undefined;
}

export class Collections {
  readonly #index: PassageIndex;
  readonly #ledger: Ledger;
  /** What an alias served when it was last asked for. */
  readonly #served = new Map<string, string>();

  constructor(index: PassageIndex, ledger: Ledger) {
    this.#index = index;
    this.#ledger = ledger;
  }

  /** @throws AppError `bad_request` for what is no name of a collection */
  named(name: string): string {
    checkName("collection", name, this.#ledger.reservedPrefix);
    return name;
  }

  /** @throws AppError `bad_request` for what is no name of an alias */
  alias(name: string): string {
    checkName("alias", name, this.#ledger.reservedPrefix);
    return name;
  }

  async create(call: Call, name: string, spec: CollectionSpec, fence?: Fence): Promise<void> {
    const { dimension } = spec.fingerprint;
    if (!Number.isInteger(dimension) || dimension < 1) {
      throw new AppError("bad_request", `${dimension} is not a dimension.`, { remedy: "Check the embedding model." });
    }
    const record: CollectionRecord = { spec, state: "building", createdAt: laterThanBefore() };
    await this.add(call, name, record, { fence, make: () => this.#index.create(call, name, spec, fence) });
  }

  /** The record first: passages without one would be nobody's, or pass for somebody else's. @param make brings the passages */
  async add(
    call: Call,
    name: string,
    record: CollectionRecord,
    { fence, make }: { readonly fence: Fence | undefined; make(): Promise<void> },
  ): Promise<void> {
    const alias = this.alias(record.spec.alias);
    this.named(name);
    const [aliases, there, held, ofAlias] = await Promise.all([
      this.#ledger.aliases(call),
      findRecord(call, this.#ledger, "collection", name),
      this.#index.describe(call, name),
      findRecord(call, this.#ledger, "collection", alias),
    ]);
    const isThere = held?.isForeign ?? (there !== undefined && !isUnmade(there, held));
    if (name === alias || aliases.has(name) || isThere) throw taken(name);
    if (ofAlias !== undefined) throw taken(alias);
    await this.#ledger.put(call, "collection", { key: name, record }, fence);
    await make();
  }

  /** By name or alias. */
  async describe(call: Call, nameOrAlias: string, counting: Counting = {}): Promise<CollectionInfo | undefined> {
    this.named(nameOrAlias);
    // Asked at once for what it most likely is: one round trip instead of two, and again where it has moved.
    const likely = this.#served.get(nameOrAlias) ?? nameOrAlias;
    const [aliases, ...found] = await Promise.all([this.#ledger.aliases(call), ...this.#ask(call, likely, counting)]);
    const name = aliases.get(nameOrAlias) ?? nameOrAlias;
    if (name === nameOrAlias) this.#served.delete(nameOrAlias);
    else this.#served.set(nameOrAlias, name);
    const info = name === likely ? infoOf(name, ...found, aliases) : await this.#info(call, name, aliases, counting);
    if (info !== undefined || !(await this.#ledger.naming?.finish(call, nameOrAlias))) return info;
    return this.describe(call, nameOrAlias, counting);
  }

  /** Newest first. @param alias whose versions; undefined: all */
  async list(call: Call, alias?: string): Promise<CollectionInfo[]> {
    if (alias !== undefined) this.alias(alias);
    const [aliases, records] = await Promise.all([
      this.#ledger.aliases(call),
      listRecords(call, this.#ledger, "collection"),
    ]);
    const wanted = records.filter(([, { spec }]) => alias === undefined || spec.alias === alias);
    const found = await Promise.all(
      wanted.map(async ([name, record]) => infoOf(name, record, await this.#index.describe(call, name), aliases)),
    );
    return found.filter((info) => info !== undefined).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  async keepSources(call: Call, name: string, sources: readonly SourceInfo[], fence?: Fence): Promise<void> {
    const record = await this.use(call, name);
    await this.#ledger.put(call, "collection", { key: name, record: { ...record, sources } }, fence);
  }

  /** @throws AppError `not_found` */
  async use(call: Call, name: string): Promise<CollectionRecord> {
    const record = await findRecord(call, this.#ledger, "collection", this.named(name));
    if (record === undefined || record.state === "dropping") throw noCollection(name);
    return record;
  }

  /**
   * The switch is what counts: a build that ended before it goes on, one that ended after it is complete.
   */
  async serve(
    call: Call,
    alias: string,
    name: string,
    { complete = false, embedding = false, ...terms }: ServeTerms,
  ): Promise<Switched> {
    const aliases = await this.#ledger.aliases(call);
    const info = aliases.has(this.named(name)) ? undefined : await this.#info(call, name, aliases);
    if (info === undefined) throw noCollection(name);
    if (complete && info.state === "building") {
      throw new AppError("conflict", `The collection "${name}" is not complete.`, {
        remedy: "Run reindex again; an incomplete collection never serves.",
      });
    }
    if (!aliases.has(this.alias(alias)) && (await this.#info(call, alias, aliases)) !== undefined) throw taken(alias);
    // Before the switch: one that serves passes for complete where nothing is said.
    if (embedding) await this.#setState(call, name, { from: BUILDING, to: "embedding", fence: terms.fence });
    const switched = await this.#ledger.moveAlias(call, alias, name, terms);
    await finish(call, "the records say what was switched", async (background) => {
      const { previous } = switched;
      if (previous !== undefined && previous !== name) await this.setReady(background, previous);
      const from = complete || embedding ? BUILDING : UNFINISHED;
      await this.#setState(background, name, { from, to: "ready" });
    });
    return switched;
  }

  async setReady(call: Call, name: string, fence?: Fence): Promise<void> {
    await this.#setState(call, name, { from: BUILDING, to: "ready", fence });
  }

  async #setState(call: Call, name: string, { from, to, fence }: StateChange): Promise<void> {
    const record = await findRecord(call, this.#ledger, "collection", name);
    if (record === undefined || !from.includes(record.state)) return;
    await this.#ledger.put(call, "collection", { key: name, record: { ...record, state: to } }, fence);
  }

  /** Like a publication, where a plain collection has the alias's name; that one is kept under another. */
  async takeName(
    call: Call,
    naming: Naming,
    { alias, name, catchUp }: { alias: string; name: string; catchUp: () => Promise<void> },
  ): Promise<NameTaken> {
    const ready = (background: Call) => this.setReady(background, name);
    return await naming.take(call, this.alias(alias), this.named(name), { catchUp, ready });
  }

  /** False when it was not there. @throws AppError `conflict` when an alias serves it, unless that is asked for */
  async drop(call: Call, name: string, { serving, fence }: DropOptions = {}): Promise<boolean> {
    const [record, info] = await Promise.all([
      findRecord(call, this.#ledger, "collection", this.named(name)),
      this.#index.describe(call, name),
    ]);
    if (record === undefined && info?.isForeign === undefined) return false;
    await this.#ledger.retire(call, name, record && { ...record, state: "dropping" }, { serving, fence });
    return await finish(call, "what is gone for everybody leaves nothing", async (background) => {
      await this.remove(background, name, fence);
      return record?.state !== "dropping";
    });
  }

  /** What a creation or a drop has left that was cut off. */
  async clearAway(call: Call, alias: string, fence: Fence): Promise<void> {
    for (const [name, record] of await listRecords(call, this.#ledger, "collection")) {
      if (record.spec.alias !== alias || record.state === "ready") continue;
      const isLeft = record.state === "dropping" || isUnmade(record, await this.#index.describe(call, name));
      if (isLeft) await this.remove(call, name, fence);
    }
  }

  /** The passages first, so that they are known until they are gone. */
  async remove(call: Call, name: string, fence: Fence | undefined): Promise<void> {
    await this.#index.drop(call, name, fence);
    await this.#ledger.delete(call, "collection", name);
  }

  async #info(
    call: Call,
    name: string,
    aliases: Aliases,
    counting: Counting = {},
  ): Promise<CollectionInfo | undefined> {
    return infoOf(name, ...(await Promise.all(this.#ask(call, name, counting))), aliases);
  }

  #ask(
    call: Call,
    name: string,
    counting: Counting,
  ): [record: Promise<CollectionRecord | undefined>, held: Promise<IndexInfo | undefined>] {
    return [findRecord(call, this.#ledger, "collection", name), this.#index.describe(call, name, counting)];
  }
}

/** Nobody could begin to write into it. */
function isUnmade({ state }: CollectionRecord, held: IndexInfo | undefined): boolean {
  return state === "building" && held === undefined;
}

function infoOf(
  name: string,
  record: CollectionRecord | undefined,
  held: IndexInfo | undefined,
  aliases: Aliases,
): CollectionInfo | undefined {
  const isAbsent = record === undefined ? !held?.isForeign : record.state === "dropping" || isUnmade(record, held);
  if (isAbsent) return undefined;
  const alias = [...aliases].find(([, collection]) => collection === name)?.[0];
  const serving = alias !== undefined;
  // One that serves is complete, also when its publisher ended before it could say so.
  const isUnfinished = record?.state === "embedding" || (record?.state === "building" && !serving);
  const state = isUnfinished ? record.state : "ready";
  return {
    name,
    alias: record?.spec.alias ?? alias ?? name,
    spec: record?.spec,
    dimension: held?.dimension ?? record?.spec.fingerprint.dimension ?? 0,
    denseOnly: held?.denseOnly,
    unsearchable: held?.unsearchable,
    state: held === undefined || held.isDamaged ? "damaged" : state,
    serving,
    points: held?.points ?? 0,
    documents: held?.documents ?? 0,
    sources: record?.sources ?? held?.sources,
    createdAt: record?.createdAt ?? new Date(0).toISOString(),
  };
}
