/** Location that `reindex` names → source. */
import { lstat, stat } from "node:fs/promises";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Call } from "../core/call.js";
import { AppError, raceAbort, throwIfAborted } from "../core/errors.js";
import type { OpenSource, Source } from "../core/ports.js";
import { isFileUrl } from "../core/sources.js";
import type { SourceInfo } from "../core/types.js";
import { fileSource, folderSource, type Naming } from "./files.js";
import { isWithin, locateAnywhere, locateBelow } from "./locate.js";
import { ownName, realOwnFiles } from "./own-files.js";
import { Parser } from "./parser.js";
import type { ParserProcess } from "./parser-process.js";
import { repositoriesOf } from "./repository.js";
import { isInSecretFolder } from "./secrets.js";
import { descend, find, type Place, startingAt } from "./walk.js";

export interface SourceOptions {
  /** Folders below which clients may index. */
  readonly roots: readonly string[];
  /** What was meant to be one and is none, with the reason. */
  readonly refusedRoots?: readonly string[];
  /** Where the server keeps its own files: never indexed. */
  readonly dataFolder: string;
  /** Files of its own that may lie elsewhere: never indexed either. */
  readonly ownFiles?: readonly string[];
  /** Stays the caller's to close. */
  readonly parser: ParserProcess;
}

/** A location is a folder, a file (a `.jsonl` file holds one document on each line), or either as a `file://` URL. */
export function createOpenSource(options: SourceOptions): OpenSource {
  async function open(call: Call, location: string): Promise<Source> {
    const { dataFolder, ownFiles = [] } = options;
    const own = await realOwnFiles({ dataFolder, files: ownFiles });
    const { path, root } = await locate(call, location, options);
    refuse(ownName(path, own));
    refuse(isInSecretFolder(path) ? "a folder for secrets" : undefined);
    const parser = new Parser(options.parser);
    const place = await descend(call, { start: await startingAt(call, root, parser), own }, path, parser);
    const found = await stat(path);
    if (!found.isDirectory() && !found.isFile()) {
      throw new AppError("bad_request", "That location is neither a folder nor a file.", {
        remedy: "Name the folder that holds your documents.",
      });
    }
    const read = (from: Place, naming?: Naming, base = path) => ({
      ...(found.isDirectory() ? folderSource(from, parser, naming) : fileSource(path, parser, naming)),
      repositories: repositoriesOf(base),
    });
    async function of(asking: Call, source: SourceInfo): Promise<Source | undefined> {
      const base = fileURLToPath(source.location);
      // From the outer of the two: what either of them leaves out is left out.
      const start = await startingAt(asking, isWithin(base, root) ? root : base, parser);
      const from = await find(asking, { start, own }, path, parser);
      if (!("start" in from)) return undefined;
      const way = relative(base, path).split(sep).join("/");
      if (way === "") return { ...read(from, { source: source.id }), of };
      const below = found.isDirectory() ? `${way}/` : way.slice(0, way.lastIndexOf("/") + 1);
      return { ...read(from, { source: source.id, below }, base), of };
    }
    return { ...read(place), of };
  }
  return async (call, location) => {
    throwIfAborted(call.signal);
    return raceAbort(open(call, location), call.signal);
  };
}

/** Whether there is nothing any more where a source lay; false where that cannot be told. */
export async function isGone(location: string): Promise<boolean> {
  if (!isFileUrl(location)) return false;
  return lstat(fileURLToPath(location)).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === "ENOENT" || code === "ENOTDIR",
  );
}

/** The real path, and the folder from which on it is judged: an operator's path by itself. */
async function locate({ access }: Call, location: string, { roots, refusedRoots }: SourceOptions) {
  if (access.bypass === undefined) return locateBelow(location, roots, refusedRoots);
  const path = await locateAnywhere(location);
  return { path, root: path };
}

function refuse(place: string | undefined): void {
  if (place === undefined) return;
  throw new AppError("bad_request", `That location is inside ${place}.`, {
    remedy: "Name the folder that holds your documents.",
  });
}
