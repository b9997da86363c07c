/** A Qdrant behind TLS, a key and a path, as a gateway offers it: reached when its certificate is trusted, never otherwise. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stub } from "../store/qdrant/stub.js";
import { cleanUp, folderOf, newFolder, readSpans, run, startServer, until } from "./server.js";

const KEY = "a-key-that-nobody-may-see";

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

if (!hasOpenssl()) {
  describe("a Qdrant behind TLS", () => {
    it.skip("is reached when its certificate is trusted (skipped: openssl, which makes the certificate, is not here)");
  });
} else behindTls();

function behindTls(): void {
  let stub: Stub;
  let gateway: Server;
  let certificate: string;
  let settings: Record<string, string>;
  const asked: { path: string; key: string | undefined; tenant: string | undefined }[] = [];
  let pair: { readonly key: Buffer; readonly cert: Buffer };
  /** What a client shows who is asked for a certificate. */
  let client: Record<string, string>;

  async function gatewayTo({ url: to }: Stub, options: ServerOptions): Promise<Server> {
    const server = createServer(options, async (request, response) => {
      const { method = "GET", url = "/" } = request;
      const { "api-key": key, "x-tenant": tenant } = request.headers as Record<string, string>;
      asked.push({ path: url, key, tenant });
      const body = await text(request);
      const path = url.replace(/^\/search/, "");
      const content = body === "" ? {} : { body, headers: { "content-type": "application/json" } };
      const answer = await fetch(to + path, { method, ...content });
      response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
    }).listen(0, "localhost");
    await once(server, "listening");
    return server;
  }

  const addressOf = (server: Server) => `https://localhost:${(server.address() as AddressInfo).port}/search/`;

  beforeAll(async () => {
    const folder = newFolder();
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    execFileSync("openssl", ["req", ...options, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
    certificate = cert;
    client = { QDRANT_CLIENT_CERT: cert, QDRANT_CLIENT_KEY: key };
    stub = await Stub.start();
    pair = { key: readFileSync(key), cert: readFileSync(cert) };
    gateway = await gatewayTo(stub, pair);
    settings = {
      QDRANT_URL: addressOf(gateway),
      QDRANT_API_KEY: KEY,
    };
  });
  afterAll(async () => {
    gateway.closeAllConnections();
    gateway.close();
    await stub.close();
    await cleanUp();
  });

  describe("a Qdrant behind TLS", () => {
    it("is reached when its certificate is trusted, with the key and under the path", async () => {
      const trusting = { ...settings, NODE_EXTRA_CA_CERTS: certificate };
      const folder = folderOf({ "keys.md": "# Keys\n\nRotate the signing keys every ninety days.\n" });
      const data = newFolder();
      const indexed = await run(["index", folder], data, trusting);
      expect(indexed.code, indexed.stderr).toBe(0);
      const found = await run(["search", "signing keys"], data, trusting);
      expect(found.stdout).toContain("ninety days");
      expect(asked.length).toBeGreaterThan(5);
      expect(asked.filter(({ path, key }) => !path.startsWith("/search/") || key !== KEY)).toEqual([]);
    });

    it("is a config error with what to check when its certificate is not trusted, and hears nothing", async () => {
      asked.length = 0;
      const { code, stderr } = await run(["search", "signing keys"], newFolder(), settings);
      expect(code).toBe(78);
      expect(stderr).toMatch(/certificate is not accepted/);
      expect(stderr).toContain("NODE_EXTRA_CA_CERTS");
      expect(asked).toEqual([]);
    });

    it("that asks for a client's certificate gets it, and the headers that it wants", async () => {
      const strict = await gatewayTo(stub, { ...pair, ca: pair.cert, requestCert: true, rejectUnauthorized: true });
      const trusting = { ...settings, QDRANT_URL: addressOf(strict), NODE_EXTRA_CA_CERTS: certificate };
      asked.length = 0;
      expect((await run(["search", "signing keys"], newFolder(), trusting)).code).not.toBe(0);
      expect(asked).toEqual([]);
      const headers = { QDRANT_HEADERS: JSON.stringify({ "x-tenant": "search" }) };
      const found = await run(["search", "signing keys"], newFolder(), { ...trusting, ...client, ...headers });
      expect(found.stdout, found.stderr).toContain("ninety days");
      expect(new Set(asked.map(({ tenant }) => tenant))).toEqual(new Set(["search"]));
      strict.closeAllConnections();
      strict.close();
    });

    it("whose key is exchanged is asked with the new one, by a server that runs", async () => {
      const { QDRANT_API_KEY: _, ...keyless } = settings;
      const file = join(newFolder(), "key");
      writeFileSync(file, `${KEY}\n`);
      const server = await startServer(newFolder(), {
        ...keyless,
        NODE_EXTRA_CA_CERTS: certificate,
        QDRANT_API_KEY_FILE: file,
      });
      const ask = async () => {
        asked.length = 0;
        await server.ask("retrieve", { query: "signing keys" });
        return new Set(asked.map(({ key }) => key));
      };
      expect(await ask()).toEqual(new Set([KEY]));
      writeFileSync(file, "another-key\n");
      await until(async () => (await ask()).has("another-key"), 10_000);
      expect(await ask()).toEqual(new Set(["another-key"]));
      await server.end();
    });

    it("is not asked where its credentials contradict each other, or a file of them is missing", async () => {
      asked.length = 0;
      const wrong: Record<string, string>[] = [
        { QDRANT_API_KEY_FILE: "/nowhere" },
        { QDRANT_CLIENT_CERT: certificate },
        { QDRANT_HEADERS: "x-tenant: search" },
      ];
      for (const each of wrong) {
        const { code, stderr } = await run(["health"], newFolder(), { ...settings, ...each });
        expect(code, JSON.stringify(each)).toBe(78);
        expect(stderr).toMatch(/QDRANT_(API_KEY_FILE|CLIENT_KEY|HEADERS)/);
      }
      expect(asked).toEqual([]);
    });

    it("has a key that nothing shows: no output, span, health or error", async () => {
      const trusting = { ...settings, NODE_EXTRA_CA_CERTS: certificate, LOG_LEVEL: "debug" };
      const data = newFolder();
      const said: string[] = [];
      for (const command of [["health"], ["health", "--json"], ["config", "print"], ["search", "nothing"]]) {
        const { stdout, stderr } = await run(command, data, trusting);
        said.push(stdout, stderr);
      }
      gateway.closeAllConnections();
      const refused = { ...trusting, QDRANT_URL: "http://127.0.0.1:9", QDRANT_POOL_MAX_RETRIES: "0" };
      const { stdout, stderr } = await run(["search", "nothing", "--json"], data, refused);
      said.push(stdout, stderr, existsSync(join(data, "logs")) ? JSON.stringify(readSpans(data)) : "");
      expect(said.join("\n").length).toBeGreaterThan(1_000);
      expect(said.join("\n")).not.toContain(KEY);
    });
  });
}
