/** "Not found" errors, worded once: what a caller may not name is refused as what does not exist. */
import { MOST_NAME_CHARS } from "./collection-name.js";
import { AppError } from "./errors.js";

export function noCollection(name: string): AppError {
  const shown = name.slice(0, MOST_NAME_CHARS);
  return new AppError("not_found", `There is no collection "${shown}".`, {
    remedy:
      `Name one that health lists, or index documents into it: call reindex, or run: aura-retrieval index <folder> --collection ${shown} ` +
      "(RETRIEVAL_COLLECTIONS says which names tools may use).",
  });
}

export function noSnapshot(name: string): AppError {
  return new AppError("not_found", `There is no snapshot "${name}".`, {
    remedy: "Name one that `aura-retrieval snapshot list` shows.",
  });
}

export function noDocument(collection: string): AppError {
  return new AppError("not_found", `There is no document of that name in "${collection}".`, {
    remedy: "Take the address from `source.uri` of a passage; the document may have been removed since.",
  });
}
