/** Folders that may not be there yet. Node's own recursive mkdir never ends where a parent cannot hold one, as in /proc. */
import { mkdirSync, statSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** With those above it that are missing. @throws the system's error @param mode of each that is made */
export function makeFolderSync(path: string, mode?: number): void {
  const missing: string[] = [];
  for (const folder of upwards(path)) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) break;
    missing.unshift(folder);
  }
  for (const folder of missing) {
    try {
      mkdirSync(folder, { mode });
    } catch (error) {
      if (!isThere(error) || !statSync(folder).isDirectory()) throw error;
    }
  }
}

export async function makeFolder(path: string, mode?: number): Promise<void> {
  const missing: string[] = [];
  for (const folder of upwards(path)) {
    if ((await stat(folder).catch(() => undefined))?.isDirectory()) break;
    missing.unshift(folder);
  }
  for (const folder of missing) {
    await mkdir(folder, { mode }).catch(async (error: unknown) => {
      if (!isThere(error) || !(await stat(folder)).isDirectory()) throw error;
    });
  }
}

function* upwards(path: string): Generator<string> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    yield folder;
    if (folder === dirname(folder)) return;
  }
}

/** Another process made it meanwhile. */
function isThere(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EEXIST";
}
