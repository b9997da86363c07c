/** Snapshots on the server's own disk, with what the book knew of their collections. */
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../core/errors.js";
import { noCollection, noSnapshot } from "../../core/not-found.js";
import type { SnapshotInfo } from "../../core/types.js";
import { type Book, createIfAbsent } from "./book.js";
import { type Collections, type Entry, shapeOf } from "./collections.js";
import { absentAsUndefined, HttpError } from "./errors.js";
import { match, pathOf, type Requests } from "./requests.js";

interface Kept {
  readonly info: SnapshotInfo;
  readonly entry: Entry;
  /** Paths of payload fields with an index: what is restored into a stand-in has none. */
  readonly indexes: readonly string[];
}

export class Snapshots {
  constructor(
    private readonly requests: Requests,
    private readonly book: Book,
    private readonly collections: Collections,
    /** Where the server finds itself. */
    private readonly origin: string,
    private readonly apiKey: string | undefined,
  ) {}

  async take(collection: string): Promise<SnapshotInfo> {
    const { name, entry, indexes } = await this.collections.use(collection);
    if (entry === undefined) throw noCollection(collection);
    // The server names snapshots by the second, and overwrites one of the same name.
    if ((await this.list()).some((info) => Date.now() - Date.parse(info.createdAt) < 1_100)) await sleep(1_100);
    const [points, documents] = await Promise.all([
      this.requests.count(name, {}),
      this.requests.count(name, { must: [match("ordinal", 0)] }),
    ]);
    const made = await this.requests.once<{ name: string; size: number; checksum: string }>(
      "snapshot",
      "POST",
      `${pathOf(name)}/snapshots?wait=true`,
    );
    const info: SnapshotInfo = {
      name: made.name,
      collection: name,
      spec: entry.spec,
      points,
      documents,
      bytes: made.size,
      sha256: made.checksum,
      createdAt: new Date().toISOString(),
    };
    await this.book.put("snapshot", info.name, { info, entry, indexes: [...indexes] } satisfies Kept);
    return info;
  }

  /** Newest first. */
  async list(): Promise<SnapshotInfo[]> {
    const kept = await this.book.list<Kept>("snapshot");
    return kept.map(({ entry }) => entry.info).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  /** The server reads its own file through its own address, and compares the checksum. */
  async restore(snapshot: string, collection: string): Promise<void> {
    await this.collections.assertFree(collection);
    const kept = await this.book.find<Kept>("snapshot", snapshot);
    if (kept === undefined) throw noSnapshot(snapshot);
    const { info, entry, indexes } = kept;
    await this.#withFiles(kept, collection, async () => {
      try {
        await this.#recover(info, collection);
        await this.#assertWhole(collection, info.points);
        await this.collections.index(collection, indexes);
        const restored: Entry = { ...entry, state: "ready", createdAt: new Date().toISOString() };
        await this.book.put("collection", collection, restored);
      } catch (error) {
        // What the book does not know would stay for ever.
        await this.requests.once("restore", "DELETE", pathOf(collection)).catch(() => undefined);
        throw error;
      }
    });
  }

  async #recover(info: SnapshotInfo, collection: string): Promise<void> {
    try {
      await this.requests.once("restore", "PUT", `${pathOf(collection)}/snapshots/recover?wait=true`, {
        location: this.origin + fileOf(info),
        checksum: info.sha256,
        priority: "snapshot",
        api_key: this.apiKey,
      });
    } catch (error) {
      const cause = error instanceof AppError ? error.cause : undefined;
      if (!(cause instanceof HttpError) || cause.status !== 400) throw error;
      // The request is right: it is the file that the server cannot use.
      throw new AppError("store_down", `The snapshot "${info.name}" is damaged or missing: ${cause.detail}`, {
        remedy: "Restore another snapshot, roll back to a version that is kept, or index the sources again.",
        cause,
      });
    }
  }

  /** The file first: a snapshot that is listed without one can be deleted again, one that is not listed never. */
  async delete(snapshot: string): Promise<boolean> {
    const kept = await this.book.find<Kept>("snapshot", snapshot);
    if (kept === undefined) return false;
    await this.#withFiles(kept, undefined, () =>
      this.requests.once("delete_snapshot", "DELETE", `${fileOf(kept.info)}?wait=true`).catch(absentAsUndefined),
    );
    await this.book.remove("snapshot", snapshot);
    return true;
  }

  /**
   * Files of a collection that is gone can only be reached while one of its name is there: an empty one stands in.
   * @param made by `work`: if it has that name, it stays
   */
  async #withFiles({ info, entry }: Kept, made: string | undefined, work: () => Promise<unknown>): Promise<void> {
    // Only what surely was not there before may be deleted.
    const isStandIn = (await createIfAbsent(this.requests, info.collection, shapeOf(entry.spec))) === "made";
    try {
      await work();
    } finally {
      if (isStandIn && info.collection !== made) await this.requests.once("drop", "DELETE", pathOf(info.collection));
    }
  }

  /** In a cluster a snapshot holds what its node held: what is restored from it may be a part, or nothing. */
  async #assertWhole(collection: string, points: number): Promise<void> {
    const found = await this.requests.count(collection, {});
    if (found === points) return;
    throw new AppError("mismatch", `The snapshot brought ${found} of ${points} passages; nothing was restored.`, {
      remedy: "In a cluster, roll back to a version that is kept, or index the sources again.",
    });
  }
}

function fileOf({ collection, name }: SnapshotInfo): string {
  return `${pathOf(collection)}/snapshots/${encodeURIComponent(name)}`;
}
