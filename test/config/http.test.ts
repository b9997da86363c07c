/** Settings of `serve --http`: what they take, and what they say of what they do not. */
import { describe, expect, it } from "vitest";
import { type Env, loadConfig } from "#src/config/load.js";

const httpOf = (env: Env) => loadConfig(env).boot.http;

describe("HTTP_LISTEN", () => {
  it.each([
    ["127.0.0.1:8765", { kind: "tcp", host: "127.0.0.1", port: 8_765 }],
    ["localhost:0", { kind: "tcp", host: "localhost", port: 0 }],
    ["[::1]:80", { kind: "tcp", host: "::1", port: 80 }],
    ["rag.internal:65535", { kind: "tcp", host: "rag.internal", port: 65_535 }],
    ["unix:/run/aura.sock", { kind: "unix", path: "/run/aura.sock" }],
  ])("takes %s", (given, listen) => {
    expect(httpOf({ HTTP_LISTEN: given }).listen).toEqual(listen);
  });

  it.each([
    "8765",
    ":8765",
    "127.0.0.1",
    "127.0.0.1:65536",
    "::1:80",
    "http://localhost:80",
    "unix:aura.sock",
    "a b:1",
  ])("refuses %s with what it takes", (given) => {
    expect(() => httpOf({ HTTP_LISTEN: given })).toThrow(
      /^HTTP_LISTEN=.*: an address and a port, like 127\.0\.0\.1:8765/,
    );
  });
});

it("names and origins are lists, as Host and Origin have them", () => {
  const { allowedHosts, allowedOrigins } = httpOf({
    HTTP_ALLOWED_HOSTS: "Rag.Internal, [::1],10.0.0.5",
    HTTP_ALLOWED_ORIGINS: "https://tools.example.com, http://localhost:6274",
  });
  expect(allowedHosts).toEqual(["rag.internal", "[::1]", "10.0.0.5"]);
  expect(allowedOrigins).toEqual(["https://tools.example.com", "http://localhost:6274"]);
});

it.each([
  ["HTTP_ALLOWED_HOSTS", "rag.internal:80"],
  ["HTTP_ALLOWED_HOSTS", "https://rag.internal"],
  ["HTTP_ALLOWED_HOSTS", "rag.internal."],
  ["HTTP_ALLOWED_HOSTS", "*"],
  ["HTTP_ALLOWED_ORIGINS", "*"],
  ["HTTP_ALLOWED_ORIGINS", "null"],
  ["HTTP_ALLOWED_ORIGINS", "tools.example.com"],
  ["HTTP_ALLOWED_ORIGINS", "https://tools.example.com/"],
  ["HTTP_ALLOWED_ORIGINS", "https://tools.example.com:443"],
  ["HTTP_ALLOWED_ORIGINS", "https://TOOLS.example.com"],
  ["HTTP_PUBLIC_URL", "aura.example.com"],
  ["HTTP_PUBLIC_URL", "https://user:secret@aura.example.com/mcp"],
  ["HTTP_PUBLIC_URL", "ftp://aura.example.com"],
  ["HTTP_AUTH", "basic"],
])("%s=%s is refused, without a password in it", (name, given) => {
  const load = () => loadConfig({ [name]: given });
  expect(load).toThrow(new RegExp(`^${name}=`));
  expect(load).not.toThrow(/secret/);
});

it("without any of them nobody but this machine is listened to, and nobody is asked for a token", () => {
  expect(httpOf({})).toMatchObject({
    listen: { kind: "tcp", host: "127.0.0.1", port: 8_765 },
    auth: "none",
    allowedHosts: [],
    allowedOrigins: [],
    tls: undefined,
  });
});

it("a misspelt one is warned of, another program's is not", () => {
  expect(loadConfig({ HTTP_AUHT: "token", HTTP_PROXY: "http://proxy:3128" }).warnings).toEqual([
    "unknown setting HTTP_AUHT is ignored; did you mean HTTP_AUTH?",
  ]);
});
