import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Failures } from "#src/auth/failures.js";
import { hashOf, newToken } from "#src/auth/token.js";
import { addToken, readTokens, revokeToken } from "#src/auth/token-file.js";
import { TokenList } from "#src/auth/token-list.js";

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "aura-tokens-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "below", "tokens.json");
}

describe("a token", () => {
  it("has a beginning that programs look for, and an end that tells it from chance", () => {
    const token = newToken();
    expect(token).toMatch(/^aura_[A-Za-z0-9_-]{49}$/);
    expect(newToken()).not.toBe(token);
    expect(hashOf(token)).toMatch(/^[0-9a-f]{64}$/);
    const last = token.endsWith("A") ? "B" : "A";
    for (const other of [`${token.slice(0, -1)}${last}`, token.slice(1), `${token}A`, token.toUpperCase(), "", "aura_"])
      expect(hashOf(other)).toBeUndefined();
  });
});

describe("the file of tokens", () => {
  it("is made for its user alone, and never has a token in it", async () => {
    const path = newPath();
    const token = await addToken(path, "ann", undefined);
    const text = readFileSync(path, "utf8");
    expect(text).not.toContain(token);
    expect(text).not.toContain(token.slice(5, 20));
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readTokens(path)).toMatchObject([{ name: "ann", sha256: hashOf(token) }]);
  });

  it("takes changes of many at once, each whole", async () => {
    const path = newPath();
    const names = Array.from({ length: 12 }, (_, i) => `user-${i}`);
    await Promise.all(names.map((name) => addToken(path, name, undefined)));
    expect(
      readTokens(path)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...names].sort());
    await Promise.all(names.slice(1).map((name) => revokeToken(path, name)));
    expect(readTokens(path).map(({ name }) => name)).toEqual(["user-0"]);
    expect(existsSync(`${path}.${process.pid}.tmp`)).toBe(false);
  });

  it("has one token of a name, of names that spans can have", async () => {
    const path = newPath();
    await addToken(path, "ann@example.com", undefined);
    await expect(addToken(path, "ann@example.com", undefined)).rejects.toMatchObject({ code: "conflict" });
    await expect(revokeToken(path, "bob")).rejects.toMatchObject({ code: "not_found" });
    for (const name of ["", " ", "a b", "a\nb", ".a", "x".repeat(65), "ä"])
      await expect(addToken(path, name, undefined)).rejects.toMatchObject({ code: "bad_request" });
  });

  it.each([
    ["no JSON", "{", /is no file of tokens: it is not valid JSON/],
    ["another form", '{"tokens":{}}', /is no file of tokens: tokens: /],
    ["a token itself", '{"tokens":[{"name":"a","token":"aura_x"}]}', /is no file of tokens: /],
    ["a field that is unknown", '{"tokens":[],"secret":"x"}', /is no file of tokens: /],
  ])("is refused when it has %s, without its content", (_name, text, reason) => {
    const path = join(newPath(), "../../tokens.json");
    writeFileSync(path, text, { mode: 0o600 });
    expect(() => readTokens(path)).toThrow(reason);
    expect(() => readTokens(path)).not.toThrow(/aura_x/);
  });
});

describe("the list of tokens", () => {
  it("knows owners by their tokens, until those expire", async () => {
    const path = newPath();
    const [forEver, forNow] = [
      await addToken(path, "ann", undefined),
      await addToken(path, "bob", new Date(Date.now() + 60_000)),
    ];
    const tokens = new TokenList(path, () => undefined);
    expect([tokens.ownerOf(forEver), tokens.ownerOf(forNow), tokens.ownerOf(newToken())]).toEqual([
      "ann",
      "bob",
      undefined,
    ]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_001 });
    onTestFinished(() => void vi.useRealTimers());
    expect([tokens.ownerOf(forEver), tokens.ownerOf(forNow)]).toEqual(["ann", undefined]);
  });

  it("follows its file within a second", async () => {
    const path = newPath();
    const ann = await addToken(path, "ann", undefined);
    const tokens = new TokenList(path, () => undefined);
    const bob = await addToken(path, "bob", undefined);
    await expect.poll(() => tokens.ownerOf(bob), { timeout: 1_000 }).toBe("bob");
    await revokeToken(path, "ann");
    await expect.poll(() => tokens.ownerOf(ann), { timeout: 1_000 }).toBeUndefined();
  });

  it("stays as it was when its file becomes unusable, and says so once", async () => {
    const path = newPath();
    const ann = await addToken(path, "ann", undefined);
    const problems: string[] = [];
    const tokens = new TokenList(path, ({ message }) => problems.push(message));
    const spoil: (() => void)[] = [() => writeFileSync(path, "{"), () => rmSync(path)];
    if (process.platform !== "win32") spoil.unshift(() => chmodSync(path, 0o644));
    for (const [index, step] of spoil.entries()) {
      step();
      await expect.poll(() => tokens.ownerOf(ann) === "ann" && problems.length, { timeout: 2_000 }).toBe(index + 1);
    }
    expect(problems.join("\n")).toMatch(/can be read by others[\s\S]*(not valid JSON|others)[\s\S]*ENOENT/);
    const bob = await addToken(path, "bob", undefined);
    await expect.poll(() => tokens.ownerOf(bob), { timeout: 1_000 }).toBe("bob");
    expect(tokens.ownerOf(ann)).toBeUndefined();
  });
});

describe("failures", () => {
  it("of one address are too many from the eleventh in a minute on", () => {
    let now = 0;
    const failures = new Failures(() => now);
    for (let i = 0; i < 10; i++) expect(failures.add("a")).toBe(0);
    now = 20_000;
    expect(failures.add("a")).toBe(40_000);
    expect(failures.add("b")).toBe(0);
    now = 60_000;
    expect(failures.add("a")).toBe(0);
  });

  it("are remembered of so many addresses only", () => {
    const failures = new Failures(() => 0);
    for (let i = 0; i < 11; i++) failures.add("first");
    for (let i = 0; i < 10_000; i++) failures.add(`other-${i}`);
    expect(failures.add("first")).toBe(0);
  });
});
