/** Copies of collections, on the server's own disk. */
import type { Call } from "../../core/call.js";
import { AppError, throwIfAborted } from "../../core/errors.js";
import type { Fence, Ledger, SnapshotRecord } from "../../core/ledger.js";
import type { IndexCopy } from "../../core/passage-index.js";
import type { SnapshotInfo } from "../../core/types.js";
import { HttpError } from "../../http/faults.js";
import { pause } from "../../resilience/pause.js";
import { listRecords } from "../records.js";
import { fields, name, number, orNull, text } from "../shapes.js";
import { finish } from "../with-call.js";
import { createIfAbsent } from "./book.js";
import type { Credentials } from "./credentials.js";
import { absentAsUndefined } from "./errors.js";
import type { Fences } from "./fences.js";
import { type KnownCollections, shapeOf } from "./known.js";
import { match, pathOf, type Requests, UNUSED } from "./requests.js";

/** Between two snapshots. */
const APART_MS = 1_100;

const MADE = fields({ name, size: number, checksum: orNull(text) });

/** What it takes for the server to read its own files. */
export interface OwnAccess {
  /** Where the server finds itself. */
  readonly origin: string;
  readonly credentials: Pick<Credentials, "apiKey">;
}

export interface CopyParts {
  readonly requests: Requests;
  readonly ledger: Ledger;
  readonly fences: Fences;
  readonly collections: KnownCollections;
  readonly own: OwnAccess;
}

export class Copies {
  constructor(private readonly parts: CopyParts) {}

  async out(call: Call, collection: string): Promise<IndexCopy> {
    const { requests } = this.parts;
    const { indexes } = await this.parts.collections.use(call, collection);
    await this.#keepApart(call, collection);
    const [points, documents] = await Promise.all([
      requests.count(call, collection, {}),
      requests.count(call, collection, { must: [match("ordinal", 0)] }),
    ]);
    // The server would finish it in any case, and keep a file that nobody knows.
    return await finish(call, "a snapshot is known, or taken away", async (background) => {
      const made = await requests.once(background, {
        operation: "snapshot",
        method: "POST",
        path: `${pathOf(collection)}/snapshots?wait=true`,
        result: MADE,
      });
      if (call.signal.aborted) await this.#deleteFile(background, { collection, name: made.name });
      const { name: file, size: bytes, checksum: sha256 } = made;
      return { points, documents, bytes, sha256: sha256 ?? "", file, indexes: [...indexes] };
    });
  }

  /** The server names snapshots by the second, and overwrites one of the same name. */
  async #keepApart(call: Call, collection: string): Promise<void> {
    const snapshots = await listRecords(call, this.parts.ledger, "snapshot");
    const isTooSoon = snapshots.some(
      ([, { info, state }]) =>
        state === undefined && info.collection === collection && Date.now() - Date.parse(info.createdAt) < APART_MS,
    );
    if (isTooSoon) await pause(call, APART_MS);
  }

  /** The server reads its own file through its own address, and compares the checksum. */
  async in(call: Call, snapshot: SnapshotRecord, collection: string, fence: Fence | undefined): Promise<void> {
    await this.parts.fences.assertHeld(call, fence);
    // The server would finish it in any case: an abort is heard between the steps, and what was made goes again.
    await finish(call, "a restored collection is whole, or taken away", (background) =>
      this.#withFiles(background, snapshot.info, collection, () =>
        this.#bringBack(background, call.signal, snapshot, collection),
      ),
    );
  }

  /** @param left aborts when nobody wants it any more */
  async #bringBack(call: Call, left: AbortSignal, snapshot: SnapshotRecord, collection: string): Promise<void> {
    const { requests, collections } = this.parts;
    throwIfAborted(left);
    try {
      await this.#recover(call, fileOf(snapshot), snapshot.info.sha256, collection);
      throwIfAborted(left);
      await this.#assertWhole(call, collection, snapshot.info.points);
      await collections.index(call, collection, snapshot.indexes ?? []);
      throwIfAborted(left);
    } catch (error) {
      // What is not whole would be taken for a build.
      const away = { operation: "restore", method: "DELETE", path: pathOf(collection), ...UNUSED } as const;
      await requests.once(call, away).catch(() => undefined);
      throw error;
    }
  }

  async #recover(call: Call, file: CopyFile, sha256: string, collection: string): Promise<void> {
    const location = this.parts.own.origin + filePath(file);
    try {
      await this.parts.requests.once(call, {
        operation: "restore",
        method: "PUT",
        path: `${pathOf(collection)}/snapshots/recover?wait=true`,
        body: {
          location,
          checksum: sha256 || undefined,
          priority: "snapshot",
          api_key: this.parts.own.credentials.apiKey,
        },
        ...UNUSED,
      });
    } catch (error) {
      const cause = error instanceof AppError ? error.cause : undefined;
      if (!(cause instanceof HttpError) || cause.status !== 400) throw error;
      // The request is right: it is the file that the server cannot use.
      throw new AppError("store_down", `The snapshot "${file.name}" is damaged or missing: ${cause.detail}`, {
        remedy: "Restore another snapshot, roll back to a version that is kept, or index the sources again.",
        cause,
      });
    }
  }

  async delete(call: Call, snapshot: SnapshotRecord): Promise<void> {
    await finish(call, "a file is gone, and its stand-in too", (background) =>
      this.#withFiles(background, snapshot.info, undefined, () => this.#deleteFile(background, fileOf(snapshot))),
    );
  }

  async #deleteFile(call: Call, file: CopyFile): Promise<void> {
    const path = `${filePath(file)}?wait=true`;
    const deletion = { operation: "delete_snapshot", method: "DELETE", path, ...UNUSED } as const;
    await this.parts.requests.once(call, deletion).catch(absentAsUndefined);
  }

  /**
   * Files of a collection that is gone can only be reached while one of its name is there: an empty one stands in.
   * @param made by `work`: if it has that name, it stays
   */
  async #withFiles(
    call: Call,
    { collection, spec }: SnapshotInfo,
    made: string | undefined,
    work: () => Promise<unknown>,
  ): Promise<void> {
    // Only what surely was not there before may be deleted.
    const isStandIn = (await createIfAbsent(call, this.parts.requests, collection, shapeOf(spec))) === "made";
    try {
      await work();
    } finally {
      const away = { operation: "drop", method: "DELETE", path: pathOf(collection), ...UNUSED } as const;
      if (isStandIn && collection !== made) await this.parts.requests.once(call, away);
    }
  }

  /** In a cluster a snapshot holds what its node held: what is restored from it may be a part, or nothing. */
  async #assertWhole(call: Call, collection: string, points: number): Promise<void> {
    const found = await this.parts.requests.count(call, collection, {});
    if (found === points) return;
    throw new AppError("mismatch", `The snapshot brought ${found} of ${points} passages; nothing was restored.`, {
      remedy: "In a cluster, roll back to a version that is kept, or index the sources again.",
    });
  }
}

/** A copy on the server's disk. */
interface CopyFile {
  readonly collection: string;
  readonly name: string;
}

function fileOf({ info: { collection, name }, file = name }: SnapshotRecord): CopyFile {
  return { collection, name: file };
}

function filePath({ collection, name }: CopyFile): string {
  return `${pathOf(collection)}/snapshots/${encodeURIComponent(name)}`;
}
