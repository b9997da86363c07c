import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHub } from "#src/models/hub.js";
import { removeFile, snapshotFile } from "#src/models/hub-cache.js";
import { FirstUsePins } from "#src/models/pins.js";
import { pullModel } from "#src/models/pull.js";
import { testCall } from "../support/call.js";
import { COMMIT, FakeHub, type Fault } from "./fake-hub.js";

const WEIGHTS = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 31) % 251));
const TOKENIZER = Buffer.from(JSON.stringify({ tokens: ["a", "b"] }));
const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");
const MODEL = { id: "org/model", revision: COMMIT };
const FILES = [{ file: "onnx/model.onnx", sha256: sha256(WEIGHTS), bytes: WEIGHTS.length }, { file: "tokenizer.json" }];

let home: string;
let hub: FakeHub;
let pins: FirstUsePins;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "aura-models-"));
  hub = await FakeHub.start({ "onnx/model.onnx": WEIGHTS, "tokenizer.json": TOKENIZER });
  pins = new FirstUsePins(join(home, "data", "pins.json"));
});
afterEach(async () => {
  await hub.close();
  rmSync(home, { recursive: true, force: true });
});

const cache = () => join(home, "hub");
const weights = () => snapshotFile(cache(), MODEL.id, COMMIT, "onnx/model.onnx");
const blob = () => join(cache(), "models--org--model", "blobs", sha256(WEIGHTS));

async function pull(options: { token?: string; signal?: AbortSignal; files?: typeof FILES; progress?: number[] } = {}) {
  const own = createHub({ endpoint: hub.url, token: options.token, idleTimeoutMs: 300, retryDelayMs: 1 });
  try {
    await pullModel(testCall({ signal: options.signal }), MODEL, options.files ?? FILES, {
      hub: own,
      cache: cache(),
      pins,
      onProgress: (done, total) => options.progress?.push(done / total),
    });
  } finally {
    await own.client.close();
  }
}

function whole(): void {
  expect(readFileSync(weights()).equals(WEIGHTS)).toBe(true);
  expect(readFileSync(snapshotFile(cache(), MODEL.id, COMMIT, "tokenizer.json")).equals(TOKENIZER)).toBe(true);
}

describe("checksums of the first use", () => {
  it("that are no JSON any more are told with their file and what to do", () => {
    pins.set("org/model", "tokenizer.json", sha256(TOKENIZER));
    writeFileSync(pins.path, "{");
    expect(() => pins.get("org/model", "tokenizer.json")).toThrow(
      expect.objectContaining({ code: "config", remedy: expect.stringContaining("remove it") }),
    );
  });
});

describe("a proxy that is not a URL", () => {
  it.each(["proxy.example:8080", "proxy.example", "user:word-1234@proxy.example:8080"])(
    "is told with how to write it, and not shown: %s",
    (httpsProxy) => {
      const making = () => createHub({ httpsProxy });
      expect(making).toThrow(
        expect.objectContaining({ code: "config", remedy: expect.stringContaining("HTTPS_PROXY=http://") }),
      );
      expect(making).not.toThrow(httpsProxy);
    },
  );
});

describe("a pulled model", () => {
  it("lies as the Hub's own tools lay it, with its progress told", async () => {
    const progress: number[] = [];
    await pull({ progress });
    whole();
    expect(realpathSync(weights())).toBe(realpathSync(blob()));
    expect(readFileSync(join(cache(), "models--org--model", "refs", "main"), "utf8")).toBe(COMMIT);
    expect(progress.at(-1)).toBe(1);
    expect([...progress].sort((a, b) => a - b)).toEqual(progress);
  });

  it("is not downloaded again", async () => {
    await pull();
    const before = hub.gets().length;
    await pull();
    expect(hub.gets()).toHaveLength(before);
  });

  it("leaves a main that is there where it is", async () => {
    await pull();
    const main = join(cache(), "models--org--model", "refs", "main");
    writeFileSync(main, "d".repeat(40));
    await pull();
    expect(readFileSync(main, "utf8")).toBe("d".repeat(40));
  });

  it("goes with its blobs when it is removed, but for those that another snapshot shows", async () => {
    await pull();
    expect(await removeFile(cache(), MODEL.id, COMMIT, "onnx/model.onnx")).toBe(true);
    expect(existsSync(blob())).toBe(false);
    expect(await removeFile(cache(), MODEL.id, COMMIT, "onnx/model.onnx")).toBe(false);
  });
});

