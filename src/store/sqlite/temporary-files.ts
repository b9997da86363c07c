/** Files that get their name when they are whole. What a process that was killed has left of them is swept. */
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isGone } from "../../process/owner.js";
import { newOwner } from "../owners.js";

/** Of another host's process, or of one whose number another has now, nothing is known but this. */
const SURELY_LEFT_MS = 86_400_000;
const TEMPORARY = /\.db\.(.+)\.tmp(?:-wal|-shm|-journal)?$/;

/** A name beside the file's own that says whose it is. */
export function temporaryFor(file: string): string {
  return `${file}.${encodeURIComponent(newOwner())}.tmp`;
}

/** What cannot be removed now is left for the next time. */
export function sweepTemporaries(folder: string): void {
  for (const name of readdirSync(folder)) {
    const owner = TEMPORARY.exec(name)?.[1];
    if (owner === undefined) continue;
    const path = join(folder, name);
    try {
      const isOld = Date.now() - statSync(path).mtimeMs > SURELY_LEFT_MS;
      if (isOld || isGone(decodeURIComponent(owner))) rmSync(path);
    } catch {} // another process was first, or it is no name of ours
  }
}
