/** A folder of documents as a source, and what becomes of each of its files. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach } from "vitest";
import { Access } from "#src/core/access.js";
import type { Source } from "#src/core/ports.js";
import { createOpenSource } from "#src/source/index.js";
import { ParserProcess } from "#src/source/parser-process.js";
import { testCall } from "../support/call.js";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const parser = new ParserProcess();
afterAll(() => parser.close());

/** A new folder with these files, by its real path. */
export function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "source-")));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** For the operator. */
export const openFor = (location: string): Promise<Source> =>
  createOpenSource({ roots: [], dataFolder: join(tmpdir(), "no-data"), parser })(testCall(), location);

/** For a client that is bound to these roots. */
export const openBound = (location: string, ...roots: string[]): Promise<Source> =>
  createOpenSource({ roots, dataFolder: join(tmpdir(), "no-data"), parser })(
    testCall({ access: Access.to([]) }),
    location,
  );
