/** Node's server with its bounds, behind TLS where there is a certificate. */
import { readFileSync } from "node:fs";
import { createServer, type Server, type ServerOptions } from "node:http";
import type { Server as TlsServer } from "node:https";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { readPrivateFile } from "../../auth/private-file.js";
import { AppError } from "../../core/errors.js";
import type { HttpConfig } from "./guards.js";

export interface Limits {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly writeMs: number;
  readonly connections: number;
}

export interface NodeServer {
  readonly server: Server | TlsServer;
  /** Takes the certificate as its files have it now, for new connections. @throws AppError for one that cannot be used */
  renew(): void;
}

const CHECK_EVERY_MS = 1_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** @throws AppError `config` for a certificate that cannot be used */
export async function createNodeServer(http: HttpConfig, limits: Limits): Promise<NodeServer> {
  const options: ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: http.keepAliveMs,
    connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, limits.headersMs),
  };
  const { tls } = http;
  if (tls === undefined) return { server: bounded(createServer(options), limits), renew: () => undefined };
  const { createServer: createTlsServer } = await import("node:https");
  const secure = createTlsServer({ ...options, ...contextOf(tls), handshakeTimeout: limits.headersMs });
  return { server: bounded(secure, limits), renew: () => secure.setSecureContext(contextOf(tls)) };
}

function bounded<S extends Server | TlsServer>(server: S, { connections }: Limits): S {
  server.maxConnections = connections;
  return server;
}

function contextOf({ cert, key }: NonNullable<HttpConfig["tls"]>): SecureContextOptions {
  if (cert === undefined || key === undefined)
    throw new AppError("config", "HTTP_TLS_CERT and HTTP_TLS_KEY belong together, and one is not set.", {
      remedy: "Set both, or neither where a proxy does TLS.",
    });
  const options: SecureContextOptions = {
    cert: readCertificate(cert),
    key: readPrivateFile(key, `HTTP_TLS_KEY=${key}`),
    minVersion: "TLSv1.2",
  };
  try {
    createSecureContext(options);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? "an unknown reason";
    throw new AppError(
      "config",
      `HTTP_TLS_CERT=${cert} and HTTP_TLS_KEY=${key} are no certificate and its key: ${why}.`,
      {
        remedy: "Name a certificate, its chain behind it, and the key it was made for, both in PEM.",
      },
    );
  }
  return options;
}

function readCertificate(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "an unknown reason";
    throw new AppError("config", `HTTP_TLS_CERT=${path} cannot be read: ${code}.`, {
      remedy: "Name a file that this user can read.",
    });
  }
}
