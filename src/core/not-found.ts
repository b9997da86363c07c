/** "Not found" errors, worded once: what a caller may not name is refused as what does not exist. */
import { MOST_NAME_CHARS } from "./collection-name.js";
import { AppError } from "./errors.js";
import { sanitizeLine } from "./sanitize.js";

/** Names in one message. */
const MOST_SHOWN = 10;

export function noCollection(name: string): AppError {
  const shown = name.slice(0, MOST_NAME_CHARS);
  const call = `reindex with ${JSON.stringify({ source: ".", collection: shown })}`;
  return new AppError("not_found", `There is no collection "${shown}".`, {
    remedy:
      `Name one that health lists, or fill it: call ${call} for the first folder of RETRIEVAL_ROOTS, or run: ` +
      `aura-retrieval index <folder> --collection ${shown} (RETRIEVAL_COLLECTIONS says which names tools may use).`,
  });
}

export function noSnapshot(name: string): AppError {
  return new AppError("not_found", `There is no snapshot "${name}".`, {
    remedy: "Name one that `aura-retrieval snapshot list` shows.",
  });
}

/** Where a name was looked for. */
interface Searched {
  readonly collection: string;
  /** Names of those there are. */
  readonly sources: readonly string[];
  /** Those that were not looked into. */
  readonly snapshots: readonly unknown[];
}

export function nothingToForget(name: string, { collection, sources, snapshots }: Searched): AppError {
  const there = sources.length === 0 ? "it has no source" : `its sources: ${sources.slice(0, MOST_SHOWN).join(", ")}`;
  const left = snapshots.length === 0 ? "" : ` ${snapshots.length} snapshots may hold it: --snapshots looks into them.`;
  return new AppError(
    "not_found",
    `${JSON.stringify(sanitizeLine(name))} is neither a source nor a document of "${collection}" (${there}).`,
    { remedy: `Name a source, \`<source>/<path>\`, or the \`source.uri\` of a passage.${left}` },
  );
}

export function noDocument(collection: string): AppError {
  return new AppError("not_found", `There is no document of that name in "${collection}".`, {
    remedy:
      "Take the address from `source.uri` of a passage, or call list_documents; the document may have been removed since.",
  });
}

export function noPassage(collection: string): AppError {
  return new AppError("not_found", `There is no passage of that id in "${collection}".`, {
    remedy:
      "Take `id` from a result of retrieve; it may have changed since: name its document by `source.uri` instead.",
  });
}
