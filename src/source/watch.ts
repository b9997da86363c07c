/** Watcher of a folder or file: reports that a change happened. What changed is found by indexing again. */
import { fileURLToPath } from "node:url";
import { watch } from "chokidar";
import { isNeverEntered } from "./foreign-folders.js";
import { type OwnFiles, ownName, realOwnFiles } from "./own-files.js";

export interface Watching {
  close(): Promise<void>;
}

/**
 * Resolves when every change from now on is reported. Links are not followed, as in indexing; the server's own files
 * do not count, or each run would cause the next.
 * @param source name of a source: its `file://` URL
 */
export async function watchSource(
  source: string,
  ownFiles: OwnFiles,
  on: { onChange(): void; onError(error: unknown): void },
): Promise<Watching> {
  const root = fileURLToPath(source);
  const own = await realOwnFiles(ownFiles);
  const watcher = watch(root, {
    ignoreInitial: true,
    followSymlinks: false,
    // Asked without and with stats: a file may be called as no folder may.
    ignored: (path, stats) =>
      path !== root && (ownName(path, own) !== undefined || (stats?.isDirectory() === true && isNeverEntered(path))),
  });
  watcher.on("all", on.onChange).on("error", on.onError);
  await new Promise<void>((ready) => watcher.once("ready", ready));
  return { close: () => watcher.close() };
}
