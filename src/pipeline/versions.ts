/** The versions of an alias: which one is changed, which build goes on, which are kept. */
import { randomBytes } from "node:crypto";
import { fitsSpec } from "../core/fingerprint.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo, CollectionSpec } from "../core/types.js";

/** Complete versions kept for rollback, the serving one included. */
const VERSIONS_KEPT = 3;

/** The version an incremental run changes: the serving one, else the newest complete one that fits the model. */
export async function newestFitting(
  store: VectorStore,
  alias: string,
  spec: CollectionSpec,
): Promise<CollectionInfo | undefined> {
  const fitting = (await store.list(alias)).filter((info) => info.state === "ready" && fitsSpec(info.spec, spec));
  return fitting.find((info) => info.serving) ?? fitting[0];
}

/** An interrupted build for the same model goes on where it stopped; others of this alias are abandoned. */
export async function resumeOrCreate(
  store: VectorStore,
  alias: string,
  spec: CollectionSpec,
  current: CollectionInfo | undefined,
): Promise<string> {
  const building = (await store.list(alias)).filter((info) => info.state === "building" && info.name !== current?.name);
  const resumable = building.find((info) => fitsSpec(info.spec, spec));
  for (const info of building) if (info !== resumable) await store.drop(info.name);
  if (resumable !== undefined) return resumable.name;
  const stamp = new Date().toISOString().replace(/[-:]|\..*$/g, "");
  const name = `${alias}_${stamp}_${randomBytes(3).toString("hex")}`;
  await store.create(name, spec);
  return name;
}

/** Keeps the newest versions, what serves and what served before it. */
export async function dropOldVersions(
  store: VectorStore,
  alias: string,
  target: string,
  previous: string | undefined,
): Promise<void> {
  const ready = (await store.list(alias)).filter((info) => info.state === "ready");
  const old = ready.slice(VERSIONS_KEPT).filter((info) => info.name !== target && info.name !== previous);
  for (const info of old) await store.drop(info.name);
}
