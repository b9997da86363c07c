/** `HTTP_AUTH=oauth`: which access tokens are taken, where clients are sent for one, and what a scope allows. */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { JwtVerifier } from "#src/auth/jwt.js";
import { INITIALIZE, messagesIn, type Options, reasonIn, serve } from "./serve.js";

const RESOURCE = "https://aura.example.com/mcp";
const METADATA = "https://aura.example.com/.well-known/oauth-protected-resource/mcp";

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

/** An authorization server, as far as this server sees it. */
class Issuer {
  readonly server: Server;
  keys: JWK[] = [];
  fetched = 0;
  isDown = false;

  constructor() {
    this.server = createServer((_request, response) => {
      this.fetched++;
      if (this.isDown) response.writeHead(500).end();
      else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: this.keys }));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
}

let pairs: Record<"first" | "second", Pair>;
let issuer: Issuer;

beforeAll(async () => {
  const made = () => generateKeyPair("RS256", { extractable: true });
  pairs = { first: await made(), second: await made() };
});

beforeEach(async () => {
  issuer = new Issuer();
  issuer.server.listen(0, "127.0.0.1");
  await once(issuer.server, "listening");
  issuer.keys = [await publicKey("first")];
  onTestFinished(() => {
    issuer.server.closeAllConnections();
    issuer.server.close();
  });
});

async function publicKey(name: keyof typeof pairs): Promise<JWK> {
  return { ...(await exportJWK(pairs[name].publicKey)), kid: name, alg: "RS256", use: "sig" };
}

interface Signed {
  readonly claims?: JWTPayload;
  readonly without?: readonly string[];
  readonly header?: Record<string, unknown>;
  readonly key?: keyof typeof pairs;
}

function sign({ claims = {}, without = [], header = {}, key = "first" }: Signed = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const all: JWTPayload = {
    iss: issuer.url,
    aud: RESOURCE,
    sub: "ann",
    exp: now + 60,
    iat: now,
    scope: "search index",
    ...claims,
  };
  const payload = Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name)));
  return new SignJWT(payload)
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: key, ...header })
    .sign(pairs[key].privateKey);
}

async function serveOauth(options: Options = {}) {
  const oauth = { issuer: issuer.url, jwksUrl: `${issuer.url}/keys` };
  const serving = await serve({ ...options, http: { auth: "oauth", oauth, publicUrl: RESOURCE, ...options.http } });
  const status = async (token: string) => (await serving.post(INITIALIZE, { authorization: `Bearer ${token}` })).status;
  return { ...serving, status };
}

describe("metadata", () => {
  it("is where the challenge says, below the server's path and without it, and equals the configuration", async () => {
    const { ask, post } = await serveOauth();
    const { status, headers } = await post(INITIALIZE);
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toBe(
      `Bearer realm="aura", resource_metadata="${METADATA}", scope="search index"`,
    );
    for (const path of ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"]) {
      const answer = await ask({ path });
      expect(JSON.parse(answer.text)).toMatchObject({
        resource: RESOURCE,
        authorization_servers: [issuer.url],
        scopes_supported: ["search", "index"],
      });
      expect(answer.headers).toMatchObject({
        "access-control-allow-origin": "*",
        "cache-control": "public, max-age=300",
      });
    }
    expect((await ask({ path: "/.well-known/oauth-authorization-server" })).status).toBe(404);
  });

  it("and a wrong token's challenge say the same, with an error", async () => {
    const { post } = await serveOauth();
    const { headers } = await post(INITIALIZE, { authorization: "Bearer x" });
    expect(headers["www-authenticate"]).toBe(
      `Bearer realm="aura", resource_metadata="${METADATA}", scope="search index", error="invalid_token"`,
    );
  });

  it("needs all of its settings", async () => {
    for (const http of [{ publicUrl: undefined }, { oauth: { issuer: issuer.url, jwksUrl: undefined } }])
      await expect(serveOauth({ http })).rejects.toMatchObject({
        code: "config",
        message: expect.stringContaining("HTTP_OAUTH_JWKS_URL"),
      });
  });
});

