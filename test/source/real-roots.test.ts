/** Roots as they are now: through links, gone, or on a share that does not answer. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RealRoot } from "#src/source/real-roots.js";

/** Resolves when the share answers. */
let share: Promise<void>;
const looks = vi.fn();
vi.mock("#src/source/locate.js", async (original) => {
  const actual = await original<typeof import("#src/source/locate.js")>();
  const realFolder = async (path: string) => {
    looks(path);
    await share;
    return actual.realFolder(path);
  };
  return { ...actual, realFolder };
});

let base: string;
beforeEach(() => {
  share = Promise.resolve();
  looks.mockClear();
  base = realpathSync(mkdtempSync(join(tmpdir(), "aura-roots-")));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const link = (target: string, path: string) => symlinkSync(target, path, "junction");

describe("a root", () => {
  it("is where its links lead, one on its way too", async () => {
    mkdirSync(join(base, "real/docs"), { recursive: true });
    link(join(base, "real"), join(base, "link"));
    expect(await new RealRoot(join(base, "link/docs")).path()).toBe(join(base, "real/docs"));
  });

  it("follows a link that is changed", async () => {
    for (const name of ["one", "two"]) mkdirSync(join(base, name));
    link(join(base, "one"), join(base, "current"));
    const root = new RealRoot(join(base, "current"));
    expect(await root.path()).toBe(join(base, "one"));
    rmSync(join(base, "current"));
    link(join(base, "two"), join(base, "current"));
    expect(await root.path()).toBe(join(base, "two"));
  });

  it("that does not exist is where its path says, and stays there when it comes and goes", async () => {
    const root = new RealRoot(join(base, "share/docs"));
    expect(await root.path()).toBe(join(base, "share/docs"));
    mkdirSync(join(base, "share/docs"), { recursive: true });
    expect(await root.path()).toBe(join(base, "share/docs"));
    rmSync(join(base, "share"), { recursive: true });
    expect(await root.path()).toBe(join(base, "share/docs"));
  });

  it("behind a link keeps its place while what the link leads to is gone", async () => {
    mkdirSync(join(base, "mount/docs"), { recursive: true });
    link(join(base, "mount"), join(base, "link"));
    const root = new RealRoot(join(base, "link/docs"));
    expect(await root.path()).toBe(join(base, "mount/docs"));
    rmSync(join(base, "mount"), { recursive: true });
    expect(await root.path()).toBe(join(base, "mount/docs"));
    expect(await new RealRoot(join(base, "link/docs")).path()).toBe(join(base, "mount/docs"));
  });

  it.skipIf(process.platform === "win32")("behind a relative link that leads nowhere is where that says", async () => {
    mkdirSync(join(base, "real/inner"), { recursive: true });
    link(join(base, "real/inner"), join(base, "around"));
    symlinkSync("../gone", join(base, "real/inner/link"));
    expect(await new RealRoot(join(base, "around/link/docs")).path()).toBe(join(base, "real/gone/docs"));
  });

  it("on a share that does not answer is where it was last, and asked for once at a time", async () => {
    mkdirSync(join(base, "one"));
    mkdirSync(join(base, "two"));
    link(join(base, "one"), join(base, "current"));
    const root = new RealRoot(join(base, "current"));
    expect(await root.path()).toBe(join(base, "one"));
    let answer: () => void = () => undefined;
    share = new Promise((resolve) => {
      answer = resolve;
    });
    rmSync(join(base, "current"));
    link(join(base, "two"), join(base, "current"));
    expect(await Promise.all([root.path(), root.path(), root.path()])).toEqual(Array(3).fill(join(base, "one")));
    expect(looks).toHaveBeenCalledTimes(2);
    answer();
    expect(await root.path()).toBe(join(base, "two"));
    expect(await new RealRoot(join(base, "current")).path()).toBe(join(base, "two"));
  });

  it("behind links in a circle is where its path says", async () => {
    link(join(base, "two"), join(base, "one"));
    link(join(base, "one"), join(base, "two"));
    expect((await new RealRoot(join(base, "one/docs")).path()).startsWith(base)).toBe(true);
  });
});
