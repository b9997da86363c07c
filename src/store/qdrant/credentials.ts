/** What a Qdrant, or the gateway before it, asks for: a key, headers of its own, a client's certificate. */
import { readFileSync } from "node:fs";
import { AppError } from "../../core/errors.js";
import { FollowedFile } from "../../files/followed-file.js";
import { readSecret } from "../../files/secret-file.js";
import type { ClientCertificate } from "../../http/connections.js";

/** Between two looks whether the key was exchanged. */
const LOOK_EVERY_MS = 1_000;

/** Paths are of files. */
export interface CredentialOptions {
  readonly apiKey?: string | undefined;
  /** In place of `apiKey`; read again when it changes. */
  readonly apiKeyFile?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
}

export class Credentials {
  readonly #apiKey: () => string | undefined;
  readonly #headers: Readonly<Record<string, string>>;
  readonly certificate: ClientCertificate | undefined;

  /** @throws AppError `config` for a file that cannot be read */
  constructor({ apiKey, apiKeyFile, headers = {}, clientCertificate, clientKey }: CredentialOptions) {
    const file =
      apiKeyFile === undefined
        ? undefined
        : readable(
            "The key's file (QDRANT_API_KEY_FILE)",
            apiKeyFile,
            (path) => new FollowedFile(path, { lookEveryMs: LOOK_EVERY_MS, read: readSecret }),
          );
    this.#apiKey = () => file?.value ?? apiKey;
    this.#headers = headers;
    if (clientCertificate === undefined || clientKey === undefined) return;
    this.certificate = {
      cert: readable("The certificate (QDRANT_CLIENT_CERT)", clientCertificate, (path) => readFileSync(path)),
      key: readable("Its key (QDRANT_CLIENT_KEY)", clientKey, (path) => readFileSync(path)),
    };
  }

  get apiKey(): string | undefined {
    return this.#apiKey();
  }

  get headers(): Readonly<Record<string, string | undefined>> {
    return { ...this.#headers, "api-key": this.apiKey };
  }
}

function readable<T>(what: string, path: string, read: (path: string) => T): T {
  try {
    return read(path);
  } catch (error) {
    throw new AppError("config", `${what} cannot be read at ${path}: ${(error as Error).message}.`, {
      remedy: "Name a file that this user can read.",
      cause: error,
    });
  }
}
