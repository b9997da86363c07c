/** Location that `reindex` names → source. */
import { stat } from "node:fs/promises";
import { AppError, raceAbort, throwIfAborted } from "../core/errors.js";
import type { OpenSource, Source } from "../core/ports.js";
import { fileSource, folderSource } from "./files.js";
import { isWithin, locateAnywhere, locateBelow, realFolder } from "./locate.js";
import { Parser } from "./parser.js";
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
  async function open(location: string, anywhere: boolean): Promise<Source> {
    const path = anywhere ? await locateAnywhere(location) : await locateBelow(location, options.roots);
    const dataFolder = await realFolder(options.dataFolder);
    if (isWithin(path, dataFolder)) {
      throw new AppError("bad_request", "That location is inside the server's own data folder.", {
        remedy: "Name the folder that holds your documents.",
      });
    }
    const found = await stat(path);
    const parser = new Parser(options.parser);
    if (found.isDirectory()) return folderSource({ root: path, dataFolder }, parser);
    if (found.isFile()) return fileSource(path, parser);
    throw new AppError("bad_request", "That location is neither a folder nor a file.", {
      remedy: "Name the folder that holds your documents.",
    });
  }
  return async ({ signal, access }, location) => {
    throwIfAborted(signal);
    return raceAbort(open(location, access.bypass !== undefined), signal);
  };
}
