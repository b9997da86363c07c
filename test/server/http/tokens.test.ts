/** `HTTP_AUTH=token`: who is let in, what the others are told, and that each is somebody. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, it, onTestFinished } from "vitest";
import type { App } from "#src/app/app.js";
import { newToken } from "#src/auth/token.js";
import { addToken, revokeToken } from "#src/auth/token-file.js";
import type { Call, Principal } from "#src/core/call.js";
import { AppError, abortReason } from "#src/core/errors.js";
import { INITIALIZE, JSON_HEADERS, messagesIn, raw, reasonIn, serve } from "./serve.js";
import { shown, tokensFor } from "./tokens.js";

const READING = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "get_document", arguments: { uri: "aura://docs/files/a.md" } },
};

async function serveWithTokens(options: Parameters<typeof serve>[0] = {}) {
  const { tokensFile, ann, bob } = await tokensFor("ann", "bob");
  const serving = await serve({ ...options, http: { auth: "token", tokensFile, ...options.http } });
  return { ...serving, tokensFile, ann, bob, as: shown };
}

describe("without a token", () => {
  it("nothing is answered but health, and the challenge says what to show, without an error", async () => {
    const { post, ask } = await serveWithTokens();
    const answer = await post(INITIALIZE);
    expect([answer.status, answer.headers["www-authenticate"]]).toEqual([401, 'Bearer realm="aura"']);
    expect((await ask({ path: "/livez" })).status).toBe(200);
    expect((await ask({ path: "/readyz" })).status).toBe(200);
  });

  it("nothing leads to an authorization server: clients would leave the token for it", async () => {
    const { post, ask } = await serveWithTokens();
    expect(JSON.stringify(await post(INITIALIZE))).not.toContain("resource_metadata");
    for (const path of ["/.well-known/oauth-protected-resource", "/.well-known/oauth-authorization-server"])
      expect((await ask({ path })).status).toBe(404);
  });

  it("the refusal comes before Accept, type, encoding and size are looked at, and the body is not read", async () => {
    const { ask, port } = await serveWithTokens();
    const headers = { accept: "*/*", "content-type": "text/plain", "content-encoding": "gzip" };
    expect((await ask({ method: "POST", headers, body: "x".repeat(900_000) })).status).toBe(401);
    const head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n";
    const began = performance.now();
    expect(await raw(port, head)).toMatch(/^HTTP\/1\.1 401 [\s\S]*Connection: close/i);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it("the path and the method decide first", async () => {
    const { ask } = await serveWithTokens();
    expect((await ask({ path: "/other", method: "POST" })).status).toBe(404);
    expect((await ask({ method: "GET" })).status).toBe(405);
  });

  it("a web page may still ask what it may send", async () => {
    const { ask } = await serveWithTokens({ http: { allowedOrigins: ["https://tools.example.com"] } });
    const headers = { origin: "https://tools.example.com", "access-control-request-method": "POST" };
    expect((await ask({ method: "OPTIONS", headers })).status).toBe(204);
    const refused = await ask({ method: "POST", headers: { ...JSON_HEADERS, origin: headers.origin }, body: "{}" });
    expect([refused.status, refused.headers["access-control-allow-origin"]]).toEqual([401, headers.origin]);
  });
});