describe("a token", () => {
  it.each<[string, Signed]>([
    ["of the issuer for this server", {}],
    ["of type JWT", { header: { typ: "JWT" } }],
    ["of the type's long name", { header: { typ: "application/at+jwt" } }],
    ["for several servers", { claims: { aud: ["https://other.example.com", RESOURCE] } }],
    ["that ended within the clocks' difference", { claims: { exp: Math.floor(Date.now() / 1_000) - 2 } }],
  ])("%s is taken", async (_name, signed) => {
    const { status } = await serveOauth();
    expect(await status(await sign(signed))).toBe(200);
  });

  const past = Math.floor(Date.now() / 1_000) - 60;
  it.each<[string, Signed]>([
    ["of another issuer", { claims: { iss: "https://evil.example" } }],
    ["without issuer", { without: ["iss"] }],
    ["whose issuer has a slash more", { claims: { iss: "SLASH" } }],
    ["for another server", { claims: { aud: "https://other.example.com/mcp" } }],
    ["for this server's origin only", { claims: { aud: "https://aura.example.com" } }],
    ["for nobody", { without: ["aud"] }],
    ["that has expired", { claims: { exp: past } }],
    ["that never expires", { without: ["exp"] }],
    ["that is not valid yet", { claims: { nbf: past + 600 } }],
    ["of nobody", { without: ["sub"] }],
    ["of an owner without a name", { claims: { sub: "" } }],
    ["of an owner that is no text", { claims: { sub: 7 as unknown as string } }],
    ["of an owner with an endless name", { claims: { sub: "x".repeat(1_000) } }],
    ["of another type", { header: { typ: "id+jwt" } }],
    ["of no type", { header: { typ: undefined } }],
    ["of a key that is not the issuer's", { key: "second" }],
    ["of a key that says it is another", { key: "second", header: { kid: "first" } }],
    ["with an unknown critical header", { header: { crit: ["x"], x: 1 } }],
  ])("%s is refused", async (_name, { claims, ...signed }) => {
    const { status } = await serveOauth();
    const iss = claims?.iss === "SLASH" ? { iss: `${issuer.url}/` } : {};
    const token = await sign({ ...signed, claims: { ...claims, ...iss } }).catch(() => forged(signed));
    expect(await status(token)).toBe(401);
  });

  it("that is signed by no one, by a shared secret, or by a key that it brings along is refused", async () => {
    const { status } = await serveOauth();
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: issuer.url, aud: RESOURCE, sub: "ann", exp: now + 60, scope: "search" };
    const unsigned = new UnsecuredJWT(claims).encode();
    const publicPem = new TextEncoder().encode(await exportSPKI(pairs.first.publicKey));
    const confused = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: "first" })
      .sign(publicPem);
    const own = await sign({ key: "second", header: { jwk: await exportJWK(pairs.second.publicKey), kid: "own" } });
    const [head, , signature] = (await sign()).split(".");
    const changed = `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: "eve" })).toString("base64url")}.${signature}`;
    for (const token of [unsigned, confused, own, changed, "x", "x.y.z", `${head}..${signature}`])
      expect([token, await status(token)]).toEqual([token, 401]);
  });
});

/** What the library does not sign, written by hand. */
function forged({ header = {} }: Signed): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", kid: "first", ...header })}.${part({ sub: "ann" })}.AAAA`;
}

