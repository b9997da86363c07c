/** The file that an editor opens for a document. */
import { fileURLToPath } from "node:url";
import { isFile } from "../../core/sources.js";
import type { DocumentRecord, SourceInfo } from "../../core/types.js";

/** Where a document lies on the machine that indexed it; undefined for what is no file. */
export function pathOf({ kind, location }: SourceInfo, { document, metadata }: DocumentRecord): string | undefined {
  if (!isFile(location)) return undefined;
  const place = fileURLToPath(location);
  if (kind !== "folder") return place;
  const below = typeof metadata.path === "string" ? metadata.path : document;
  return place.endsWith("/") ? place + below : `${place}/${below}`;
}
