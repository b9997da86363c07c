/** TLS without a proxy. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as tlsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import type { App } from "#src/app/app.js";
import { INITIALIZE, JSON_HEADERS, raw, serve } from "./serve.js";

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    console.warn("skipped: openssl, which makes the certificate, is not here");
    return false;
  }
}

function certificate(name: string) {
  const folder = mkdtempSync(join(tmpdir(), "aura-tls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost"];
  const options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", ...options, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  chmodSync(key, 0o600);
  return { key, cert };
}

async function handshake(port: number, options: object = {}): Promise<{ name: unknown; protocol: string | null }> {
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", rejectUnauthorized: false, ...options });
  await once(socket, "secureConnect");
  const name = socket.getPeerCertificate().subject.CN;
  const protocol = socket.getProtocol();
  socket.destroy();
  return { name, protocol };
}

describe.skipIf(!hasOpenssl())("behind TLS", () => {
  it("the endpoint is served, to nothing older than 1.2, and its own origin is https", async () => {
    const tls = certificate("first");
    const { server, port } = await serve({ http: { tls } });
    expect(server.address).toBe(`https://127.0.0.1:${port}/mcp`);
    const post = async (origin: string) => {
      const request = tlsRequest({
        host: "127.0.0.1",
        port,
        path: "/mcp",
        method: "POST",
        ca: readFileSync(tls.cert),
        servername: "localhost",
        headers: { ...JSON_HEADERS, origin },
        agent: false,
      });
      request.end(JSON.stringify(INITIALIZE));
      const [response] = await once(request, "response");
      response.resume();
      await once(response, "end");
      return response.statusCode;
    };
    expect(await post(`https://localhost:${port}`)).toBe(200);
    expect(await post(`http://localhost:${port}`)).toBe(403);
    expect((await handshake(port)).protocol).toBe("TLSv1.3");
    expect((await handshake(port, { maxVersion: "TLSv1.2" })).protocol).toBe("TLSv1.2");
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
    await expect(handshake(port, old)).rejects.toThrow();
    expect(await raw(port, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")).not.toContain("200");
  });

  it("a renewed certificate is taken for new connections while a call runs, and a broken one is not", async () => {
    const [first, second] = [certificate("first"), certificate("second")];
    const said: string[] = [];
    let end = () => {};
    let isAsked = false;
    const readDocument = () =>
      new Promise<never>((_, fail) => {
        end = () => fail(new Error("read"));
        isAsked = true;
      });
    const nothing = () => undefined;
    const log = { debug: nothing, info: nothing, warn: nothing, error: (line: string) => void said.push(line) };
    const parts = { readDocument, log } as unknown as Partial<App>;
    const { server, port } = await serve({ http: { tls: first }, parts });
    const call = { name: "get_document", arguments: { uri: "aura://docs/files/a.md" } };
    const options = { host: "127.0.0.1", port, path: "/mcp", method: "POST", rejectUnauthorized: false, agent: false };
    const request = tlsRequest({ ...options, headers: JSON_HEADERS });
    const answered = once(request, "response");
    request.end(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: call }));
    await expect.poll(() => isAsked).toBe(true);

    copyFileSync(second.cert, first.cert);
    server.renew();
    expect(said).toMatchObject([expect.stringContaining("the certificate before stays in use")]);
    expect((await handshake(port)).name).toBe("first");
    copyFileSync(second.key, first.key);
    server.renew();
    expect((await handshake(port)).name).toBe("second");
    end();
    const [response] = await answered;
    let text = "";
    for await (const part of response) text += part;
    expect(text).toContain('"isError":true');
  });

  it("a certificate that cannot be used is refused at start, by name", async () => {
    const { cert, key } = certificate("x");
    const refused = async (tls: { cert?: string; key?: string }, message: RegExp) =>
      expect(serve({ http: { tls: { cert: undefined, key: undefined, ...tls } } })).rejects.toMatchObject({
        code: "config",
        message: expect.stringMatching(message),
      });
    await refused({ cert }, /HTTP_TLS_CERT and HTTP_TLS_KEY belong together/);
    await refused({ key }, /HTTP_TLS_CERT and HTTP_TLS_KEY belong together/);
    await refused({ cert: "/nowhere/cert.pem", key }, /HTTP_TLS_CERT=\/nowhere\/cert.pem cannot be read: ENOENT/);
    await refused({ cert, key: "/nowhere/key.pem" }, /HTTP_TLS_KEY=\/nowhere\/key.pem cannot be read: ENOENT/);
    await refused({ cert, key: certificate("y").key }, /are no certificate and its key: ERR_OSSL/);
    writeFileSync(cert, "no PEM");
    await refused({ cert, key }, /are no certificate and its key/);
    if (process.platform === "win32") return;
    chmodSync(key, 0o644);
    await refused({ cert, key }, /HTTP_TLS_KEY=.* can be read by others/);
  });
});
