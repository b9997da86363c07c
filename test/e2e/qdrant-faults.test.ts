/**
 * What lies between the server and a Qdrant fails, in every way there is: the same server answers through all of it.
 * Behind the proxy stands the stub, and a real Qdrant too when QDRANT_TEST_URL names one.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fault, FaultyProxy } from "../store/qdrant/proxy.js";
import { Stub } from "../store/qdrant/stub.js";
import { freePort } from "../support/free-port.js";
import {
  cleanUp,
  folderOf,
  longDocuments,
  newFolder,
  onCleanUp,
  PATIENCE_MS,
  type RawServer,
  run,
  type Settings,
  startServer,
  until,
} from "./server.js";

const real = process.env.QDRANT_TEST_URL?.split(",")[0];
const POOL_TIMEOUT_S = 1.5;
/** Long enough to be seen open on a busy machine. */
const RESET_S = 2;

const answer = (status: number, body: string, rest: object = {}): Fault => ({
  kind: "answer",
  answer: { status, body, ...rest },
});
const error = (text: string) => JSON.stringify({ status: { error: text } });

interface Row {
  readonly fault: Fault;
  readonly code: string;
  readonly says: RegExp;
  /** Whether a call repeats its requests. */
  readonly retried: boolean;
  /** Whether it speaks against the server, so that the breaker opens in the end. */
  readonly counted: boolean;
}
const down = { code: "store_down", retried: true, counted: true };
const silent = { code: "timeout", says: /did not answer within 1.5 s/, retried: false, counted: true };
const refused = { retried: false, counted: false };

const ROWS: Readonly<Record<string, Row>> = {
  "connections refused": { ...down, fault: { kind: "refuse" }, says: /cannot be reached \(ECONNREFUSED\)/ },
  "an answer reset in the middle": { ...down, fault: { kind: "reset" }, says: /broke the connection off/ },
  "a black hole": { ...silent, fault: { kind: "silent" } },
  "answers 30 s late": { ...silent, fault: { kind: "delay", ms: 30_000 } },
  "a body that drips": { ...silent, fault: { kind: "drip", everyMs: 100 } },
  "status 408": {
    code: "timeout",
    retried: true,
    counted: true,
    fault: answer(408, error("Timeout error: Operation timed out after 60 seconds")),
    says: /did not come to an end in its own time: the server said: "Timeout error/,
  },
  "status 500": {
    ...down,
    fault: answer(500, error("Service internal error: raft")),
    says: /HTTP 500: the server said: "Service internal/,
  },
  "status 503": { ...down, fault: answer(503, error("starting")), says: /HTTP 503: the server said: "starting"/ },
  "garbage for JSON": { ...down, fault: answer(200, '{"result": [{"id'), says: /broken JSON/ },
  "a page for people": {
    ...refused,
    code: "config",
    fault: answer(200, "<html><h1>Welcome</h1></html>", { type: "text/html" }),
    says: /not JSON/,
  },
  "429 with Retry-After": {
    code: "rate_limited",
    retried: true,
    counted: false,
    fault: answer(429, error("Rate limiter is exceeded"), { headers: { "retry-after": "1" } }),
    says: /limits the rate/,
  },
  "429 without Retry-After": {
    ...refused,
    code: "bad_request",
    fault: answer(429, error("request larger than rate limiter capacity")),
    says: /larger than/,
  },
};

const BACKENDS = [
  ["the stub", startStub],
  ...(real === undefined ? [] : [["a real Qdrant", async () => real] as const]),
] as const;

async function startStub(): Promise<string> {
  const stub = await Stub.start();
  onCleanUp(() => stub.close());
  return stub.url;
}

if (real === undefined) {
  describe("between a real Qdrant and us", () => {
    it.skip("faults are survived (skipped: QDRANT_TEST_URL names no server)");
  });
}