describe("a file that the catalogue does not pin", () => {
  it("is pinned on first use, and refused when it changes", async () => {
    await pull();
    expect(pins.get(MODEL.id, "tokenizer.json")).toBe(sha256(TOKENIZER));
    await hub.close();
    hub = await FakeHub.start({ "onnx/model.onnx": WEIGHTS, "tokenizer.json": Buffer.from("another") });
    await expect(pull()).rejects.toMatchObject({
      code: "model_failed",
      message: expect.stringContaining(sha256(TOKENIZER)),
    });
  });
});

describe("a download that goes wrong", () => {
  it.each([
    ["twice", 2, false],
    ["by a server that ignores ranges", 1, true],
  ])("because it is cut off, %s, goes on and is whole in the end", async (_what, times, ignoreRange) => {
    const partial = `${blob()}.incomplete`;
    let had = 0;
    const arrived = () => {
      const has = existsSync(partial) ? statSync(partial).size : 0;
      if (has <= had) return false;
      had = has;
      return true;
    };
    hub.fault = { cutAfter: { bytes: 50_000, times, arrived }, ignoreRange };
    await pull();
    whole();
    const ranges = hub.gets().flatMap(({ range }) => range ?? []);
    expect(ranges).toHaveLength(times);
  });

  it("in the middle, by its process's end, is resumed where it stopped", async () => {
    const abort = new AbortController();
    hub.fault = { stall: true };
    const pulling = pull({ signal: abort.signal });
    await expect.poll(() => existsSync(`${blob()}.incomplete`)).toBe(true);
    abort.abort();
    await expect(pulling).rejects.toThrow();
    writeFileSync(`${blob()}.incomplete`, WEIGHTS.subarray(0, 120_000));
    hub.fault = {};
    await pull();
    whole();
    expect(hub.gets().map(({ range }) => range)).toContain("bytes=120000-");
  });

  it.each<[string, Fault, string, RegExp]>([
    ["wrong bytes", { corrupt: true }, "model_failed", /sha256 \w+, expected \w+; it was removed/],
    ["more bytes than are pinned", { tooLong: true }, "model_missing", /longer than the 200000 bytes/],
    ["silence", { stall: true }, "model_missing", /could not be downloaded in 5 tries/],
    ["a redirect that never ends", { redirectLoop: true }, "model_missing", /redirects more than 5 times/],
    ["404", { status: { code: 404, times: 99 } }, "model_missing", /is not there \(404\)/],
    ["401", { status: { code: 401, times: 99 } }, "model_missing", /needs a permission \(401\)/],
  ])("with %s ends with what is wrong, and no file gets its name", async (_what, fault, code, message) => {
    hub.fault = fault;
    await expect(pull()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(existsSync(weights())).toBe(false);
    expect(existsSync(blob())).toBe(false);
  });

  it("with a size that is not the pinned one is refused before a byte is fetched", async () => {
    const files = [{ file: "onnx/model.onnx", sha256: sha256(WEIGHTS), bytes: 5 }];
    await expect(pull({ files })).rejects.toMatchObject({ message: expect.stringContaining("5 are pinned") });
    expect(hub.gets()).toHaveLength(0);
  });
});

describe("the token", () => {
  it("goes to the Hub and never to the host it redirects to", async () => {
    const other = await FakeHub.start(hub.files);
    hub.fault = { redirectTo: other.url };
    await pull({ token: "hf_secret" });
    whole();
    expect(hub.requests.every(({ authorization }) => authorization === "Bearer hf_secret")).toBe(true);
    expect(other.gets().length).toBeGreaterThan(0);
    expect(other.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
    await other.close();
  });
});

describe("two that pull the same model", () => {
  it("download each file once", async () => {
    await Promise.all([pull(), pull()]);
    whole();
    expect(hub.gets()).toHaveLength(FILES.length);
    expect(readdirSync(join(cache(), "models--org--model", "blobs")).sort()).toEqual(
      [sha256(WEIGHTS), sha256(TOKENIZER)].sort(),
    );
  });
});
