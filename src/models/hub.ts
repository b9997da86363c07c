/** Requests to the Hub: redirects are followed by hand, so that the token never leaves the Hub's own host. */
import { type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import { AppError } from "../core/errors.js";

const DEFAULT_ENDPOINT = "https://huggingface.co";
const MAX_REDIRECTS = 5;

export interface Hub {
  readonly endpoint: string;
  readonly token?: string | undefined;
  /** Silence on a connection that ends it. */
  readonly idleTimeoutMs: number;
  readonly dispatcher: Dispatcher;
}

/** @throws AppError `config` for a proxy that is not a URL */
export function createHub(options: {
  endpoint?: string | undefined;
  token?: string | undefined;
  httpsProxy?: string | undefined;
  idleTimeoutMs?: number;
}): Hub {
  return {
    endpoint: (options.endpoint ?? DEFAULT_ENDPOINT).replace(/\/+$/, ""),
    token: options.token,
    idleTimeoutMs: options.idleTimeoutMs ?? 30_000,
    dispatcher: viaProxy(options.httpsProxy),
  };
}

/**
 * A proxy without its scheme is found only here: HTTPS_PROXY is often meant for other programs, and a server that
 * downloads nothing starts in spite of it. The value may hold a password and is not shown.
 */
function viaProxy(httpsProxy: string | undefined): Dispatcher {
  try {
    return new EnvHttpProxyAgent(httpsProxy === undefined ? {} : { httpsProxy });
  } catch (cause) {
    throw new AppError("config", "HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy.", {
      remedy: "Write it with its scheme, such as HTTPS_PROXY=http://proxy.example:8080.",
      cause,
    });
  }
}

export interface RemoteFile {
  readonly url: string;
  /** Names the blob; the sha256 for large files, a git hash for small ones. */
  readonly etag: string;
  readonly bytes: number | undefined;
  readonly commit: string | undefined;
}

/** What the Hub says of a file, without the file. @throws AppError `model_missing` */
export async function describeFile(
  hub: Hub,
  repository: { readonly id: string; readonly revision: string },
  file: string,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const url = `${hub.endpoint}/${repository.id}/resolve/${encodeURIComponent(repository.revision)}/${file}`;
  const { statusCode, headers, body } = await send(hub, { url, method: "HEAD", headers: {}, signal });
  await body.dump();
  if (statusCode >= 400) throw refused(statusCode, file, repository.id);
  const etag = String(headers["x-linked-etag"] ?? headers.etag ?? "").replace(/^W\/|"/g, "");
  if (!/^[0-9a-f]{40,64}$/.test(etag)) {
    throw unusable(`${hub.endpoint} does not say which version of ${file} it has`);
  }
  const length = headers["x-linked-size"] ?? (statusCode < 300 ? headers["content-length"] : undefined);
  const commit = headers["x-repo-commit"];
  return {
    url,
    etag,
    bytes: length === undefined ? undefined : Number(length),
    commit: typeof commit === "string" && /^[0-9a-f]{40}$/.test(commit) ? commit : undefined,
  };
}

/** Opens a file from `offset` on. @throws AppError `model_missing` */
export async function openFile(
  hub: Hub,
  remote: RemoteFile,
  { file, offset, signal }: { readonly file: string; readonly offset: number; readonly signal: AbortSignal },
): Promise<{ readonly resumed: boolean; readonly body: Dispatcher.ResponseData["body"] }> {
  const range: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
  let { url } = remote;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const { statusCode, headers, body } = await send(hub, { url, method: "GET", headers: range, signal });
    if (statusCode === 200 || statusCode === 206) return { resumed: statusCode === 206 && offset > 0, body };
    await body.dump();
    const { location } = headers;
    if (statusCode < 300 || statusCode >= 400 || typeof location !== "string") throw refused(statusCode, file, url);
    url = new URL(location, url).href;
  }
  throw unusable(`the address of ${file} redirects more than ${MAX_REDIRECTS} times`);
}

interface HubRequest {
  readonly url: string;
  readonly method: "HEAD" | "GET";
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

function send(hub: Hub, { url, method, headers, signal }: HubRequest) {
  const own = new URL(url).origin === new URL(hub.endpoint).origin;
  return request(url, {
    method,
    signal,
    dispatcher: hub.dispatcher,
    headersTimeout: hub.idleTimeoutMs,
    bodyTimeout: hub.idleTimeoutMs,
    headers: {
      "user-agent": "aura-retrieval",
      "accept-encoding": "identity",
      ...headers,
      authorization: own && hub.token !== undefined ? `Bearer ${hub.token}` : undefined,
    },
  });
}

/** A refusal that trying again does not change; 429 and 5xx are thrown as what may pass. */
function refused(status: number, file: string, where: string): Error {
  if (status === 429 || status >= 500) return new Error(`the server answered ${status} for ${file}`);
  const why =
    status === 401 || status === 403
      ? { message: `needs a permission (${status})`, remedy: "Set HF_TOKEN to a token that may read it." }
      : { message: `is not there (${status})`, remedy: "Check HF_ENDPOINT, or put the file in place by hand." };
  return new AppError("model_missing", `${file} of ${where} ${why.message}.`, { remedy: why.remedy });
}

export function unusable(why: string): AppError {
  return new AppError("model_missing", `The download was refused: ${why}.`, {
    remedy: "Check HF_ENDPOINT; the catalogue's files are pinned in models.json.",
  });
}
