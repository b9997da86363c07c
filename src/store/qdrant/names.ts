/** Names on a Qdrant that serves others too: which may be ours, who points where, and what is said of one that is taken. */
import { AppError } from "../../core/errors.js";
import { checkName } from "../names.js";

/** Begins the name of everything on the server that is ours and no user's. */
export const OURS = "aura_retrieval_";

export function aliasOf(aliases: ReadonlyMap<string, string>, collection: string): string | undefined {
  return [...aliases].find(([, target]) => target === collection)?.[0];
}

/** @throws AppError `bad_request` */
export function checkOurName(kind: "collection" | "alias", name: string): void {
  checkName(kind, name);
  if (name.startsWith(OURS)) {
    throw new AppError("bad_request", `Names that begin with "${OURS}" are taken by the server itself.`, {
      remedy: "Choose another name.",
    });
  }
}

/** An error that leaves open whether the switch was made says so. */
export function undecided(alias: string, collection: string, cause: AppError): AppError {
  if (!["store_down", "timeout", "cancelled"].includes(cause.code)) return cause;
  return new AppError(
    cause.code,
    `The switch of "${alias}" to "${collection}" is not confirmed and may still be done: ${cause.message}`,
    {
      remedy: "Look at the collections when the Qdrant is well again; run reindex again if the old one serves.",
      cause,
    },
  );
}

export function taken(name: string): AppError {
  return new AppError("conflict", `The name "${name}" is taken.`, { remedy: "Choose another name." });
}
