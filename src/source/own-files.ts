/** The server's own files: its data folder, its spans, its log. They are never documents. */
import { readlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isWithin, realFolder } from "./locate.js";

export interface OwnFiles {
  readonly dataFolder: string;
  /** Each with all that is called by its name and an ending, as rotation does. */
  readonly files: readonly string[];
}

/** By their real paths, whether they exist or not. */
export async function realOwnFiles({ dataFolder, files }: OwnFiles): Promise<OwnFiles> {
  const all = [...files, ...logFile()];
  return {
    dataFolder: await realFolder(dataFolder),
    files: await Promise.all(all.map(async (file) => join(await realFolder(dirname(file)), basename(file)))),
  };
}

/** What of the server a real path is; undefined: nothing. */
export function ownName(path: string, { dataFolder, files }: OwnFiles): string | undefined {
  if (isWithin(path, dataFolder)) return "the server's own data folder";
  if (files.some((file) => path === file || path.startsWith(`${file}.`))) return "the server's own file";
  return undefined;
}

/** Where stderr goes, when somebody made that a file; only Linux tells. */
function logFile(): string[] {
  if (process.platform !== "linux") return [];
  try {
    const place = readlinkSync("/proc/self/fd/2");
    return place.startsWith("/") ? [place] : [];
  } catch {
    return [];
  }
}
