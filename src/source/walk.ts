/** The files below a folder in sorted order, and what is left out without being opened. */
import type { Dirent } from "node:fs";
import { realpath } from "node:fs/promises";
import { join, relative as pathBetween, sep } from "node:path";
import type { Call } from "../core/call.js";
import { AppError, throwIfAborted } from "../core/errors.js";
import type { SourceItem } from "../core/ports.js";
import { isVersionControl, reasonBeside, reasonWithin } from "./foreign-folders.js";
import { isLinkedWorktree } from "./git-folder.js";
import { IgnoreRules } from "./ignore-rules.js";
import { isWithin } from "./locate.js";
import { listFolder } from "./open.js";
import { type OwnFiles, ownName } from "./own-files.js";
import type { Parser } from "./parser.js";
import { failureReason, GivenUp } from "./refuse.js";
import { GIT, rulesAbove } from "./repository.js";

export type Entry =
  | { readonly kind: "file"; readonly document: string; readonly path: string }
  | Exclude<SourceItem, { kind: "document" }>;

type LeftOut = Exclude<Entry, { kind: "file" }>;

interface Folder {
  /** Real. */
  readonly path: string;
  /** Path below the folder where the rules that hold here begin, with `/`; "" for itself. */
  readonly relative: string;
  readonly rules: IgnoreRules;
}

export interface Place {
  /** Where a walk begins: documents are called by their paths from here. */
  readonly start: Folder;
  readonly own: OwnFiles;
}

/**
 * A folder as the repository that it lies in has it, or a file. Whatever else lies above it does not count.
 * @throws AppError `bad_request`, `cancelled`, `timeout`
 */
export async function startingAt(call: Call, path: string, parser: Parser): Promise<Folder> {
  const above = await rulesAbove(call, path, parser).catch((error: unknown) => {
    throw unlistable(error);
  });
  return { path, ...above };
}

/** @throws AppError `bad_request` for what a walk would leave out: it cannot be named either; `not_found` */
export async function descend(call: Call, place: Place, path: string, parser: Parser): Promise<Place> {
  const found = await find(call, place, path, parser);
  if ("start" in found) return found;
  throw new AppError("bad_request", `That location is left out of its root: ${found.document}: ${found.reason}.`, {
    remedy: "Name another location, or index it from the command line.",
  });
}

/**
 * From a place down to a folder, or to the folder of a file, judged as a walk from there would.
 * @param path a real path
 * @returns what of the way a walk would leave out, if it would
 * @throws AppError `bad_request`, `not_found`
 */
export async function find(call: Call, place: Place, path: string, parser: Parser): Promise<Place | LeftOut> {
  let at = place.start;
  // The folder itself is looked into as well, but for the start, which is never judged.
  while (at.path !== path || at !== place.start) {
    const entries = await list(call, at, place, parser).catch((error: unknown) => {
      throw unlistable(error);
    });
    if ("kind" in entries) return entries;
    if (at.path === path) break;
    const name = pathBetween(at.path, path).split(sep, 1)[0] as string;
    const below = childOf(at, name);
    const isNext = (entry: Folder | Entry) =>
      "kind" in entry ? withoutSlash(entry.document) === documentOf(below, place) : entry.relative === below;
    const next = entries.find(isNext);
    if (next === undefined) throw vanished();
    if ("kind" in next) {
      if (next.kind === "file") break;
      return next;
    }
    at = next;
  }
  return { ...place, start: at };
}

/**
 * Depth first, by code units of the names. Links are not followed: what they point to is indexed where it is, or is
 * outside. @throws AppError `bad_request` when the first folder itself cannot be listed
 */
export async function* walk(call: Call, place: Place, parser: Parser): AsyncGenerator<Entry> {
  const waiting: (Folder | Entry)[] = [place.start];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    throwIfAborted(call.signal);
    if ("kind" in next) {
      yield next;
      continue;
    }
    const entries = await listOrReport(call, next, place, parser);
    if ("kind" in entries) {
      yield entries;
      continue;
    }
    // Last in, first out: reversed, so that a folder's entries come in order, each subfolder whole.
    for (let i = entries.length - 1; i >= 0; i--) waiting.push(entries[i] as Folder | Entry);
  }
}

