/** A Qdrant behind TLS, a key and a path, as a gateway offers it: reached when its certificate is trusted, never otherwise. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stub } from "../store/qdrant/stub.js";
import { cleanUp, folderOf, newFolder, readSpans, run } from "./server.js";

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
  const asked: { path: string; key: string | undefined }[] = [];

  beforeAll(async () => {
    const folder = newFolder();
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    execFileSync("openssl", ["req", ...options, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
    certificate = cert;
    stub = await Stub.start();
    gateway = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, async (request, response) => {
      const { method = "GET", url = "/" } = request;
      asked.push({ path: url, key: request.headers["api-key"] as string | undefined });
      const body = await text(request);
      const path = url.replace(/^\/search/, "");
      const content = body === "" ? {} : { body, headers: { "content-type": "application/json" } };
      const answer = await fetch(stub.url + path, { method, ...content });
      response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
    }).listen(0, "localhost");
    await once(gateway, "listening");
    settings = {
      QDRANT_URL: `https://localhost:${(gateway.address() as AddressInfo).port}/search/`,
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
