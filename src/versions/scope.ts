/** Which documents of a version lie in folders: by the places of its sources. */
import { pathToFileURL } from "node:url";
import type { Scope, ScopePart, SourceInfo } from "../core/types.js";

/** A folder or file as the names that lead to it, from its volume down. */
export type Place = readonly string[];

/** undefined for what is no file: it lies in nobody's folder. @param location a `file://` URL, or where else a source lies */
export function placeOf(location: string): Place | undefined {
  if (!/^file:\/\//i.test(location) || !URL.canParse(location)) return undefined;
  const { host, pathname } = new URL(location);
  try {
    const names = pathname.split("/").map(decodeURIComponent);
    return [host, ...names.filter((name) => name !== "")];
  } catch {
    return undefined; // a stray "%"
  }
}

/** @param paths of folders, absolute and real */
export function placesOf(paths: readonly string[]): Place[] {
  return paths.flatMap((path) => {
    const place = placeOf(pathToFileURL(path).href);
    return place === undefined ? [] : [place];
  });
}

export function isInside(place: Place | undefined, roots: readonly Place[]): boolean {
  return place !== undefined && roots.some((root) => begins(place, root));
}

/** A source inside a root whole; of a folder around a root what lies below that root; of others nothing. */
export function scopeWithin(sources: readonly SourceInfo[], roots: readonly Place[]): Scope {
  return sources.flatMap(({ id: source, kind, location }): ScopePart[] => {
    const place = placeOf(location);
    if (place === undefined) return [];
    if (isInside(place, roots)) return [{ source }];
    if (kind !== "folder") return [];
    const below = roots.filter((root) => begins(root, place)).map((root) => root.slice(place.length));
    return outermost(below).map((names) => ({ source, folder: `${names.join("/")}/` }));
  });
}

/** Without those that lie in another of them, or are named twice. */
function outermost(folders: readonly Place[]): Place[] {
  return folders.filter((folder, i) =>
    folders.every((other, j) => i === j || !begins(folder, other) || (folder.length === other.length && i < j)),
  );
}

function begins(place: Place, start: Place): boolean {
  return place.length >= start.length && start.every((name, i) => place[i] === name);
}
