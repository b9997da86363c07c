/** Opens the folder or file that `reindex` is asked to read. */
import { stat } from "node:fs/promises";
import { AppError } from "../core/errors.js";
import type { OpenSource } from "../core/ports.js";
import { fileSource, folderSource } from "./files.js";
import { isWithin, locateTrusted, locateUntrusted, realFolder } from "./locate.js";
import type { ParserProcess } from "./parser-process.js";

export interface SourceOptions {
  /** Folders below which clients may index. */
  readonly roots: readonly string[];
  /** Where the server keeps its own files: never indexed. */
  readonly dataFolder: string;
  /** Stays the caller's to close. */
  readonly parser: ParserProcess;
}

/** A location is a folder, a file (a `.jsonl` file holds one document on each line), or either as a `file://` URL. */
export function createOpenSource(options: SourceOptions): OpenSource {
  return async (location, { trusted }) => {
    const path = trusted ? await locateTrusted(location) : await locateUntrusted(location, options.roots);
    const dataFolder = await realFolder(options.dataFolder);
    if (isWithin(path, dataFolder)) {
      throw new AppError("bad_request", "That location is inside the server's own data folder.", {
        remedy: "Name the folder that holds your documents.",
      });
    }
    const found = await stat(path);
    if (found.isDirectory()) return folderSource(path, dataFolder, options.parser);
    if (found.isFile()) return fileSource(path, options.parser);
    throw new AppError("bad_request", "That location is neither a folder nor a file.", {
      remedy: "Name the folder that holds your documents.",
    });
  };
}
