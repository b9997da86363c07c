/** Files and folders opened where they lie: a name that by now leads elsewhere opens nothing. */
import { constants, type Dirent, readlinkSync, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readdir, realpath } from "node:fs/promises";

const { O_RDONLY } = constants;
// Windows has none of them.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_DIRECTORY = 0 } = constants as Partial<typeof constants>;

/**
 * A regular file, opened without waiting on a pipe.
 * @param path a real path
 * @throws the system's error; `ESTALE` for what does not lie there, `EINVAL` for what is no file
 */
export async function openFile(path: string): Promise<{ readonly handle: FileHandle; readonly stat: Stats }> {
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw Object.assign(new Error("not a regular file"), { code: "EINVAL" });
    await assertLiesAt(handle, path);
    return { handle, stat };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** @param path a real path. @throws the system's error; `ESTALE` for a folder that does not lie there */
export async function listFolder(path: string): Promise<Dirent[]> {
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_DIRECTORY);
  try {
    const isKnown = placeOf(handle) !== undefined;
    const children = await readdir(isKnown ? descriptorLink(handle) : path, { withFileTypes: true });
    await assertLiesAt(handle, path);
    return children;
  } finally {
    await handle.close();
  }
}

/** The flags guard a path's last name only: any folder above may have become a link since the path was found. */
async function assertLiesAt(handle: FileHandle, path: string): Promise<void> {
  const place = placeOf(handle);
  if (place === path) return;
  // Some file systems find a name by other letters too: what Linux then says is one of its spellings.
  const isSpelling = place === undefined || inOneSpelling(place) === inOneSpelling(path);
  if (isSpelling && (await isStillNamed(handle, path))) return;
  throw Object.assign(new Error("moved while the folder was read"), { code: "ESTALE" });
}

/** Where Linux says that an open file lies; undefined on other systems. It says so from memory, in microseconds. */
function placeOf(handle: FileHandle): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return readlinkSync(descriptorLink(handle));
  } catch {
    return undefined; // no /proc here
  }
}

function inOneSpelling(path: string): string {
  return path.normalize().toLowerCase();
}

function descriptorLink({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}

/** The most that other systems tell: that the name leads to this very file, through no link. */
async function isStillNamed(handle: FileHandle, path: string): Promise<boolean> {
  const [real, opened, named] = await Promise.all([
    realpath(path),
    handle.stat({ bigint: true }),
    lstat(path, { bigint: true }),
  ]);
  // Some versions of Node have more bits of a Windows volume's number by name than by descriptor (libuv #4698).
  const isSameDevice = BigInt.asUintN(32, opened.dev ^ named.dev) === 0n;
  return real === path && isSameDevice && opened.ino === named.ino;
}
