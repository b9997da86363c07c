import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseSettings, SETTINGS } from "#src/config/settings.js";

const code = Object.fromEntries(Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]));

/** Rows like "| `NAME` | `default` or – | meaning |". */
function readmeTable(): Record<string, string | undefined> {
  const rows = readFileSync("README.md", "utf8").matchAll(/^\| *`([A-Z][A-Z0-9_]+)` *\| *([^|]*?) *\|/gm);
  return Object.fromEntries([...rows].map(([, name, value]) => [name, /^`(.*)`$/.exec(value as string)?.[1]]));
}

/** Lines like "# NAME=default". */
function envExample(): Record<string, string | undefined> {
  const lines = readFileSync(".env.example", "utf8").matchAll(/^#? ?([A-Z][A-Z0-9_]+)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value?.trim() || undefined]));
}

describe("settings, documented", () => {
  it("are the same names and defaults in the README's table as in the code", () => {
    expect(readmeTable()).toEqual(code);
  });

  it("are the same names and defaults in .env.example as in the code", () => {
    expect(envExample()).toEqual(code);
  });

  it("each say what they mean", () => {
    for (const [name, { meaning }] of Object.entries(SETTINGS)) expect(`${name}: ${meaning}`).toMatch(/: \S.{5,}/);
  });

  it("have defaults that their own schemas accept", () => {
    expect(parseSettings({}).problems).toEqual([]);
  });

  it("say in the README when a change of them applies", () => {
    const readme = readFileSync("README.md", "utf8");
    const rows = readme.matchAll(/^\| *`([A-Z][A-Z0-9_]+)` *\|[^|]*\|[^|]*\| *([a-z]+) *\|$/gm);
    const said = Object.fromEntries([...rows].map(([, name, scope]) => [name, scope]));
    const scopes = Object.entries(SETTINGS).map(([name, { scope }]) => [name, scope]);
    expect(said).toEqual(Object.fromEntries(scopes));
  });
});