describe.each(BACKENDS)("between %s and us", (_name, start) => {
  let proxy: FaultyProxy;
  let server: RawServer;
  let port: number;
  let settings: Settings;

  beforeAll(async () => {
    const source = folderOf(longDocuments(6, "ledger"));
    proxy = await FaultyProxy.start(await start());
    onCleanUp(() => proxy.close());
    port = await freePort();
    settings = {
      QDRANT_URL: proxy.url,
      QDRANT_COLLECTION: `faults-${process.pid}-${Date.now()}`,
      QDRANT_POOL_TIMEOUT: String(POOL_TIMEOUT_S),
      QDRANT_POOL_MAX_RETRIES: "2",
      QDRANT_POOL_RETRY_DELAY: "0.05",
      QDRANT_CIRCUIT_RESET_TIMEOUT: String(RESET_S),
      METRICS_PORT: String(port),
      RETRIEVAL_ROOTS: source,
    };
    const { code, stderr } = await run(["index", source], newFolder(), settings);
    expect(code, stderr).toBe(0);
    server = await startServer(newFolder(), settings);
    await server.ask("retrieve", { query: "ledger" });
    // The metrics port opens a moment after the handshake.
    const isOpen = () =>
      scrape(port).then(
        () => true,
        () => false,
      );
    expect(await until(isOpen, PATIENCE_MS)).toBe(true);
  });
  afterAll(cleanUp);

  const metrics = () => scrape(port);
  const recovered = () => until(async () => !(await server.call("retrieve", { query: "ledger" })).isError, PATIENCE_MS);

  it.each(Object.entries(ROWS))(
    "%s: is a typed error in time, counted, told by health, and over when it is over",
    async (_what, { fault, code, says, retried, counted }) => {
      expect(await recovered()).toBe(true);
      const before = await metrics();
      await proxy.fail(fault);

      const began = performance.now();
      const refusal = await server.refuse("retrieve", { query: "ledger" });
      expect(performance.now() - began).toBeLessThan(POOL_TIMEOUT_S * 1_000 + 3_000);
      expect(refusal).toMatchObject({
        code,
        message: expect.stringMatching(says),
        remedy: expect.stringMatching(/\w/),
      });
      expect(refusal.runbook).toBe(`docs/runbook.md#${code}`);

      const health = await server.ask("health");
      expect(health).toMatchObject({ status: "down", store: { state: "down", remedy: expect.stringMatching(/\w/) } });
      const after = await metrics();
      expect(after.errors - before.errors).toBeGreaterThan(0);
      expect(after.retries > before.retries).toBe(retried);

      await Promise.all(Array.from({ length: 6 }, () => server.call("retrieve", { query: "ledger" })));
      expect((await metrics()).open).toBe(counted ? 1 : 0);
      if (counted) {
        const asked = performance.now();
        const withheld = await server.refuse("retrieve", { query: "ledger" });
        expect(performance.now() - asked).toBeLessThan(1_000);
        expect(withheld).toMatchObject({ code: "store_down", retry_after_ms: expect.any(Number) });
        expect(withheld.message).toMatch(/is not asked after 5 failures in a row; the next try is in/);
      }

      await proxy.fail({ kind: "none" });
      expect(await recovered()).toBe(true);
      expect(await metrics()).toMatchObject({ open: 0, active: 0, waiting: 0 });
      expect(await server.ask("health")).toMatchObject({ store: { state: "ok" } });
    },
    2 * PATIENCE_MS,
  );

  it("a call that is cancelled, or over its own deadline, leaves nothing in the pool", async () => {
    expect(await recovered()).toBe(true);
    const own = await freePort();
    const patient = { ...settings, METRICS_PORT: String(own), QDRANT_POOL_TIMEOUT: "120", CALL_TIMEOUT_MS: "4000" };
    const other = await startServer(newFolder(), patient);
    await other.ask("retrieve", { query: "ledger" });
    const inFlight = async () => (await scrape(own)).active;
    await proxy.fail({ kind: "silent" });
    expect(await other.refuse("retrieve", { query: "ledger" })).toMatchObject({ code: "timeout" });
    expect(await until(async () => (await inFlight()) === 0, 2_000)).toBe(true);
    const { id } = other.start("retrieve", { query: "ledger" });
    expect(await until(async () => (await inFlight()) > 0, 3_000)).toBe(true);
    other.cancel(id);
    expect(await until(async () => (await inFlight()) === 0, 2_000)).toBe(true);
    await proxy.fail({ kind: "none" });
    await other.end();
  });

  it("half-open connections cost a time-out each at most, and the next call finds the server", async () => {
    expect(await recovered()).toBe(true);
    await proxy.fail({ kind: "half-open" });
    let failed = 0;
    expect(
      await until(async () => {
        const { isError, structuredContent } = await server.call("retrieve", { query: "ledger" });
        if (isError) expect(structuredContent.error.code).toBe("timeout");
        if (isError) failed++;
        return !isError;
      }, PATIENCE_MS),
    ).toBe(true);
    expect(failed).toBeLessThanOrEqual(3);
    expect((await metrics()).open).toBe(0);
    await proxy.fail({ kind: "none" });
  });

  it("cut off again and again in a re-index: what is done stays done, and the job ends or says why", async () => {
    expect(await recovered()).toBe(true);
    const more = folderOf(longDocuments(60, "archive"));
    const child = run(["index", more, "--json"], newFolder(), { ...settings, METRICS_PORT: "0" });
    let over = false;
    void child.then(() => {
      over = true;
    });
    while (!over) {
      await proxy.fail({ kind: "reset" });
      await new Promise((done) => setTimeout(done, 20));
      await proxy.fail({ kind: "none" });
      await new Promise((done) => setTimeout(done, 200));
    }
    const { code, stdout } = await child;
    if (code !== 0) expect(JSON.parse(stdout).error.code).toBe("store_down");
    const again = await run(["index", more, "--json"], newFolder(), { ...settings, METRICS_PORT: "0" });
    expect(again.code, again.stderr).toBe(0);
    const { documents } = JSON.parse(again.stdout).job;
    expect(documents.added + documents.changed + documents.unchanged).toBe(60);
    for (const word of ["ledger", "archive"]) {
      const { results } = await server.ask("retrieve", { query: word, mode: "lexical" });
      expect(results[0].source.document).toContain(word);
    }
  });

  it("nothing of all that ended the server or left a promise without an ear", async () => {
    expect(server.process.exitCode).toBeNull();
    expect(server.stderr).not.toMatch(/unhandled|uncaught/i);
    for (const line of server.stdoutLines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
    expect(await recovered()).toBe(true);
  });
});

async function scrape(port: number) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const sum = (pattern: RegExp) =>
    text
      .split("\n")
      .filter((line) => pattern.test(line))
      .reduce((total, line) => total + Number(line.split(" ").at(-1)), 0);
  return {
    errors: sum(/^qdrant_requests_total\{.*status="error"/),
    retries: sum(/^qdrant_retry_attempts_total/),
    open: sum(/^qdrant_circuit_breaker_open/),
    active: sum(/^qdrant_pool_active/),
    waiting: sum(/^qdrant_pool_waiting/),
  };
}
