/** Snapshots on the server's own disk, with what the book knew of their collections. */
import type { Call } from "../../core/call.js";
import { AppError, throwIfAborted } from "../../core/errors.js";
import { noCollection, noSnapshot } from "../../core/not-found.js";
import type { SnapshotInfo } from "../../core/types.js";
import { HttpError } from "../../http/faults.js";
import { pause } from "../../resilience/pause.js";
import { checkText } from "../check-text.js";
import { finish } from "../with-call.js";
import { type Book, createIfAbsent, type Kind } from "./book.js";
import { COLLECTIONS, type Entry, SPEC } from "./collection-entry.js";
import { type Collections, shapeOf } from "./collections.js";
import { absentAsUndefined } from "./errors.js";
import { match, pathOf, type Requests, UNUSED } from "./requests.js";
import { fields, listOf, name, number, orNull, text } from "./shapes.js";

/** Between two snapshots. */
const APART_MS = 1_100;

interface Kept {
  readonly info: SnapshotInfo;
  readonly entry: Entry;
  /** Paths of payload fields with an index: what is restored into a stand-in has none. */
  readonly indexes: readonly string[];
}

const SNAPSHOTS: Kind<Kept> = {
  name: "snapshot",
  entry: fields<Kept>({
    info: fields<SnapshotInfo>({
      name,
      collection: name,
      spec: SPEC,
      points: number,
      documents: number,
      bytes: number,
      sha256: text,
      createdAt: text,
    }),
    entry: COLLECTIONS.entry,
    indexes: listOf(text),
  }),
};
/** Object stores give no checksum. */
const MADE = fields({ name, size: number, checksum: orNull(text) });

/** What it takes for the server to read its own files. */
export interface OwnAccess {
  /** Where the server finds itself. */
  readonly origin: string;
  readonly apiKey?: string | undefined;
}

export class Snapshots {
  constructor(
    private readonly requests: Requests,
    private readonly book: Book,
    private readonly collections: Collections,
    private readonly own: OwnAccess,
  ) {}

  async take(call: Call, collection: string): Promise<SnapshotInfo> {
    const { name, entry, indexes } = await this.collections.use(call, collection);
    if (entry === undefined) throw noCollection(collection);
    // The server names snapshots by the second, and overwrites one of the same name.
    const isTooSoon = ({ createdAt }: SnapshotInfo) => Date.now() - Date.parse(createdAt) < APART_MS;
    if ((await this.list(call)).some(isTooSoon)) await pause(call, APART_MS);
    const [points, documents] = await Promise.all([
      this.requests.count(call, name, {}),
      this.requests.count(call, name, { must: [match("ordinal", 0)] }),
    ]);
    // The server would finish it in any case, and keep a file that nobody knows.
    return await finish(call, "a snapshot is known to the book, or taken away", async (background) => {
      const made = await this.requests.once(background, {
        operation: "snapshot",
        method: "POST",
        path: `${pathOf(name)}/snapshots?wait=true`,
        result: MADE,
      });
      const info: SnapshotInfo = {
        name: made.name,
        collection: name,
        spec: entry.spec,
        points,
        documents,
        bytes: made.size,
        sha256: made.checksum ?? "",
        createdAt: new Date().toISOString(),
      };
      await this.book.put(background, SNAPSHOTS, info.name, { info, entry, indexes: [...indexes] });
      if (call.signal.aborted) await this.delete(background, info.name);
      return info;
    });
  }

