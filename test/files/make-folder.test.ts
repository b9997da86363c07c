import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeFolder, makeFolderSync } from "#src/files/make-folder.js";

const base = mkdtempSync(join(tmpdir(), "aura-folders-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe.each([
  ["makeFolder", makeFolder],
  ["makeFolderSync", async (path: string, mode?: number) => makeFolderSync(path, mode)],
])("%s", (name, make) => {
  it("makes what is missing, with its mode, and leaves what is there", async () => {
    const folder = join(base, name, "a", "b");
    await make(folder, 0o700);
    await make(folder, 0o700);
    await Promise.all([make(join(folder, "c")), make(join(folder, "c"))]);
    expect(existsSync(join(folder, "c"))).toBe(true);
    expect(statSync(join(base, name, "a")).mode & 0o777).toBe(0o700);
  });

  it("says that a file is in the way", async () => {
    writeFileSync(join(base, `${name}.txt`), "");
    await expect(make(join(base, `${name}.txt`, "folder"))).rejects.toThrow(/ENOTDIR|EEXIST/);
    await expect(make(join(base, `${name}.txt`))).rejects.toThrow(/EEXIST/);
  });

  it.skipIf(!existsSync("/proc"))("ends where a folder can hold none", async () => {
    const script = `
      import { makeFolder, makeFolderSync } from "#src/files/make-folder.js";
      const make = { makeFolder, makeFolderSync: async (path) => makeFolderSync(path) }[process.argv[1]];
      await make("/proc/aura/data").catch((error) => console.log(error.code));
    `;
    const args = ["--input-type=module", "-e", script, name];
    const options = { encoding: "utf8", timeout: 20_000, killSignal: "SIGKILL" } as const;
    expect(execFileSync(process.execPath, args, options)).toBe("ENOENT\n");
  });
});
