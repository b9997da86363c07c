/** Watcher of a folder or file: reports that a change happened. What changed is found by indexing again. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { watch } from "chokidar";
import { isWithin, realFolder } from "./locate.js";
import { isNeverEntered } from "./walk.js";

export interface Watching {
  close(): Promise<void>;
}

/**
 * Resolves when every change from now on is reported. Links are not followed, as in indexing; the server's own data folder
 * does not count, or each run would cause the next.
 * @param source name of a source: its `file://` URL
 */
export async function watchSource(
  source: string,
  dataFolder: string,
  on: { onChange(): void; onError(error: unknown): void },
): Promise<Watching> {
  const root = fileURLToPath(source);
  const own = await realFolder(dataFolder);
  const watcher = watch(root, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (path) => path !== root && (isWithin(path, own) || isNeverEntered(basename(path))),
  });
  watcher.on("all", on.onChange).on("error", on.onError);
  await new Promise<void>((ready) => watcher.once("ready", ready));
  return { close: () => watcher.close() };
}
