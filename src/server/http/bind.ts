/** A server onto its address or socket. */
import { once } from "node:events";
import { lstatSync, unlinkSync } from "node:fs";
import { type AddressInfo, connect, type Server } from "node:net";
import { AppError } from "../../core/errors.js";
import { bracketed } from "../../http/host-guard.js";
import type { HttpConfig } from "./guards.js";

type Listen = HttpConfig["listen"];

/** @returns the port; undefined for a socket @throws AppError */
export async function bind(server: Server, listen: Listen): Promise<number | undefined> {
  try {
    if (listen.kind === "unix") await bindSocket(server, listen.path);
    else {
      server.listen({ host: listen.host, port: listen.port, exclusive: true });
      await once(server, "listening");
    }
  } catch (error) {
    throw cannotListen(listen, error as NodeJS.ErrnoException);
  }
  const address = server.address();
  return typeof address === "object" ? (address as AddressInfo).port : undefined;
}

/** As people read it. */
export function addressOf({ listen, tls }: Pick<HttpConfig, "listen" | "tls">, port: number | undefined): string {
  if (listen.kind === "unix") return `unix://${listen.path}#/mcp`;
  return `${tls === undefined ? "http" : "https"}://${bracketed(listen.host)}:${port}/mcp`;
}

/** Its user's alone, from the first moment on. */
async function bindSocket(server: Server, path: string): Promise<void> {
  if (await isLeftOver(path)) unlinkSync(path);
  const mask = process.umask(0o177);
  try {
    server.listen({ path, exclusive: true });
  } finally {
    process.umask(mask);
  }
  await once(server, "listening");
}

/** A socket that nobody listens on any more: its server had no time to remove it. */
function isLeftOver(path: string): Promise<boolean> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return Promise.resolve(false);
  return new Promise((done) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      done(false);
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => done(code === "ECONNREFUSED"));
  });
}

function cannotListen(listen: Listen, cause: NodeJS.ErrnoException): AppError {
  const where = listen.kind === "unix" ? `unix:${listen.path}` : `${bracketed(listen.host)}:${listen.port}`;
  if (cause.code === "EADDRINUSE")
    return new AppError("conflict", `Another program listens on ${where}.`, {
      remedy: "End it, or set HTTP_LISTEN to another port.",
      cause,
    });
  return new AppError("config", `HTTP_LISTEN=${where} cannot be listened on: ${cause.code ?? cause.message}.`, {
    remedy: "Set it to an address and port of this machine, or to unix: and a path that can be written.",
    cause,
  });
}