describe("the issuer's keys", () => {
  const verifier = () => new JwtVerifier({ issuer: issuer.url, jwksUrl: `${issuer.url}/keys`, resource: RESOURCE });

  it("are fetched once for many tokens of unknown keys", async () => {
    const { status } = await serveOauth();
    expect(await status(await sign())).toBe(200);
    const unknown = await Promise.all(Array.from({ length: 300 }, (_, i) => sign({ header: { kid: `unknown-${i}` } })));
    const own = verifier();
    await Promise.all(unknown.map(async (token) => expect(await own.ownerOf(token)).toBeUndefined()));
    expect(issuer.fetched).toBe(2); // the server's, and this verifier's
  });

  it("serve on while the issuer is down, and an unknown one is answered with 503, not with a login", async () => {
    const { status, post } = await serveOauth();
    expect(await status(await sign())).toBe(200);
    issuer.isDown = true;
    expect(await status(await sign())).toBe(200);
    const { status: fresh, post: postFresh } = await serveOauth();
    const token = await sign();
    expect(await fresh(token)).toBe(503);
    const answer = await postFresh(INITIALIZE, { authorization: `Bearer ${token}` });
    expect([answer.headers["retry-after"], answer.headers["www-authenticate"]]).toEqual(["5", undefined]);
    expect(reasonIn(answer)).toMatch(/keys cannot be read/);
    expect((await post(INITIALIZE)).status).toBe(401);
    issuer.isDown = false;
    expect(await fresh(token)).toBe(200);
  });

  it("are read anew for one that is unknown, five seconds after the last time", async () => {
    const own = verifier();
    expect(await own.ownerOf(await sign())).toMatchObject({ subject: "ann" });
    issuer.keys = [await publicKey("second")];
    const rotated = await sign({ key: "second" });
    expect(await own.ownerOf(rotated)).toBeUndefined();
    await expect.poll(() => own.ownerOf(rotated), { timeout: 8_000, interval: 500 }).toMatchObject({ subject: "ann" });
    expect(await own.ownerOf(await sign())).toBeUndefined();
  }, 15_000);

  it("that are nonsense say nothing of a token", async () => {
    issuer.keys = "nonsense" as unknown as JWK[];
    await expect(verifier().ownerOf(await sign())).rejects.toThrow("The issuer's keys cannot be read.");
  });
});

describe("a token's scopes", () => {
  const message = (method: string, params: object = {}) => ({ jsonrpc: "2.0", id: 1, method, params });
  const reindex = message("tools/call", { name: "reindex", arguments: { source: "." } });
  const document = { name: "get_document", arguments: { uri: "aura://docs/files/a.md" } };

  async function as(claims: JWTPayload) {
    const serving = await serveOauth();
    const authorization = `Bearer ${await sign({ claims })}`;
    const ask = async (asked: object) => messagesIn(await serving.post(asked, { authorization }))[0];
    return { ...serving, send: ask };
  }

  it.each<[string, JWTPayload, string[]]>([
    ["search", { scope: "search" }, ["retrieve", "get_document", "list_documents", "health"]],
    ["index", { scope: "openid index" }, ["reindex"]],
    [
      "both",
      { scp: ["search", "index"] } as JWTPayload,
      ["retrieve", "get_document", "list_documents", "reindex", "health"],
    ],
    ["nothing", { scope: "SEARCH admin" }, []],
    ["no word of scopes", { scope: undefined } as JWTPayload, []],
  ])("of %s list what they allow", async (_name, claims, tools) => {
    const { send } = await as({ scope: undefined, ...claims } as JWTPayload);
    const { result } = await send(message("tools/list"));
    expect(result.tools.map(({ name }: { name: string }) => name)).toEqual(tools);
  });

  it("refuse a tool in its answer, with the scope that it needs, and the call is recorded", async () => {
    const { app, send } = await as({ scope: "search" });
    const { result } = await send(reindex);
    expect(result).toMatchObject({
      isError: true,
      structuredContent: {
        error: {
          code: "forbidden",
          message: "Your token does not allow reindex.",
          remedy: expect.stringContaining('"index"'),
        },
      },
    });
    expect(app.recorded).toMatchObject([
      { status: "error", errorCode: "forbidden", call: { principal: { id: "ann" } } },
    ]);
  });

  it("of indexing only read and complete nothing", async () => {
    const { app, send } = await as({ scope: "index" });
    app.collections.docs = { "a.md": "secret" };
    const asked = [
      message("tools/call", document),
      message("resources/read", { uri: "aura://docs/files/a.md" }),
      message("completion/complete", {
        ref: { type: "ref/resource", uri: "aura://{collection}/{source}/{+path}" },
        argument: { name: "collection", value: "" },
      }),
    ];
    for (const each of asked) {
      const answer = await send(each);
      expect(JSON.stringify(answer)).toContain("forbidden");
      expect(JSON.stringify(answer)).not.toContain("secret");
    }
  });

  it("are told to their owner only, and instructions name no tool that they lack", async () => {
    const { send } = await as({ scope: "search" });
    expect((await send(INITIALIZE)).result.instructions).not.toContain("reindex");
  });
});
