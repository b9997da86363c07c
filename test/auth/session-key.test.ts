import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readSessionKey } from "#src/auth/session-key.js";

function keyFile(bytes: number, mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), "aura-key-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "key");
  writeFileSync(path, randomBytes(bytes));
  chmodSync(path, mode);
  return path;
}

it("a key is read from a file of its user's own", () => {
  for (const mode of [0o600, 0o400]) expect(readSessionKey(keyFile(32, mode))).toHaveLength(32);
});

it("a key that is too short is refused with how to make one", () => {
  expect(() => readSessionKey(keyFile(31, 0o600))).toThrow(/HTTP_SESSION_KEY_FILE=.* holds less than 32 bytes/);
});

it("a file that is not there is refused", () => {
  expect(() => readSessionKey("/nowhere/key")).toThrow("HTTP_SESSION_KEY_FILE=/nowhere/key cannot be read: ENOENT.");
});

it.skipIf(process.platform === "win32").each([0o640, 0o604, 0o660, 0o644])(
  "a file that others can read is refused (mode %o)",
  (mode) => {
    expect(() => readSessionKey(keyFile(32, mode))).toThrow(/can be read by others/);
  },
);
