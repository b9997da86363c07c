/** Watcher of a folder or file, and of what its repository has checked out: reports that a change happened. What changed is found by indexing again. */
import { lstat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type FSWatcher, watch } from "chokidar";
import { isNeverEntered } from "./foreign-folders.js";
import { type OwnFiles, ownName, realOwnFiles } from "./own-files.js";
import { headAround } from "./repository.js";

/** How often it is looked whether another folder has taken the place of the one that is watched: no event tells. */
const LOOK_EVERY_MS = 1_000;

export interface Watching {
  close(): Promise<void>;
}

interface Listener {
  onChange(): void;
  onError(error: unknown): void;
}

/**
 * Resolves when every change from now on is reported. Links are not followed, as in indexing; the server's own files
 * do not count, or each run would cause the next. A folder that goes away is watched again when it is back.
 * @param source name of a source: its `file://` URL
 */
export async function watchSource(source: string, ownFiles: OwnFiles, on: Listener): Promise<Watching> {
  const root = fileURLToPath(source);
  const own = await realOwnFiles(ownFiles);
  let identity = await identityOf(root);
  let watcher = await begin(root, own, on);
  watcher.on("all", forgetIfGone);
  let looking: Promise<void> | undefined;

  function forgetIfGone(event: string, path: string): void {
    if (path === root && event.startsWith("unlink")) identity = undefined;
  }

  async function look(): Promise<void> {
    const now = await identityOf(root);
    if (now === undefined || now === identity) return;
    identity = now;
    await watcher.close();
    watcher = await begin(root, own, on);
    watcher.on("all", forgetIfGone);
    on.onChange();
  }

  const timer = setInterval(() => {
    looking ??= look()
      .catch(on.onError)
      .finally(() => {
        looking = undefined;
      });
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await looking;
      await watcher.close();
    },
  };
}

async function begin(root: string, own: OwnFiles, on: Listener): Promise<FSWatcher> {
  const head = await headAround(root);
  const watcher = watch(head === undefined ? root : [root, head], {
    ignoreInitial: true,
    followSymlinks: false,
    // Asked without and with stats: a file may be called as no folder may.
    ignored: (path, stats) =>
      path !== root && (ownName(path, own) !== undefined || (stats?.isDirectory() === true && isNeverEntered(path))),
  });
  watcher.on("all", on.onChange).on("error", on.onError);
  await new Promise<void>((ready) => watcher.once("ready", ready));
  return watcher;
}

/** Of what lies at a path now; undefined: nothing. A number alone may be given again. */
async function identityOf(path: string): Promise<string | undefined> {
  return lstat(path, { bigint: true }).then(
    ({ dev, ino, birthtimeNs }) => [dev, ino, birthtimeNs].join(":"),
    () => undefined,
  );
}
