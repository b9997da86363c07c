/** The permissions of the folders that data lies in: ours are for this user only, of another's it is said who else may write. */
import { chmodSync, lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { BootConfig } from "../config/boot.js";

/** Below the data folder: made by us, whoever made that. */
const OURS = ["store", "store/collections", "store/snapshots", "logs", "models", "eval"];
const OTHERS = 0o077;

export interface DataFolderStatus {
  readonly path: string;
  /** Who else may write there, and what to do about it. */
  readonly warning?: string | undefined;
}

type Named = Pick<BootConfig, "dataFolder" | "isDataFolderNamed">;

/** Takes the permissions of others from folders of ours. @returns what was done, and what could not be, for the log */
export function keepPrivate(named: Named): string[] {
  const { dataFolder, isDataFolderNamed } = named;
  const ours = OURS.map((name) => join(dataFolder, ...name.split("/")));
  const done = (isDataFolderNamed ? ours : [dataFolder, ...ours]).flatMap((path) => {
    const found = folderAt(path);
    if (found === undefined || (found.mode & OTHERS) === 0) return [];
    try {
      chmodSync(path, 0o700);
      return [`${path} was open to others of this machine (${octal(found)}). It is 0700 now: for this user only.`];
    } catch (error) {
      return [`${path} is open to others of this machine (${octal(found)}), and cannot be closed: ${String(error)}.`];
    }
  });
  const { warning } = dataFolderStatus(named);
  return warning === undefined ? done : [...done, warning];
}

export function dataFolderStatus({ dataFolder: path }: Named): DataFolderStatus {
  const found = folderAt(path);
  const others = found === undefined ? [] : otherWriters(found);
  if (others.length === 0) return { path };
  const remedy = `Make it this user's with mode 0700, or name another one in RETRIEVAL_DATA_DIR.`;
  return { path, warning: `The data folder ${path} can be written by ${others.join(" and by ")}. ${remedy}` };
}

function otherWriters({ mode, uid, gid }: Stats): string[] {
  return [
    uid === process.getuid?.() ? undefined : `user ${uid}, whose it is`,
    mode & 0o020 ? `group ${gid}` : undefined,
    mode & 0o002 ? "everyone on this machine" : undefined,
  ].filter((who) => who !== undefined);
}

/** undefined when it is not there, and where permissions are told by other means than a mode. A link is its maker's. */
function folderAt(path: string): Stats | undefined {
  if (process.getuid === undefined) return undefined;
  try {
    const found = lstatSync(path);
    return found.isDirectory() ? found : undefined;
  } catch {
    return undefined;
  }
}

function octal({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}
