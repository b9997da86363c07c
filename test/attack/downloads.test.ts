/** A hub that drips, leads away from TLS, or says of a file what cannot be: the download ends with what is wrong. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { createHub, type HubOptions } from "#src/models/hub.js";
import { FirstUsePins } from "#src/models/pins.js";
import { pullModel } from "#src/models/pull.js";
import { cleanUp, newFolder, onCleanUp, run } from "../e2e/server.js";
import { COMMIT, FakeHub, type Fault } from "../models/fake-hub.js";
import { testCall } from "../support/call.js";

const FILE = Buffer.alloc(200_000, 7);
const SHA256 = createHash("sha256").update(FILE).digest("hex");

afterEach(cleanUp);

async function listen(server: Server, host = "127.0.0.1"): Promise<number> {
  server.listen(0, host);
  await once(server, "listening");
  onCleanUp(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function pull(endpoint: string, options: HubOptions = {}, cache = newFolder()): Promise<void> {
  const hub = createHub({ endpoint, idleTimeoutMs: 1_000, retryDelayMs: 1, ...options });
  const pins = new FirstUsePins(join(newFolder(), "pins.json"));
  try {
    await pullModel(testCall(), { id: "org/model", revision: COMMIT }, [{ file: "model.onnx" }], { hub, cache, pins });
  } finally {
    await hub.client.close();
  }
}

async function fakeHub(fault: Fault): Promise<FakeHub> {
  const hub = await FakeHub.start({ "model.onnx": FILE });
  hub.fault = fault;
  onCleanUp(() => hub.close());
  return hub;
}

it("a file that drips is given up after a few tries, though it is never silent", async () => {
  const { url } = await fakeHub({ drip: true });
  await expect(pull(url, { pace: { leastBytesPerSecond: 10_000, graceMs: 200 } })).rejects.toMatchObject({
    code: "model_missing",
    message: expect.stringContaining("less than 10000 bytes a second"),
  });
});

it("headers that drip are a silence", async () => {
  const sockets = createTcpServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    const next = setInterval(() => socket.write("x: y\r\n"), 20);
    socket.on("close", () => clearInterval(next)).on("error", () => undefined);
  });
  await expect(pull(`http://127.0.0.1:${await listen(sockets)}`)).rejects.toMatchObject({ code: "model_missing" });
});

it("a refusal whose page drips is a refusal", async () => {
  const dripping: RequestListener = (_request, response) => {
    response.writeHead(404);
    const next = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(next));
  };
  const hub = await fakeHub({ redirectTo: `http://127.0.0.1:${await listen(createServer(dripping))}` });
  await expect(pull(hub.url)).rejects.toMatchObject({
    code: "model_missing",
    message: expect.stringMatching(/is not there \(404\)/),
  });
});

it.each(["many", "-5", "1e3.5", "NaN"])("a size of %s is refused, and nothing is downloaded", async (size) => {
  const hub = await fakeHub({ announce: { "model.onnx": size } });
  await expect(pull(hub.url)).rejects.toMatchObject({
    code: "model_missing",
    message: expect.stringMatching(/how long model.onnx is/),
  });
  expect(hub.gets()).toEqual([]);
});

it.each(["ftp://127.0.0.1/", "file:///etc/passwd#", "http://["])(
  "a redirect to %s is refused at once",
  async (place) => {
    const hub = await fakeHub({ redirectTo: place });
    const failed = expect(pull(hub.url)).rejects;
    await failed.toMatchObject({
      code: "model_missing",
      message: expect.stringMatching(/redirects to no address of the web/),
    });
    expect(hub.gets()).toHaveLength(1);
  },
);

it("a redirect from https to http is refused, and nothing is asked there", async (context) => {
  const folder = newFolder();
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  try {
    execFileSync("openssl", ["req", ...options, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  } catch {
    context.skip("openssl, which makes the certificate, is not here");
  }
  const plain: string[] = [];
  const away = createServer((request, response) => {
    plain.push(request.url ?? "");
    response.end(FILE);
  });
  const port = await listen(away);
  const hub = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, ({ method, url }, response) => {
    const bytes = String(url).endsWith("model_qint8_avx512_vnni.onnx") ? 110_124_379 : 700;
    response.setHeader("x-linked-etag", `"${SHA256}"`).setHeader("x-linked-size", bytes);
    response.writeHead(302, { location: method === "HEAD" ? "/elsewhere" : `http://127.0.0.1:${port}${url}` }).end();
  });
  const data = newFolder();
  const { code, stderr } = await run(["models", "pull", "all-mpnet-base-v2"], data, {
    HF_ENDPOINT: `https://localhost:${await listen(hub, "localhost")}`,
    HF_HUB_CACHE: join(data, "cache"),
    NODE_EXTRA_CA_CERTS: cert,
  });
  expect(stderr).toContain("it redirects from https to http");
  expect(code).not.toBe(0);
  expect(plain).toEqual([]);
  const files = existsSync(join(data, "cache")) ? readdirSync(join(data, "cache"), { recursive: true }) : [];
  expect(files.filter((file) => String(file).endsWith(SHA256))).toEqual([]);
});
