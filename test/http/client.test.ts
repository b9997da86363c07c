/** The HTTP client as a service of models needs it: keys, several nodes, waits that the service names, silence, redirects. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { AppError } from "#src/core/errors.js";
import { readJson } from "#src/http/answer.js";
import { HttpClient, type HttpClientOptions, type HttpRequest } from "#src/http/client.js";
import { HttpError, RedirectError, schedule } from "#src/http/faults.js";
import { parseAddresses } from "#src/http/nodes.js";

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => unknown;

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function fake(answer: Answer) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    void answer(request, response, requests.length);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push({
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const send = (response: ServerResponse, status: number, body: unknown, headers = {}) =>
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

/** Every failure is the thrown one in the words of a service of models. */
function client(urls: string, options: Partial<HttpClientOptions> = {}) {
  const retries = { count: 0 };
  const made = new HttpClient({
    name: "Models",
    refusal: "model_failed",
    nodes: parseAddresses(urls, (at, wrong) => new AppError("config", `${at} ${wrong}`, { remedy: "" })),
    ownHeaders: () => ({ authorization: "Bearer secret" }),
    poolSize: 4,
    timeoutMs: 5_000,
    timeoutRemedy: "Wait longer.",
    maxRetries: 2,
    retryDelayMs: 1,
    failureThreshold: 5,
    resetMs: 60_000,
    classify: (thrown, outlook) => ({
      ...schedule(thrown, outlook),
      error: new AppError("model_failed", (thrown as Error).message, { remedy: "", cause: thrown }),
    }),
    onRetry: () => retries.count++,
    ...options,
  });
  open.push(made);
  return { retries, client: made };
}

const EMBED: HttpRequest = { method: "POST", path: "/embeddings", body: JSON.stringify({ input: ["one", "two"] }) };
const embed = (own: HttpClient) => own.run(async (ask) => readJson(await ask(EMBED), 1_000));
const echo: Answer = async (request, response) => {
  const { input } = (await json(request)) as { input: string[] };
  send(response, 200, { data: input.map(({ length }) => length) });
};

describe("a call of a service of models", () => {
  it("sends JSON with the key, behind the address's own path, and brings JSON", async () => {
    const server = await fake(echo);
    expect(await embed(client(`${server.url}/v1/`).client)).toEqual({ data: [3, 3] });
    const [request] = server.requests;
    expect([request?.method, request?.url]).toEqual(["POST", "/v1/embeddings"]);
    expect(request?.headers).toMatchObject({
      authorization: "Bearer secret",
      "content-type": "application/json",
      "accept-encoding": "identity",
    });
  });

  it("is answered by another node when one is down, and the wait is none", async () => {
    const [down, up] = [await fake((_, response) => send(response, 503, {})), await fake(echo)];
    const { client: own, retries } = client(`${down.url}, ${up.url}`, { retryDelayMs: 60_000 });
    for (let i = 0; i < 3; i++) expect(await embed(own)).toEqual({ data: [3, 3] });
    expect([down.requests.length, up.requests.length, retries.count]).toEqual([1, 3, 1]);
    expect(own.status).toMatchObject({ healthy: 1, nodes: [down.url, up.url] });
  });

  it("waits as long as a full service says, after a back-off where it says nothing, and blames it for neither", async () => {
    const busy = (headers: object) => (response: ServerResponse) =>
      send(response, 429, { error: "slow down" }, headers);
    const turns = [busy({ "retry-after": "1" }), busy({})];
    const server = await fake((request, response, count) => {
      const turn = turns[count - 1];
      return turn === undefined ? echo(request, response, count) : turn(response);
    });
    const { client: own } = client(server.url, { failureThreshold: 1 });
    const started = performance.now();
    expect(await embed(own)).toEqual({ data: [3, 3] });
    expect(performance.now() - started).toBeGreaterThanOrEqual(990);
    expect(own.status.breaker).toBe("closed");
  });

  it.each([
    [
      "as an object",
      { error: { message: "no such model", type: "invalid_request_error" } },
      'HTTP 400: the server said: "no such model"',
    ],
    ["as text", { error: "no such model" }, 'HTTP 400: the server said: "no such model"'],
    ["not at all", { else: 1 }, "HTTP 400: no reason given"],
  ])("that is refused ends at once with the reason, given %s", async (_how, body, message) => {
    const server = await fake((_, response) => send(response, 400, body));
    const error = await embed(client(server.url).client).catch((thrown: AppError) => thrown);
    expect(error).toMatchObject({ code: "model_failed", message });
    expect((error as AppError).cause).toMatchObject({ status: 400, isJson: true, url: `${server.url}/embeddings` });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [
      "hides text and forges lines",
      'no\u202e\u001b[31m\r\nNote: all is well". \u200bDone',
      "no Note: all is well'. Done",
    ],
    ["is very long", "x".repeat(50_000), `${"x".repeat(299)}…`],
    ["is much markup", "<".repeat(50_000), `${"<".repeat(299)}…`],
  ])("that is refused with a reason that %s quotes it as one line", async (_what, error, said) => {
    const server = await fake((_, response) => send(response, 400, { error }));
    const refusal = embed(client(server.url).client);
    await expect(refusal).rejects.toMatchObject({ message: `HTTP 400: the server said: "${said}"` });
  });

  it("is sent once where it must not be repeated", async () => {
    const server = await fake((_, response) => send(response, 500, {}));
    const call = client(server.url).client.run((ask) => ask(EMBED), { retry: false });
    await expect(call).rejects.toMatchObject({ code: "model_failed" });
    expect(server.requests).toHaveLength(1);
  });

  it("is refused with the service's code while the breaker is open, and told what to do when its time is over", async () => {
    const server = await fake((_, response, count) => (count === 1 ? send(response, 500, {}) : undefined));
    const { client: own } = client(server.url, { failureThreshold: 2, maxRetries: 0, timeoutMs: 100 });
    await expect(embed(own)).rejects.toMatchObject({ code: "model_failed" });
    await expect(embed(own)).rejects.toMatchObject({ code: "timeout", remedy: "Wait longer." });
    await expect(embed(own)).rejects.toMatchObject({ code: "model_failed", message: /Models is not asked after 2/ });
    expect(server.requests).toHaveLength(2);
  });
});

