/** The way to a Qdrant under every fault that a server on this machine can show: what the caller gets, and what is counted. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type AppError, toAppError } from "#src/core/errors.js";
import { Credentials } from "#src/store/qdrant/credentials.js";
import { Transport, type TransportOptions } from "#src/store/qdrant/transport.js";
import { anything } from "#src/store/shapes.js";
import { testCall } from "../../support/call.js";
import { freePort } from "../../support/free-port.js";

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

const KEY = "very-secret-key";
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

interface Fake {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  readonly requests: IncomingMessage[];
  readonly sockets: Set<Socket>;
}

async function fake(answer: Answer, port = 0): Promise<Fake> {
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response, requests.length);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((done) => server.close(done));
  };
  open.push({ close });
  const { port: bound } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${bound}`, port: bound, server, requests, sockets };
}

const json = (response: ServerResponse, status: number, body: unknown, headers = {}) =>
  response
    .writeHead(status, { "content-type": "application/json", ...headers })
    .end(typeof body === "string" ? body : JSON.stringify(body));
const ok: Answer = (_request, response) => json(response, 200, { result: { fine: true }, status: "ok", time: 0 });
const failure = (status: number, error: string, headers = {}): Answer => {
  return (_request, response) => json(response, status, { status: { error } }, headers);
};
/** The first answers in order, the last one for ever. */
const inTurn = (...answers: Answer[]): Answer => {
  return (request, response, count) =>
    (answers[Math.min(count, answers.length) - 1] as Answer)(request, response, count);
};

function transport(urls: string, options: Partial<TransportOptions> = {}) {
  const events = { retries: 0, outcomes: [] as string[], breaker: [] as string[] };
  const transportOptions = {
    urls,
    poolSize: 3,
    timeoutMs: 2_000,
    maxRetries: 2,
    retryDelayMs: 5,
    failureThreshold: 5,
    resetMs: 60_000,
    onRetry: () => events.retries++,
    onRequest: ({ operation, status, code }) => events.outcomes.push(`${operation} ${status} ${code}`.trim()),
    onBreaker: (state) => events.breaker.push(state),
    ...options,
  } satisfies TransportOptions;
  const made = new Transport(transportOptions, new Credentials({ apiKey: KEY }));
  open.push(made);
  return { transport: made, events };
}
const get = { operation: "probe", method: "GET", path: "/aliases", result: anything } as const;
const errorOf = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    (value) => expect.unreachable(JSON.stringify(value)),
    (error: unknown) => toAppError(error),
  );

describe("a request", () => {
  it("brings the result, with the key, uncompressed, on kept connections", async () => {
    const server = await fake(ok);
    const { transport: own, events } = transport(`${server.url}/prefix/`);
    for (let i = 0; i < 5; i++) expect(await own.call(get)).toEqual({ fine: true });
    const [request] = server.requests;
    expect(request?.url).toBe("/prefix/aliases");
    expect(request?.headers).toMatchObject({ "api-key": KEY, "accept-encoding": "identity" });
    expect(server.sockets.size).toBeLessThan(5);
    expect(events.outcomes).toEqual(Array(5).fill("probe ok"));
  });

  it("never has more companions than the pool's size", async () => {
    let active = 0;
    let most = 0;
    const server = await fake((request, response, count) => {
      most = Math.max(most, ++active);
      setTimeout(() => {
        active--;
        ok(request, response, count);
      }, 10);
    });
    const { transport: own } = transport(server.url);
    await Promise.all(Array.from({ length: 20 }, () => own.call(get)));
    expect(most).toBe(3);
  });
});

