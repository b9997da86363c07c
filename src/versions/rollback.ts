/** Points an alias back at what served before: one atomic step, nothing is copied, and no writer is waited for. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo } from "../core/types.js";
import { recordServing, rollbackOrder, servingHistory } from "./history.js";

/** Jobs that may write into what serves, among those kept. */
const JOBS_LOOKED_AT = 50;

/**
 * A run that writes into the version that is left is stopped: it loses its lease. One that builds another goes on, and its
 * switch is refused.
 * @param to a complete version; default: what served before, as the history has it
 */
export async function rollback(
  call: Call,
  store: VectorStore,
  pass: CollectionPass,
  to?: string,
): Promise<{ from: string; to: string }> {
  const alias = pass.name;
  const versions = await store.versions(call, pass);
  const current = versions.find((info) => info.serving);
  if (current === undefined) {
    throw new AppError("not_found", `Collection "${alias}" has no serving version.`, {
      remedy: "See `aura-retrieval collections`.",
    });
  }
  const target = await chosen(call, store, { alias, versions, current, to });
  if (target.name === current.name) return { from: current.name, to: target.name };
  const entry = { version: target.name, previous: current.name, why: "rollback" } as const;
  // Before the switch: what was left must not be gone back to, even if this process ends in between.
  const takeBack = await recordServing(call, store, alias, entry);
  try {
    await store.repoint(call, pass, target.name, { from: current.name });
  } catch (error) {
    if (error instanceof AppError && error.code === "conflict") await takeBack();
    throw error;
  }
  // After it: a run that begins from now on sees what serves now.
  await stopWriterOf(call, store, pass, current);
  return { from: current.name, to: target.name };
}

async function chosen(
  call: Call,
  store: VectorStore,
  {
    alias,
    versions,
    current,
    to,
  }: { alias: string; versions: readonly CollectionInfo[]; current: CollectionInfo; to: string | undefined },
): Promise<CollectionInfo> {
  const complete = versions.filter((info) => info.serving || info.state === "ready");
  const target =
    to === undefined
      ? rollbackOrder(versions, await servingHistory(call, store, alias), current)[0]
      : complete.find((info) => info.name === to);
  if (target !== undefined) return target;
  const kept = complete.map((info) => info.name).join(", ");
  const what =
    to === undefined
      ? `Collection "${alias}" has no earlier version.`
      : `"${to}" is not a complete version of "${alias}".`;
  throw new AppError("not_found", what, {
    remedy: `Versions kept: ${kept}; --to <version> serves any of them. A version is made by reindex with mode full.`,
  });
}

async function stopWriterOf(
  call: Call,
  store: VectorStore,
  pass: CollectionPass,
  { name }: CollectionInfo,
): Promise<void> {
  const jobs = await store.jobs(call, JOBS_LOOKED_AT, ({ collection }) => collection === pass.name);
  const isWritten = jobs.some(
    ({ state, phase, mode, target = name }) =>
      state === "running" && phase !== "waiting" && mode === "incremental" && target === name,
  );
  if (!isWritten) return;
  // It is out of service already: a job that cannot be stopped now is refused when it would switch.
  const lease = await store.lease(call, pass, { takeAway: true }).catch(() => undefined);
  await lease?.release().catch(() => undefined);
}