async function listOrReport(call: Call, folder: Folder, place: Place, parser: Parser): Promise<Listed> {
  try {
    return await list(call, folder, place, parser);
  } catch (error) {
    if (folder === place.start) throw unlistable(error);
    if (error instanceof AppError) throw error;
    return { kind: "failed", document: documentOf(`${folder.relative}/`, place), reason: whyUnlisted(error) };
  }
}

/** What is in a folder; or why it is left out itself. */
type Listed = (Folder | Entry)[] | LeftOut;

/** @throws the system's error; GivenUp; AppError `cancelled`, `timeout` */
async function list(call: Call, folder: Folder, place: Place, parser: Parser): Promise<Listed> {
  const children = await listFolder(folder.path);
  children.sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Set(children.map((child) => child.name));
  const reason = folder.path === place.start.path ? undefined : await reasonInside(folder.path, names);
  if (reason !== undefined) return { kind: "skipped", document: documentOf(`${folder.relative}/`, place), reason };
  // A repository inside another begins anew.
  const above = names.has(GIT) ? await IgnoreRules.ofRepository(folder.path, folder.relative) : folder.rules;
  const rules = await above.inFolder(folder.path, folder.relative);
  const relatives = children.map((child) => childOf(folder, child.name) + (child.isDirectory() ? "/" : ""));
  const ignored = await rules.ignored(call, relatives, parser);
  const entries: (Folder | Entry)[] = [];
  for (const [i, child] of children.entries()) {
    throwIfAborted(call.signal);
    const path = join(folder.path, child.name);
    const relative = relatives[i] as string;
    const document = documentOf(relative, place);
    const reason = leftOut(child, path, { names, isIgnored: ignored[i] === true, own: place.own });
    if (reason !== undefined) entries.push({ kind: "skipped", document, reason });
    else if (child.isDirectory()) entries.push({ path, relative: withoutSlash(relative), rules });
    else if (child.isSymbolicLink()) {
      entries.push({ kind: "skipped", document, reason: await linkReason(path, place.start.path) });
    } else entries.push({ kind: "file", document, path });
  }
  return entries;
}

async function reasonInside(path: string, names: ReadonlySet<string>): Promise<string | undefined> {
  const isCopy = names.has(GIT) && (await isLinkedWorktree(path));
  return isCopy ? "linked git work tree: a copy" : reasonWithin(path, names);
}

function childOf({ relative }: Folder, name: string): string {
  return relative === "" ? name : `${relative}/${name}`;
}

function documentOf(relative: string, { start }: Place): string {
  return start.relative === "" ? relative : relative.slice(start.relative.length + 1);
}

function withoutSlash(relative: string): string {
  return relative.endsWith("/") ? relative.slice(0, -1) : relative;
}

function unlistable(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError("bad_request", `The folder cannot be listed: ${whyUnlisted(error)}.`, {
    remedy: "Check the folder, its permissions and its .gitignore, then index it again.",
    cause: error,
  });
}

function vanished(): AppError {
  return new AppError("not_found", "That location has just vanished.", {
    remedy: "Look where it is now, and name that.",
  });
}

/** What rules would have left out must not be read without them. */
function whyUnlisted(error: unknown): string {
  const reason = failureReason(error);
  return error instanceof GivenUp ? `its .gitignore, or one above it, ${reason}` : reason;
}

interface Around {
  readonly names: ReadonlySet<string>;
  readonly isIgnored: boolean;
  readonly own: OwnFiles;
}

function leftOut(child: Dirent, path: string, around: Around): string | undefined {
  const ours = ownName(path, around.own);
  if (ours !== undefined) return ours;
  if (isVersionControl(child.name)) return "version control folder";
  if (around.isIgnored) return "ignored by .gitignore";
  if (child.isDirectory()) return reasonBeside(path, around.names);
  return child.isFile() || child.isSymbolicLink() ? undefined : "not a regular file";
}

async function linkReason(path: string, root: string): Promise<string> {
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined) return "symbolic link that leads nowhere";
  return isWithin(target, root)
    ? "symbolic link; its target is indexed itself"
    : "symbolic link that leaves the source folder";
}
