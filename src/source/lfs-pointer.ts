/** What Git LFS leaves in the place of a file that was not downloaded. */

/** https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const MAX_BYTES = 1024;
const POINTER =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\r?\n(?:ext-[^\n]*\n)*oid [\w-]+:[0-9a-f]+\r?\nsize \d+\s*$/;

export const LFS_REASON = "Git LFS pointer; run git lfs pull";

export function isLfsPointer(bytes: Uint8Array): boolean {
  return bytes.length < MAX_BYTES && POINTER.test(Buffer.from(bytes).toString("latin1"));
}

/** In a file that is read line by line. */
export function isLfsLine(line: string): boolean {
  return /^version https:\/\/git-lfs\.github\.com\/spec\/v1$/.test(line);
}
