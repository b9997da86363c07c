import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FollowedFile } from "#src/files/followed-file.js";
import { readSecret } from "#src/files/secret-file.js";

let folder: string;
let now = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aura-secret-"));
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const follow = (path: string) => new FollowedFile(path, { lookEveryMs: 1_000, read: readSecret });

const later = () => {
  now += 1_000;
};

it("is read again a second after it was exchanged, whole files only", () => {
  const path = join(folder, "key");
  writeFileSync(path, "first\n");
  const file = follow(path);
  expect(file.value).toBe("first");
  writeFileSync(path, "the second one\n");
  expect(file.value).toBe("first");
  later();
  expect(file.value).toBe("the second one");
  writeFileSync(path, "");
  later();
  expect(file.value).toBe("the second one");
  rmSync(path);
  later();
  expect(file.value).toBe("the second one");
  writeFileSync(path, "third");
  later();
  expect(file.value).toBe("third");
});

it("is followed where a mounted Secret is exchanged: a link that leads elsewhere", () => {
  for (const name of ["one", "two"]) writeFileSync(join(folder, name), name);
  const path = join(folder, "key");
  symlinkSync("one", path);
  const file = follow(path);
  symlinkSync("two", join(folder, "next"));
  renameSync(join(folder, "next"), path);
  later();
  expect(file.value).toBe("two");
});

it("is refused at once where it is missing, empty or no secret's size", () => {
  const path = join(folder, "key");
  expect(() => follow(path)).toThrow(/ENOENT/);
  writeFileSync(path, " \n");
  expect(() => follow(path)).toThrow(/empty/);
  writeFileSync(path, "x".repeat(20_000));
  expect(() => follow(path)).toThrow(/longer/);
});
