/** Watcher of a folder or file: reports that a change happened. What changed is found by indexing again. */
import { fileURLToPath } from "node:url";
import { watch } from "chokidar";
import { type OwnFiles, ownName, realOwnFiles } from "./own-files.js";
import { isNeverEntered } from "./walk.js";

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
    ignored: (path) => path !== root && (ownName(path, own) !== undefined || isNeverEntered(path)),
  });
  watcher.on("all", on.onChange).on("error", on.onError);
  await new Promise<void>((ready) => watcher.once("ready", ready));
  return { close: () => watcher.close() };
}