describe("a body", () => {
  it("streams, and an attempt that goes on where it broke off sees what it has", async () => {
    const server = await fake((request, response, count) => {
      response.writeHead(200, { "content-length": request.headers.range === undefined ? 10 : 5 });
      if (count > 1) return response.end("world");
      response.write("hello");
      setTimeout(() => response.destroy(), 20);
    });
    let have = "";
    await client(server.url).client.run(async (ask) => {
      const headers = { range: have === "" ? undefined : `bytes=${have.length}-` };
      const { body } = await ask({ method: "GET", path: "/file", headers });
      for await (const chunk of body) have += chunk;
    });
    expect(have).toBe("helloworld");
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined, "bytes=5-"]);
  });

  it("that falls silent ends its attempt, without a limit on the whole", async () => {
    const server = await fake((_, response, count) => {
      response.writeHead(200, { "content-length": 2 });
      if (count > 1) return response.end("ok");
      response.write("o");
    });
    const { client: own, retries } = client(server.url, { timeoutMs: undefined, idleTimeoutMs: 100 });
    expect(await own.run(async (ask) => (await ask({ method: "GET", path: "/" })).body.text())).toBe("ok");
    expect(retries.count).toBe(1);
  });
});

describe("a redirect", () => {
  const get = (redirect?: "follow" | "answer") =>
    ({ method: "GET", path: "/a?b=c", headers: { range: "bytes=1-" }, redirect }) as const;
  const to = (location: string) => (response: ServerResponse) => response.writeHead(302, { location }).end();

  it("is followed with what was asked and without the key, which goes to the service's own host only", async () => {
    const other = await fake((_, response) => response.end("there"));
    const server = await fake((request, response) =>
      request.url === "/a?b=c" ? to("/d")(response) : to(`${other.url}/e?signed=1`)(response),
    );
    const { client: own } = client(server.url);
    expect(await own.run(async (ask) => (await ask(get("follow"))).body.text())).toBe("there");
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer secret", "Bearer secret"]);
    expect(other.requests[0]?.url).toBe("/e?signed=1");
    expect(other.requests[0]?.headers).toMatchObject({ range: "bytes=1-" });
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
  });

  it("is the answer where that is wanted, and an error where nobody expects it", async () => {
    const server = await fake((_, response) => to("/d")(response));
    const { client: own } = client(server.url);
    const answer = own.run(async (ask) => {
      const { status, headers, body } = await ask(get("answer"));
      await body.dump();
      return [status, headers.location];
    });
    expect(await answer).toEqual([302, "/d"]);
    await expect(own.run((ask) => ask(get()))).rejects.toMatchObject({ cause: expect.any(HttpError) });
    await expect(own.run((ask) => ask(get("follow")))).rejects.toMatchObject({ cause: expect.any(RedirectError) });
    expect(server.requests).toHaveLength(1 + 1 + 6);
  });
});

describe("a proxy", () => {
  it("is asked for the way where one is named", async () => {
    const asked: (string | undefined)[] = [];
    const proxy = createServer().listen(0, "127.0.0.1");
    open.push(proxy);
    await once(proxy, "listening");
    proxy.on("connect", ({ url }, socket) => {
      asked.push(url);
      socket.on("error", () => undefined); // whoever asked may be gone
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    const https = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const { client: own } = client("https://models.example", { proxy: { https }, maxRetries: 0 });
    await expect(embed(own)).rejects.toMatchObject({ code: "model_failed" });
    expect(asked).toEqual(["models.example:443"]);
  });
});
