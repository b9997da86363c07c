/** Points an alias back at an earlier version: one atomic step, nothing is copied. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { VectorStore } from "../core/ports.js";
import { underLease } from "./under-lease.js";

/** @param to physical collection; default: the newest complete version older than the one that serves */
export async function rollback(
  call: Call,
  store: VectorStore,
  pass: CollectionPass,
  to?: string,
): Promise<{ from: string; to: string }> {
  const alias = pass.name;
  const versions = (await store.versions(call, pass)).filter((info) => info.serving || info.state === "ready");
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
  await underLease(call, store, pass, (held) => store.repoint(held, pass, target.name));
  return { from: current.name, to: target.name };
}