describe("a token that is none", () => {
  it("gets the same answer whether it never was, has expired, or was revoked", async () => {
    const { post, tokensFile, as, bob } = await serveWithTokens();
    const expired = await addToken(tokensFile, "past", new Date(Date.now() - 1_000));
    await revokeToken(tokensFile, "bob");
    await expect.poll(async () => (await post(INITIALIZE, bob)).status, { timeout: 1_000, interval: 200 }).toBe(401);
    const answers = [];
    for (const headers of [as(newToken()), as(expired), bob]) {
      const { date: _, ...rest } = (await post(INITIALIZE, headers)).headers;
      const { status, text } = await post(INITIALIZE, headers);
      answers.push({ status, text, rest });
    }
    const challenge = 'Bearer realm="aura", error="invalid_token"';
    expect(answers[0]).toMatchObject({ status: 401, rest: { "www-authenticate": challenge } });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it("is refused in whichever form", async () => {
    const forms = ["Basic YTpi", "Bearer", "Bearer ", "bearer x y", "aura_x", `Bearer ${"x".repeat(10_000)}`];
    const { post } = await serveWithTokens();
    for (const authorization of forms) {
      const { status, headers } = await post(INITIALIZE, { authorization });
      expect([status, headers["www-authenticate"]]).toEqual([401, 'Bearer realm="aura", error="invalid_token"']);
    }
  });

  it("among two is refused, in whichever order", async () => {
    const { port, ann } = await serveWithTokens();
    const other = `Authorization: Bearer ${newToken()}\r\n`;
    const own = `Authorization: ${ann.authorization}\r\n`;
    for (const both of [`${own}${other}`, `${other}${own}`]) {
      const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\n${both}Connection: close\r\n\r\n`;
      expect(await raw(port, head)).toMatch(/^HTTP\/1\.1 401 /);
    }
  });

  it("in the address is not looked at", async () => {
    const { ask, ann } = await serveWithTokens();
    const path = `/mcp?access_token=${ann.authorization.slice(7)}`;
    expect((await ask({ path, method: "POST", headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) })).status).toBe(
      401,
    );
  });

  it("is refused with 429 from the eleventh on, while a right one from there is served", async () => {
    const { post, as, ann } = await serveWithTokens();
    for (let i = 0; i < 10; i++) expect((await post(INITIALIZE, as(newToken()))).status).toBe(401);
    const answer = await post(INITIALIZE, as(newToken()));
    expect(answer.status).toBe(429);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(50);
    expect(reasonIn(answer)).toMatch(/Too many/);
    expect((await post(INITIALIZE, ann)).status).toBe(200);
    expect((await post(INITIALIZE)).status).toBe(401);
  });
});

describe("a token's owner", () => {
  it("is who calls: in spans, in limits, and in what is told to the protocol's library", async () => {
    const admitted: string[] = [];
    const admit = ({ id }: Principal) => {
      admitted.push(id);
      if (id === "ann") throw new AppError("rate_limited", "Too many.", { remedy: "Wait.", retryAfterMs: 7 });
    };
    const { app, post, ann, bob } = await serveWithTokens({ parts: { admit } });
    expect(messagesIn(await post(READING, ann))).toMatchObject([
      { result: { structuredContent: { error: { code: "rate_limited" } } } },
    ]);
    expect(messagesIn(await post(READING, bob))).toMatchObject([
      { result: { structuredContent: { error: { code: "not_found" } } } },
    ]);
    expect(admitted).toEqual(["ann", "bob"]);
    expect(app.recorded.map(({ call }) => call.principal.id)).toEqual(["ann", "bob"]);
    expect(JSON.stringify(app.recorded)).not.toContain("aura_");
  });

  it("cannot cancel the calls of another one, nor use its session", async () => {
    const calls: Call[] = [];
    const readDocument = (call: Call) =>
      new Promise<never>((_, fail) => {
        calls.push(call);
        call.signal.addEventListener("abort", () => fail(abortReason(call.signal)));
      });
    const { app, post, ann, bob } = await serveWithTokens({ parts: { readDocument } as unknown as Partial<App> });
    const session = (await post(INITIALIZE, ann)).headers["mcp-session-id"] as string;
    const answer = post({ ...READING, id: 7 }, { ...ann, "mcp-session-id": session });
    await expect.poll(() => calls.length).toBe(1);
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } };
    expect((await post(cancel, { ...bob, "mcp-session-id": session })).status).toBe(202);
    expect(calls[0]?.signal.aborted).toBe(false);
    expect((await post(cancel, { ...ann, "mcp-session-id": session })).status).toBe(202);
    await answer;
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(app.recorded).toMatchObject([{ client: { name: "raw" } }]);
  });

  it("is served through the official client, in both eras", async () => {
    const { app, url, ann } = await serveWithTokens();
    app.collections.docs = { "a.md": "The text." };
    for (const mode of ["legacy", { pin: "2026-07-28" }] as const) {
      const client = new Client({ name: "c", version: "1" }, { versionNegotiation: { mode } });
      onTestFinished(() => client.close());
      await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: ann } }));
      const { contents } = await client.readResource({ uri: "aura://docs/files/a.md" });
      expect(contents).toMatchObject([{ text: "The text." }]);
    }
  });
});

it("a server without tokens behind a proxy warns of it", async () => {
  const said: string[] = [];
  const nothing = () => undefined;
  const log = { debug: nothing, info: nothing, warn: (line: string) => void said.push(line), error: nothing };
  await serve({ parts: { log } as unknown as Partial<App>, http: { publicUrl: "https://aura.example.com/mcp" } });
  await serve({ parts: { log } as unknown as Partial<App>, http: { publicUrl: "http://localhost:8765/mcp" } });
  expect(said).toEqual(["HTTP_PUBLIC_URL without HTTP_AUTH: whoever gets through the proxy may call"]);
});

describe("a server that asks for tokens", () => {
  it("does not start without their file", async () => {
    await expect(serve({ http: { auth: "token" } })).rejects.toMatchObject({
      code: "config",
      message: "HTTP_AUTH=token needs HTTP_TOKENS_FILE.",
    });
    const missing = "/nowhere/tokens.json";
    await expect(serve({ http: { auth: "token", tokensFile: missing } })).rejects.toMatchObject({ code: "config" });
  });

  it("listens on every interface once it knows a name that clients use", async () => {
    const listen = { kind: "tcp", host: "0.0.0.0", port: 0 } as const;
    await expect(serveWithTokens({ http: { listen } })).rejects.toMatchObject({
      code: "config",
      remedy: expect.stringContaining("HTTP_PUBLIC_URL"),
    });
    const { post, ann } = await serveWithTokens({ http: { listen, publicUrl: "https://aura.example.com/mcp" } });
    expect((await post(INITIALIZE, { ...ann, host: "aura.example.com" })).status).toBe(200);
    expect((await post(INITIALIZE, { ...ann, host: "other.example.com" })).status).toBe(403);
  });
});
