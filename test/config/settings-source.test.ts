import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type SettingsSource, settingsSource, watchFiles } from "#src/config/settings-source.js";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aura-settings-"));
  file = join(folder, "settings.env");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a settings file", () => {
  it("stands under the environment", () => {
    writeFileSync(file, "A=file\nB=file\n");
    expect(settingsSource({ B: "environment" }, file).read()).toEqual({ A: "file", B: "environment" });
    expect(settingsSource({ B: "environment" }).read()).toEqual({ B: "environment" });
  });

  it("stands under no empty value of the environment, but for the one that means something", () => {
    writeFileSync(file, "A=file\nEMBEDDING_MODEL=file\n");
    expect(settingsSource({ A: " ", EMBEDDING_MODEL: "" }, file).read()).toEqual({ A: "file", EMBEDDING_MODEL: "" });
  });

  it.each([
    ["comments and empty lines", "# a comment\n\n  # another\nA=1\n", { A: "1" }],
    ["quotation marks over several lines", 'A="one\ntwo"\nB=2\n', { A: "one\ntwo", B: "2" }],
    ["export", "export A=1\n", { A: "1" }],
    ["carriage returns", "A=1\r\nB=2\r\n", { A: "1", B: "2" }],
    ["a byte order mark", "\uFEFFA=1\nB=2\n", { A: "1", B: "2" }],
    [
      "a comment with a quotation mark that is not closed",
      '# use B="x to try\n  # or B="y\nA=1 # not B="z\n',
      { A: "1" },
    ],
    ["the sign of a comment inside quotation marks", 'A="one\n  # two"\n', { A: "one\n  # two" }],
    ["a value that is empty above one in quotation marks", 'A=\nB="b"\n', { A: "", B: "b" }],
    ["no line end at its end", "A=1\nB=", { A: "1", B: "" }],
  ])("may have %s", (_what, text, values) => {
    writeFileSync(file, text);
    expect(settingsSource({}, file).read()).toEqual(values);
  });

  it.each([
    ["a name without a value", "A=1\nRERANK_ENA"],
    ["a quotation mark that is not closed", 'A="one\nB=2\n'],
    ["blanks before such a quotation mark", 'A= "one\nB=2\n'],
    ["words", "these are no settings\n"],
  ])("with %s is half written", (_what, text) => {
    writeFileSync(file, text);
    const refused = { code: "config", message: expect.stringContaining("half written") };
    expect(() => settingsSource({}, file).read()).toThrow(expect.objectContaining(refused));
  });

  it("that is not there, or far too long, is a configuration error", () => {
    expect(() => settingsSource({}, file).read()).toThrow(expect.objectContaining({ code: "config" }));
    writeFileSync(file, `A=${"x".repeat(1_000_001)}`);
    expect(() => settingsSource({}, file).read()).toThrow(expect.objectContaining({ code: "config" }));
  });
});

describe("a file that is watched", () => {
  const PATIENCE = { timeout: 10_000, interval: 20 };

  /** Read once, and again at each change. */
  function watched(source: SettingsSource) {
    const read = () => {
      try {
        source.read();
      } catch {
        // what is wrong is the reader's
      }
    };
    read();
    const seen = vi.fn(read);
    return { seen, watching: watchFiles(source, seen) };
  }

  it("is seen when it changed between its first reading and the beginning of the watch", async () => {
    writeFileSync(file, "A=1\n");
    const source = settingsSource({}, file);
    source.read();
    writeFileSync(file, "A=22\n");
    const seen = vi.fn(() => void source.read());
    const watching = watchFiles(source, seen);
    await vi.waitFor(() => expect(seen).toHaveBeenCalledTimes(1), PATIENCE);
    watching.close();
  });

  it("may be one of profiles that is named before it is there", async () => {
    const profiles = join(folder, "profiles.json");
    writeFileSync(file, "A=1\n");
    const { seen, watching } = watched(settingsSource({}, file));
    writeFileSync(file, `RETRIEVAL_PROFILES_FILE=${profiles}\n`);
    await vi.waitFor(() => expect(seen).toHaveBeenCalledTimes(1), PATIENCE);
    writeFileSync(profiles, "{}");
    await vi.waitFor(() => expect(seen).toHaveBeenCalledTimes(2), PATIENCE);
    watching.close();
  });

  it.each<[string, () => void]>([
    ["edited in place", () => writeFileSync(file, "A=22\n")],
    [
      "replaced",
      () => {
        writeFileSync(`${file}.new`, "A=2\n");
        renameSync(`${file}.new`, file);
      },
    ],
    ["removed", () => rmSync(file)],
    [
      "made a link to itself",
      () => {
        rmSync(file);
        symlinkSync(file, file);
      },
    ],
    [
      "below a folder that became a file",
      () => {
        rmSync(folder, { recursive: true });
        writeFileSync(folder, "");
      },
    ],
  ])("is seen when it is %s, once", async (_what, change) => {
    writeFileSync(file, "A=1\n");
    const { seen, watching } = watched(settingsSource({}, file));
    change();
    await vi.waitFor(() => expect(seen).toHaveBeenCalled(), PATIENCE);
    await new Promise((done) => setTimeout(done, 700));
    expect(seen).toHaveBeenCalledTimes(1);
    watching.close();
  });

  it("is seen when a link two folders up is pointed elsewhere", async () => {
    for (const version of ["v1", "v2"]) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, "settings.env"), "A=1\n");
    }
    symlinkSync("v1", join(folder, "data"));
    symlinkSync(join("data", "settings.env"), file);
    const { seen, watching } = watched(settingsSource({}, file));
    symlinkSync("v2", join(folder, "data.new"));
    renameSync(join(folder, "data.new"), join(folder, "data"));
    await vi.waitFor(() => expect(seen).toHaveBeenCalledTimes(1), PATIENCE);
    watching.close();
  });
});
