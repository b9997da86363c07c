/** Takes a copy of a version that nobody is changing. */
import { AppError } from "../core/errors.js";
import type { VectorStore } from "../core/ports.js";
import type { SnapshotInfo } from "../core/types.js";
import { notFound } from "./versions.js";

/** @param name an alias, for what it serves, or a version. @throws AppError `conflict` for one that is not complete */
export async function takeSnapshot(store: VectorStore, name: string): Promise<SnapshotInfo> {
  const info = await store.describe(name);
  if (info === undefined) throw notFound(name);
  if (info.state !== "ready") {
    throw new AppError("conflict", `"${info.name}" is ${info.state}: a snapshot of it would be of no use.`, {
      remedy: "Build it anew: run reindex with mode full.",
    });
  }
  const lease = await store.lease(info.alias);
  try {
    return await store.snapshot(info.name);
  } finally {
    await lease.release().catch(() => undefined);
  }
}