  /** Newest first. */
  async list(call: Call): Promise<SnapshotInfo[]> {
    const kept = await this.book.list(call, SNAPSHOTS);
    return kept.map(({ entry }) => entry.info).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  /** The server reads its own file through its own address, and compares the checksum. */
  async restore(call: Call, snapshot: string, collection: string, state: Entry["state"] = "ready"): Promise<void> {
    await this.collections.assertFree(call, collection);
    const found = await this.#find(call, snapshot);
    if (found === undefined) throw noSnapshot(snapshot);
    const kept: Kept = { ...found, entry: { ...found.entry, state } };
    // The server would finish it in any case: an abort is heard between the steps, and what was made goes again.
    await finish(call, "a restored collection is whole and known to the book, or taken away", (background) =>
      this.#withFiles(background, kept, collection, () => this.#bringBack(background, call.signal, kept, collection)),
    );
  }

  /** @param left aborts when nobody wants it any more */
  async #bringBack(call: Call, left: AbortSignal, { info, entry, indexes }: Kept, collection: string): Promise<void> {
    throwIfAborted(left);
    try {
      await this.#recover(call, info, collection);
      throwIfAborted(left);
      await this.#assertWhole(call, collection, info.points);
      await this.collections.index(call, collection, indexes);
      throwIfAborted(left);
      const restored: Entry = { ...entry, createdAt: new Date().toISOString() };
      await this.book.put(call, COLLECTIONS, collection, restored);
    } catch (error) {
      // What the book does not know would stay for ever.
      const away = { operation: "restore", method: "DELETE", path: pathOf(collection), ...UNUSED } as const;
      await this.requests.once(call, away).catch(() => undefined);
      throw error;
    }
  }

  async #recover(call: Call, info: SnapshotInfo, collection: string): Promise<void> {
    const location = this.own.origin + fileOf(info);
    try {
      await this.requests.once(call, {
        operation: "restore",
        method: "PUT",
        path: `${pathOf(collection)}/snapshots/recover?wait=true`,
        body: { location, checksum: info.sha256 || undefined, priority: "snapshot", api_key: this.own.apiKey },
        ...UNUSED,
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
  async delete(call: Call, snapshot: string): Promise<boolean> {
    const kept = await this.#find(call, snapshot);
    if (kept === undefined) return false;
    const path = `${fileOf(kept.info)}?wait=true`;
    const file = { operation: "delete_snapshot", method: "DELETE", path, ...UNUSED } as const;
    return await finish(call, "a snapshot is not listed without its file", async (background) => {
      await this.#withFiles(background, kept, undefined, () =>
        this.requests.once(background, file).catch(absentAsUndefined),
      );
      await this.book.remove(background, SNAPSHOTS, snapshot);
      return true;
    });
  }

  async #find(call: Call, snapshot: string): Promise<Kept | undefined> {
    checkText("name of a snapshot", [snapshot]);
    return await this.book.find(call, SNAPSHOTS, snapshot);
  }

  /**
   * Files of a collection that is gone can only be reached while one of its name is there: an empty one stands in.
   * @param made by `work`: if it has that name, it stays
   */
  async #withFiles(
    call: Call,
    { info, entry }: Kept,
    made: string | undefined,
    work: () => Promise<unknown>,
  ): Promise<void> {
    const { collection } = info;
    // Only what surely was not there before may be deleted.
    const isStandIn = (await createIfAbsent(call, this.requests, collection, shapeOf(entry.spec))) === "made";
    try {
      await work();
    } finally {
      const away = { operation: "drop", method: "DELETE", path: pathOf(collection), ...UNUSED } as const;
      if (isStandIn && collection !== made) await this.requests.once(call, away);
    }
  }

  /** In a cluster a snapshot holds what its node held: what is restored from it may be a part, or nothing. */
  async #assertWhole(call: Call, collection: string, points: number): Promise<void> {
    const found = await this.requests.count(call, collection, {});
    if (found === points) return;
    throw new AppError("mismatch", `The snapshot brought ${found} of ${points} passages; nothing was restored.`, {
      remedy: "In a cluster, roll back to a version that is kept, or index the sources again.",
    });
  }
}

function fileOf({ collection, name }: SnapshotInfo): string {
  return `${pathOf(collection)}/snapshots/${encodeURIComponent(name)}`;
}