describe("a fault", () => {
  const cases: [string, Answer, { code: string; says: RegExp; asked: number; counted: boolean }][] = [
    [
      "500",
      failure(500, "Service internal error"),
      { code: "store_down", says: /HTTP 500: the server said: "Service internal error"/, asked: 2, counted: true },
    ],
    ["503", failure(503, "later"), { code: "store_down", says: /HTTP 503/, asked: 2, counted: true }],
    [
      "502 of a proxy",
      (_request, response) =>
        response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad <b>gateway</b></h1>"),
      { code: "store_down", says: /Bad gateway/, asked: 2, counted: true },
    ],
    [
      "broken JSON",
      (_request, response) => json(response, 200, '{"result": {'),
      { code: "store_down", says: /broken JSON/, asked: 2, counted: true },
    ],
    [
      "a body cut short",
      (_request, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
        response.write('{"result": ');
        setTimeout(() => response.destroy(), 5);
      },
      { code: "store_down", says: /broke the connection off/, asked: 3, counted: true },
    ],
    [
      "connections that are reset",
      (request) => request.socket.resetAndDestroy(),
      { code: "store_down", says: /broke the connection off/, asked: 3, counted: true },
    ],
    [
      "an HTML page",
      (_request, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>Welcome"),
      { code: "config", says: /not JSON/, asked: 1, counted: false },
    ],
    [
      "JSON of something else",
      (_request, response) => json(response, 200, { hello: 1 }),
      { code: "config", says: /no `result`/, asked: 1, counted: false },
    ],
    [
      "a redirect",
      (_request, response) => response.writeHead(308, { location: "https://elsewhere.test/" }).end(),
      { code: "config", says: /redirects/, asked: 1, counted: false },
    ],
    [
      "401",
      (_request, response) => json(response, 401, '"Must provide an API key"'),
      { code: "config", says: /refuses the key/, asked: 1, counted: false },
    ],
    [
      "403",
      failure(403, "Global manage access is required"),
      { code: "config", says: /refuses the key \(HTTP 403\): .*Global manage/, asked: 1, counted: false },
    ],
    [
      "413 of a proxy",
      (_request, response) => response.writeHead(413).end("Payload Too Large"),
      { code: "config", says: /takes no request of this size/, asked: 1, counted: false },
    ],
    [
      "a body larger than the server's limit",
      failure(400, "JSON payload (40000064 bytes) is larger than allowed (limit: 33554432 bytes)."),
      { code: "config", says: /takes no request of this size/, asked: 1, counted: false },
    ],
    [
      "404 of a Qdrant",
      failure(404, "Not found: Collection `x` doesn't exist!"),
      { code: "not_found", says: /doesn't exist/, asked: 1, counted: false },
    ],
    [
      "404 of something else",
      (_request, response) => response.writeHead(404).end(),
      { code: "config", says: /no Qdrant/, asked: 1, counted: false },
    ],
    [
      "409",
      failure(409, "Collection `x` already exists!"),
      { code: "conflict", says: /already exists/, asked: 1, counted: false },
    ],
    [
      "a dimension that does not fit",
      failure(400, "Wrong input: Vector dimension error: expected dim: 4, got 3"),
      { code: "mismatch", says: /dimension/, asked: 1, counted: false },
    ],
    [
      "strict mode",
      failure(400, 'Bad request: Index required but not found for "n"'),
      { code: "bad_request", says: /Index required/, asked: 1, counted: false },
    ],
    ...[
      "Bad request: Filter condition limit reached (4 > 3).",
      "Bad request: Condition size limit reached (4 > 3).",
      "Bad request: Collection already has the maximum number of payload indices (1).",
      "Bad request: Exact search disabled!",
      'Bad request: Limit exceeded 50 > 5 for "limit".',
      "Wrong input: No appropriate index for faceting: `zz`.",
    ].map((says): (typeof cases)[number] => [
      `strict mode: ${says}`,
      failure(400, says),
      { code: "bad_request", says: /The Qdrant refuses it/, asked: 1, counted: false },
    ]),
    [
      "a request it does not know",
      failure(422, "Validation error"),
      { code: "bug", says: /Validation error/, asked: 1, counted: false },
    ],
    [
      "a rate limit",
      failure(429, "too fast", { "retry-after": "0" }),
      { code: "rate_limited", says: /too fast/, asked: 3, counted: false },
    ],
    [
      "a rate limit that is far away",
      failure(429, "too fast", { "retry-after": "30" }),
      { code: "rate_limited", says: /too fast/, asked: 1, counted: false },
    ],
    [
      "a request beyond the rate",
      failure(429, "request larger than rate limiter capacity"),
      { code: "bad_request", says: /larger/, asked: 1, counted: false },
    ],
  ];
  it.each(cases)("%s is a typed error", async (what, answer, { code, says, asked, counted }) => {
    const server = await fake(answer);
    const { transport: own, events } = transport(server.url, { failureThreshold: 2 });
    const error = await errorOf(own.call(get));
    expect(error).toMatchObject({ code, message: expect.stringMatching(says) });
    expect(error.remedy).not.toBe("");
    expect(`${error.message}${error.remedy}`).not.toContain(KEY);
    // The breaker opens at the second failure that counts; what breaks off counts from the second time on.
    expect(server.requests).toHaveLength(asked);
    expect(own.status.breaker).toBe(counted ? "open" : "closed");
    const [status] = /^\d{3}/.exec(what) ?? [];
    expect(events.outcomes).toEqual(
      status === undefined ? [expect.stringMatching(/^probe error( \d{3})?$/)] : [`probe error ${status}`],
    );
  });

  it("that passes is survived: the call works, and the breaker stays closed", async () => {
    const server = await fake(inTurn(failure(503, "starting"), failure(500, "raft"), ok));
    const { transport: own, events } = transport(server.url);
    expect(await own.call(get)).toEqual({ fine: true });
    expect(events.retries).toBe(2);
    expect(own.status.breaker).toBe("closed");
  });

  it("of a call that must not be repeated is told at once", async () => {
    const server = await fake(failure(500, "raft"));
    const { transport: own } = transport(server.url);
    expect(await errorOf(own.call({ ...get, retry: false }))).toMatchObject({ code: "store_down" });
    expect(server.requests).toHaveLength(1);
  });

  it("waits as long as a rate limit says, also by a date", async () => {
    const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1_000);
    const server = await fake(inTurn(failure(429, "too fast", { "retry-after": at.toUTCString() }), ok));
    const { transport: own } = transport(server.url, { timeoutMs: 5_000 });
    await own.call(get);
    expect(Date.now()).toBeGreaterThanOrEqual(at.getTime() - 5);
  });

  it("of an address where nothing listens is store_down at once", async () => {
    const { transport: own } = transport(`http://127.0.0.1:${await freePort()}`);
    expect(await errorOf(own.call(get))).toMatchObject({
      code: "store_down",
      message: expect.stringMatching(/ECONNREFUSED/),
    });
  });

  const silent: [string, Answer][] = [
    ["says nothing", () => undefined],
    [
      "drips its body",
      (_request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        const drip = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(drip));
      },
    ],
  ];
  it.each(silent)("of a server that %s ends with the call's time", async (_what, answer) => {
    const server = await fake(answer);
    const { transport: own } = transport(server.url, { timeoutMs: 150 });
    const started = performance.now();
    expect(await errorOf(own.call(get))).toMatchObject({ code: "timeout" });
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe("a restart", () => {
  it("that breaks every kept connection costs nobody anything and does not open the breaker", async () => {
    const server = await fake(ok);
    const { transport: own } = transport(server.url, { failureThreshold: 1, maxRetries: 3 });
    await Promise.all(Array.from({ length: 3 }, () => own.call(get)));
    for (const socket of server.sockets) socket.resetAndDestroy();
    expect(await Promise.all(Array.from({ length: 3 }, () => own.call(get)))).toHaveLength(3);
    expect(own.status.breaker).toBe("closed");
  });
});

describe("several nodes", () => {
  const spread = { ...get, spread: true } as const;

  it("are asked one after the other only where any may answer: the first one sees what was done", async () => {
    const [first, second] = [await fake(ok), await fake(ok)];
    const { transport: own } = transport(`${first.url},${second.url}`);
    for (let i = 0; i < 6; i++) await own.call(get);
    expect([first.requests.length, second.requests.length]).toEqual([6, 0]);
    for (let i = 0; i < 6; i++) await own.call(spread);
    expect([first.requests.length, second.requests.length]).toEqual([9, 3]);
  });

  it("share the requests, and one that is dead is left out until it is back", async () => {
    const [first, second] = [await fake(ok), await fake(ok)];
    const dead = await freePort();
    const { transport: own } = transport(`${first.url},http://127.0.0.1:${dead}, ${second.url}`);
    for (let i = 0; i < 30; i++) await own.call(spread);
    expect(first.requests.length + second.requests.length).toBe(30);
    expect(Math.abs(first.requests.length - second.requests.length)).toBeLessThan(5);
    expect(own.status).toMatchObject({ healthy: 2, breaker: "closed" });
  });

  it("answer for one that fails, in the middle of a call too", async () => {
    const bad = await fake(failure(503, "no quorum here"));
    const good = await fake(ok);
    const { transport: own } = transport(`${bad.url},${good.url}`, { retryDelayMs: 60_000 });
    for (let i = 0; i < 4; i++) expect(await own.call(get)).toEqual({ fine: true });
    expect(bad.requests).toHaveLength(1);
  });

  it("answer for one that says nothing, after a third of the time", async () => {
    const [dumb, good] = [await fake(() => undefined), await fake(ok)];
    // undici's clock has steps of half a second.
    const { transport: own } = transport(`${dumb.url},${good.url}`, { timeoutMs: 6_000 });
    for (let i = 0; i < 4; i++) expect(await own.call(get)).toEqual({ fine: true });
    expect(dumb.requests).toHaveLength(1);
    expect(own.status).toMatchObject({ healthy: 1, breaker: "closed" });
  });

  it("are not left for a call that may take its time, nor for a slow one when there is no other", async () => {
    const slow: Answer = (request, response, count) => void setTimeout(() => ok(request, response, count), 2_500);
    const [first, second] = [await fake(slow), await fake(slow)];
    const { transport: both } = transport(`${first.url},${second.url}`, { timeoutMs: 4_000 });
    const { transport: single } = transport(first.url, { timeoutMs: 4_000 });
    const calls = [both.call({ ...get, operation: "index" }), single.call(get)];
    expect(await Promise.all(calls)).toEqual([{ fine: true }, { fine: true }]);
    expect([first.requests.length, second.requests.length]).toEqual([2, 0]);
  });
});

describe("an abort", () => {
  it("is heard at once in the queue, in flight and in a back-off, and 10,000 of them leave no connection", async () => {
    const [rounds, each] = [40, 125];
    const server = await fake((request, response, count) => {
      if (request.url === "/fine") ok(request, response, count);
      if (request.url === "/busy") failure(503, "later", { "retry-after": "30" })(request, response, count);
    });
    const options = { poolSize: 10, timeoutMs: 60_000, failureThreshold: 1_000_000 };
    const { transport: silent } = transport(server.url, options);
    const { transport: busy, events } = transport(server.url, options);
    const before = handles();
    for (let round = 1; round <= rounds; round++) {
      const abort = new AbortController();
      const { signal } = testCall({ signal: abort.signal });
      const call = (own: Transport, path: string) =>
        Array.from({ length: each }, () => errorOf(own.call({ ...get, path }, signal)));
      const calls = [...call(silent, "/silent"), ...call(busy, "/busy")];
      while (events.retries < round * each) await new Promise((done) => setImmediate(done));
      expect(silent.status).toMatchObject({ active: 10, waiting: each - 10 });
      expect(busy.status).toMatchObject({ active: 0, waiting: 0 });
      const aborted = performance.now();
      abort.abort();
      expect(new Set((await Promise.all(calls)).map(({ code }) => code))).toEqual(new Set(["cancelled"]));
      expect(performance.now() - aborted).toBeLessThan(1_000);
    }
    expect(events.retries).toBe(rounds * each);
    for (const own of [silent, busy]) {
      expect(await own.call({ ...get, path: "/fine" })).toEqual({ fine: true });
      expect(own.status).toMatchObject({ active: 0, waiting: 0, breaker: "closed" });
    }
    // At most what the two pools may keep, at both ends.
    expect(server.sockets.size).toBeLessThanOrEqual(20);
    expect(handles().sockets - before.sockets).toBeLessThanOrEqual(40);
    expect(handles().timers - before.timers).toBeLessThan(20);
    await Promise.all([silent.close(), busy.close()]);
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
    await vi.waitFor(() => expect(handles().sockets).toBeLessThanOrEqual(before.sockets));
  });
});

/** What this process holds open. */
function handles(): { sockets: number; timers: number } {
  const active = process.getActiveResourcesInfo();
  const count = (kind: string) => active.filter((name) => name === kind).length;
  return { sockets: count("TCPSocketWrap"), timers: count("Timeout") };
}
