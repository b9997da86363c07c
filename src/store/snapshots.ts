/** Snapshots: copies of collections, listed with what is known of these. */
import { randomBytes } from "node:crypto";
import type { Call } from "../core/call.js";
import { laterThanBefore } from "../core/later.js";
import type { Ledger, SnapshotRecord } from "../core/ledger.js";
import { noSnapshot } from "../core/not-found.js";
import type { PassageIndex } from "../core/passage-index.js";
import type { RestoreOptions } from "../core/store-options.js";
import type { SnapshotInfo } from "../core/types.js";
import { checkText } from "./check-text.js";
import type { Collections } from "./collections.js";
import { findRecord, listRecords } from "./records.js";
import { finish, takeBack } from "./with-call.js";

export class Snapshots {
  readonly #index: PassageIndex;
  readonly #ledger: Ledger;
  readonly #collections: Collections;

  constructor(index: PassageIndex, ledger: Ledger, collections: Collections) {
    this.#index = index;
    this.#ledger = ledger;
    this.#collections = collections;
  }

  /** The record first: a copy that is not listed could never be deleted. */
  async take(call: Call, collection: string): Promise<SnapshotInfo> {
    const entry = await this.#collections.use(call, collection);
    const name = nameOf(collection);
    const none = { points: 0, documents: 0, bytes: 0, sha256: "" };
    const info = { name, collection, spec: entry.spec, ...none, createdAt: laterThanBefore() };
    const making: SnapshotRecord = { info, state: "making" };
    await this.#ledger.put(call, "snapshot", { key: name, record: making });
    try {
      const { file, indexes, ...held } = await this.#index.copyOut(call, collection, name);
      const taken = { ...info, ...held, createdAt: laterThanBefore() };
      await this.#ledger.put(call, "snapshot", { key: name, record: { info: taken, entry, file, indexes } });
      return taken;
    } catch (error) {
      // What still stays is cleared away by the next writer.
      await takeBack(call, "a snapshot that failed leaves nothing", (background) => this.#delete(background, making));
      throw error;
    }
  }

  /** Newest first. */
  async list(call: Call): Promise<SnapshotInfo[]> {
    const records = (await listRecords(call, this.#ledger, "snapshot")).map(([, record]) => record);
    return records
      .filter(({ state }) => state === undefined)
      .map(({ info }) => info)
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  async restore(
    call: Call,
    snapshot: string,
    collection: string,
    { state = "ready", fence }: RestoreOptions,
  ): Promise<void> {
    const found = await this.#find(call, snapshot);
    if (found === undefined) throw noSnapshot(snapshot);
    const { spec } = found.info;
    const record = { ...found.entry, spec, state: "building", createdAt: laterThanBefore() } as const;
    const make = async () => {
      try {
        await this.#index.copyIn(call, found, collection, fence);
        if (state === "ready") await this.#collections.setReady(call, collection, fence);
      } catch (error) {
        await takeBack(call, "a restore that failed leaves nothing", (background) =>
          this.#collections.remove(background, collection, fence),
        );
        throw error;
      }
    };
    await this.#collections.add(call, collection, record, { fence, make });
  }

  async delete(call: Call, snapshot: string): Promise<boolean> {
    const found = await this.#find(call, snapshot);
    if (found === undefined) return false;
    await finish(call, "a snapshot is not listed without its copy", (background) => this.#delete(background, found));
    return true;
  }

  /** What one that was cut off has left. */
  async clearAway(call: Call, alias: string): Promise<void> {
    for (const [, record] of await listRecords(call, this.#ledger, "snapshot")) {
      if (record.info.spec.alias === alias && record.state === "making") await this.#delete(call, record);
    }
  }

  /** The copy first: a snapshot that is listed without one can be deleted again, one that is not listed never. */
  async #delete(call: Call, record: SnapshotRecord): Promise<void> {
    await this.#index.deleteCopy(call, record);
    await this.#ledger.delete(call, "snapshot", record.info.name);
  }

  async #find(call: Call, snapshot: string): Promise<SnapshotRecord | undefined> {
    checkText("name of a snapshot", [snapshot]);
    const record = await findRecord(call, this.#ledger, "snapshot", snapshot);
    return record?.state === "making" ? undefined : record;
  }
}

/** Sorts by time; two processes may take one at the same moment. */
function nameOf(collection: string): string {
  const time = new Date().toISOString().replace(/[-:.]/g, "");
  return `${collection}-${time}-${randomBytes(2).toString("hex")}`;
}
