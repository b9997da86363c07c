/** Location that a caller named → real path that may be read. */
import { lstat, readlink, realpath } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "../core/errors.js";
import { sanitizeLine } from "../core/sanitize.js";

const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/** A typed location: relative to the working folder, anywhere. @throws AppError `bad_request`, `not_found` */
export async function locateAnywhere(location: string): Promise<string> {
  const place = await resolvePlace(resolve(toPath(location)));
  if (place.kind === "real") return place.path;
  throw place.kind === "missing"
    ? missing(location)
    : new AppError("bad_request", `The location ${JSON.stringify(location)} cannot be reached.`, {
        remedy: "Check its permissions and links.",
      });
}

/**
 * A location that an agent sent: relative to each root in turn, and with every link resolved below one of them, which
 * comes with it: the innermost. What lies outside is refused with the same words whether it exists or not.
 * @throws AppError `bad_request`, `not_found`
 */
export async function locateBelow(
  location: string,
  roots: readonly string[],
  refused: readonly string[] = [],
): Promise<{ readonly path: string; readonly root: string }> {
  const path = toPath(location);
  if (roots.length === 0) {
    throw new AppError("bad_request", `This server indexes no locations that a client names.${told(refused)}`, {
      remedy: "Set RETRIEVAL_ROOTS to the folders that clients may index, or index from the command line.",
    });
  }
  const resolved = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  const realRoots = resolved.filter((root) => root !== undefined);
  const candidates = isAbsolute(path) ? [path] : roots.map((root) => resolve(root, path));
  let couldBeThere = false;
  for (const candidate of candidates) {
    const place = await resolvePlace(candidate);
    if (place.kind === "unreachable") continue;
    const around = realRoots.filter((root) => isWithin(place.path, root));
    const [root] = around.sort((a, b) => b.length - a.length);
    if (root === undefined) continue;
    if (place.kind === "real") return { path: place.path, root };
    couldBeThere = true;
  }
  if (couldBeThere) throw missing(location);
  const goneRoots = roots.filter((_, i) => resolved[i] === undefined);
  if (candidates.some((candidate) => goneRoots.some((root) => isWithin(resolve(candidate), root)))) {
    throw new AppError("not_found", "That location is in a folder of RETRIEVAL_ROOTS that does not exist.", {
      remedy: "Make or mount that folder, or correct RETRIEVAL_ROOTS.",
    });
  }
  const message = `That location is not below a folder that this server may index.${told(refused)}`;
  const there = roots.filter((_, i) => resolved[i] !== undefined);
  throw new AppError("bad_request", message, { remedy: `${below(there)}, or add its folder to RETRIEVAL_ROOTS.` });
}

/** Folders that an error names. */
const MOST_NAMED = 10;

function below(roots: readonly string[]): string {
  if (roots.length === 0) return "Make the folders of RETRIEVAL_ROOTS, of which none exists";
  const named = roots.slice(0, MOST_NAMED).map((root) => JSON.stringify(sanitizeLine(root)));
  const more = roots.length - named.length;
  return `Name a location below ${named.join(" or ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** What the operator meant to allow may be what the caller asks for. */
function told(refused: readonly string[]): string {
  const named = refused.slice(0, MOST_NAMED).map((root) => sanitizeLine(root, 500));
  return named.length === 0 ? "" : ` RETRIEVAL_ROOTS names what is no folder: ${named.join("; ")}.`;
}

/** Links that lead to further links, at most: more of them form a circle. */
const MOST_LINKS = 40;

/** The folder with links resolved, those that lead to nothing now too; what does not exist is kept as written. */
export async function realFolder(path: string, links = 0): Promise<string> {
  const absolute = resolve(path);
  for (let at = absolute; ; at = dirname(at)) {
    const real = await realpath(at).catch(() => undefined);
    if (real !== undefined) return resolve(real, relative(at, absolute));
    const target = links < MOST_LINKS ? await readlink(at).catch(() => undefined) : undefined;
    if (target !== undefined) {
      const around = await realFolder(dirname(at), links + 1);
      return realFolder(resolve(around, target, relative(at, absolute)), links + 1);
    }
    if (dirname(at) === at) return absolute;
  }
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function toPath(location: string): string {
  if (/^file:\/\//i.test(location)) {
    try {
      return fileURLToPath(location);
    } catch (error) {
      throw new AppError("bad_request", "The location is no valid file URL.", { remedy: "Send a path.", cause: error });
    }
  }
  const scheme = SCHEME.exec(location)?.[0];
  if (scheme !== undefined) {
    throw new AppError("bad_request", `Unknown source kind ${JSON.stringify(scheme)}.`, {
      remedy: "Name a folder, a file, or collection:<name>.",
    });
  }
  if (location.trim() === "" || location.includes("\0")) {
    throw new AppError("bad_request", "The location is empty or no path.", { remedy: "Name a folder or a file." });
  }
  return location;
}

function missing(location: string): AppError {
  return new AppError("not_found", `There is nothing at ${JSON.stringify(location)}.`, {
    remedy: "Check the spelling; relative locations start at each of RETRIEVAL_ROOTS, or at the working folder.",
  });
}

type Place =
  | { readonly kind: "real"; readonly path: string }
  /** `path` is the nearest folder above that exists, resolved. */
  | { readonly kind: "missing"; readonly path: string }
  /** A dangling link, a loop, or no permission: its target stays hidden. */
  | { readonly kind: "unreachable" };

async function resolvePlace(path: string): Promise<Place> {
  for (let at = path; ; at = dirname(at)) {
    try {
      const real = await realpath(at);
      return at === path ? { kind: "real", path: real } : { kind: "missing", path: real };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== "ENOENT" && code !== "ENOTDIR") || dirname(at) === at) return { kind: "unreachable" };
      const dangling = await lstat(at).then(
        (stat) => stat.isSymbolicLink(),
        () => false,
      );
      if (dangling) return { kind: "unreachable" };
    }
  }
}
