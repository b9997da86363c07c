/** What a name does not lead to, in the same words wherever it was looked for. */
import { AppError } from "./errors.js";

export function noCollection(name: string): AppError {
  return new AppError("not_found", `There is no collection or version "${name}".`, {
    remedy: "Name one that health or `aura-retrieval collections` lists, or make it with reindex.",
  });
}

export function noSnapshot(name: string): AppError {
  return new AppError("not_found", `There is no snapshot "${name}".`, {
    remedy: "Name one that `aura-retrieval snapshot list` shows.",
  });
}
