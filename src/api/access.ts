/** Which collection a call means, and whether tools may touch it. */
import type { Config } from "../config/load.js";
import { AppError } from "../core/errors.js";

/** @throws AppError `bad_request` for a collection that configuration did not allow */
export function allowedCollection(config: Config, asked: string | undefined, trusted: boolean): string {
  const name = asked ?? config.collection;
  if (trusted || config.collections.includes(name)) return name;
  throw new AppError("bad_request", `Collection "${name}" is not one this server may use.`, {
    remedy: `Use ${config.collections.join(", ")}, or add it to RETRIEVAL_COLLECTIONS.`,
  });
}

/** URI of a whole document: `aura://{collection}/{+document}`. */
export function documentUri(collection: string, document: string): string {
  return `aura://${collection}/${document.split("/").map(encodeURIComponent).join("/")}`;
}
