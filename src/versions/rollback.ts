/** Points an alias back at an earlier version: one atomic step, nothing is copied. */
import { AppError } from "../core/errors.js";
import type { VectorStore } from "../core/ports.js";
import { underLease } from "./under-lease.js";

/** @param to physical collection; default: the newest complete version older than the one that serves */
export async function rollback(store: VectorStore, alias: string, to?: string): Promise<{ from: string; to: string }> {
  const versions = (await store.list(alias)).filter((info) => info.serving || info.state === "ready");
  const at = versions.findIndex((info) => info.serving);
  const current = versions[at];
  if (current === undefined) {
    throw new AppError("not_found", `Collection "${alias}" has no serving version.`, {
      remedy: "See `aura-retrieval collections`.",
    });
  }
  const target = to === undefined ? versions[at + 1] : versions.find((info) => info.name === to);
  if (target === undefined) {
    const kept = versions.map((info) => info.name).join(", ");
    throw new AppError(
      "not_found",
      to === undefined
        ? `Collection "${alias}" has no earlier version.`
        : `"${to}" is not a complete version of "${alias}".`,
      {
        remedy: `Versions kept: ${kept}. A version is made by reindex with mode full.`,
      },
    );
  }
  await underLease(store, alias, () => store.repoint(alias, target.name));
  return { from: current.name, to: target.name };
}
