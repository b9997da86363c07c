/** Files on the Hub, described and opened; the token never leaves the Hub's own host. */
import { AppError } from "../core/errors.js";
import { sanitizeLine } from "../core/sanitize.js";
import { discard } from "../http/answer.js";
import type { Pace } from "../http/body.js";
import { HttpClient, type Send } from "../http/client.js";
import { HttpError, RedirectError } from "../http/faults.js";
import { parseAddresses } from "../http/nodes.js";
import type { Verdict } from "../resilience/guard.js";

const DEFAULT_ENDPOINT = "https://huggingface.co";
/** Attempts of one download. */
const TRIES = 5;
/** A server that asks for more patience than this is asked again all the same. */
const LONGEST_WAIT_MS = 30_000;
/** Files are pulled one after the other; several models may be pulled at once. */
const CONNECTIONS = 8;
/** Of what the Hub, or where it redirects to, says. */
const MOST_CHARS = 400;
const HEADERS = { "user-agent": "aura-retrieval" };
/** A slow line brings the bundled model's size in 25 minutes; less is no download, however long it lasts. */
const PACE: Pace = { leastBytesPerSecond: 16 * 1024, graceMs: 60_000 };

export interface Hub {
  readonly endpoint: string;
  readonly client: HttpClient;
  readonly pace: Pace;
}

export interface HubOptions {
  readonly endpoint?: string | undefined;
  readonly token?: string | undefined;
  readonly httpsProxy?: string | undefined;
  /** Silence on a connection that ends it. */
  readonly idleTimeoutMs?: number;
  /** Wait after the first failure of a download, at most; doubled after each further one. */
  readonly retryDelayMs?: number;
  /** What a download must bring on average. */
  readonly pace?: Pace;
}

/** @throws AppError `config` for a proxy or an endpoint that is not a URL */
export function createHub(options: HubOptions): Hub {
  const { endpoint = DEFAULT_ENDPOINT, token, httpsProxy, idleTimeoutMs = 30_000, retryDelayMs = 1_000 } = options;
  const nodes = parseAddresses(endpoint, badEndpoint);
  const ownHeaders = { authorization: token && `Bearer ${token}` };
  const client = viaProxy(
    () =>
      new HttpClient({
        name: "The Hub",
        nodes,
        ownHeaders: () => ownHeaders,
        proxy: { https: httpsProxy },
        // A large file takes long: an attempt ends by silence, or when it brings too little.
        idleTimeoutMs,
        timeoutRemedy: "",
        poolSize: CONNECTIONS,
        maxRetries: TRIES - 1,
        retryDelayMs,
        // Nothing counts against it: a pull is one caller, and ends with its first file that fails.
        refusal: "model_missing",
        failureThreshold: Number.POSITIVE_INFINITY,
        resetMs: 0,
        classify: (thrown) =>
          verdictOn(thrown, (message) => ({
            message: `${endpoint} cannot be asked: ${message}.`,
            remedy: "Check the network, HTTPS_PROXY and HF_ENDPOINT.",
          })),
      }),
  );
  return { endpoint: endpoint.replace(/\/+$/, ""), client, pace: options.pace ?? PACE };
}

/**
 * A proxy without its scheme is found only here: HTTPS_PROXY is often meant for other programs, and a server that
 * downloads nothing starts in spite of it. The value may hold a password and is not shown.
 */
function viaProxy<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new AppError("config", "HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy.", {
      remedy: "Write it with its scheme, such as HTTPS_PROXY=http://proxy.example:8080.",
      cause,
    });
  }
}

function badEndpoint(_address: number, wrong: string): AppError {
  return new AppError("config", `HF_ENDPOINT ${wrong}.`, {
    remedy: "Write it with its scheme, such as HF_ENDPOINT=https://hub.example; a token goes into HF_TOKEN.",
  });
}

export interface RemoteFile {
  /** Behind the endpoint. */
  readonly path: string;
  /** Names the blob; the sha256 for large files, a git hash for small ones. */
  readonly etag: string;
  readonly bytes: number | undefined;
  readonly commit: string | undefined;
}

/** What the Hub says of a file, without the file; asked once. @throws AppError `model_missing`, `cancelled` */
export async function describeFile(
  { client, endpoint }: Hub,
  repository: { readonly id: string; readonly revision: string },
  file: string,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const path = `/${repository.id}/resolve/${encodeURIComponent(repository.revision)}/${file}`;
  const { status, headers } = await client.run(
    async (send) => {
      const answer = await send({ method: "HEAD", path, headers: HEADERS, redirect: "answer" });
      await discard(answer);
      return answer;
    },
    { signal, retry: false },
  );
  const etag = String(headers["x-linked-etag"] ?? headers.etag ?? "").replace(/^W\/|"/g, "");
  if (!/^[0-9a-f]{40,64}$/.test(etag)) throw unusable(`${endpoint} does not say which version of ${file} it has`);
  const length = headers["x-linked-size"] ?? (status < 300 ? headers["content-length"] : undefined);
  const bytes = length === undefined ? undefined : Number(length);
  if (bytes !== undefined && !(Number.isSafeInteger(bytes) && bytes >= 0)) {
    throw unusable(`${endpoint} does not say how long ${file} is`);
  }
  const commit = headers["x-repo-commit"];
  return {
    path,
    etag,
    bytes,
    commit: typeof commit === "string" && /^[0-9a-f]{40}$/.test(commit) ? commit : undefined,
  };
}

/**
 * Attempts, with waits between them, until one brings the whole file.
 * @param attempt throws an AppError for what another one would not change
 * @throws AppError `model_missing`, `cancelled`, and what `attempt` throws
 */
export function downloadFrom(
  { client }: Hub,
  file: string,
  attempt: (send: Send) => Promise<void>,
  signal: AbortSignal,
) {
  return client.run(attempt, {
    signal,
    classify: (thrown, { attempt: tries }) =>
      verdictOn(thrown, (message) => ({
        message: `${file} could not be downloaded in ${tries} tries: ${message}.`,
        remedy: "Check the network, HTTPS_PROXY and HF_ENDPOINT, then try again: what is there is kept.",
      })),
  });
}

/** A file from `offset` on; `resumed` false: from its beginning, the server ignored the range. */
export async function openFile(send: Send, { path }: RemoteFile, offset: number) {
  const range = offset > 0 ? { range: `bytes=${offset}-` } : {};
  const answer = await send({ method: "GET", path, headers: { ...HEADERS, ...range }, redirect: "follow" });
  return { resumed: answer.status === 206 && offset > 0, body: answer.body };
}

/** Only what may pass is tried again. @param words for a fault without words of its own */
function verdictOn(
  thrown: unknown,
  words: (message: string) => { readonly message: string; readonly remedy: string },
): Verdict {
  if (thrown instanceof AppError) return { error: thrown, retry: "no", counts: false };
  if (thrown instanceof RedirectError) return { error: unusable(thrown.message), retry: "no", counts: false };
  if (thrown instanceof HttpError && thrown.status !== 429 && thrown.status < 500) {
    return { error: refused(thrown), retry: "no", counts: false };
  }
  const { message, remedy } = words(
    sanitizeLine(thrown instanceof Error ? thrown.message : String(thrown), MOST_CHARS),
  );
  const error = new AppError("model_missing", message, { remedy, cause: thrown });
  const asked = thrown instanceof HttpError ? thrown.retryAfterMs : undefined;
  return { error, retry: "later", afterMs: asked && Math.min(asked, LONGEST_WAIT_MS), counts: false };
}

/** A refusal that trying again does not change. */
function refused(thrown: HttpError): AppError {
  const { status, url } = thrown;
  const why =
    status === 401 || status === 403
      ? { message: `needs a permission (${status})`, remedy: "Set HF_TOKEN to a token that may read it." }
      : { message: `is not there (${status})`, remedy: "Check HF_ENDPOINT, or put the file in place by hand." };
  return new AppError("model_missing", `${sanitizeLine(url, MOST_CHARS)} ${why.message}.`, {
    remedy: why.remedy,
    cause: thrown,
  });
}

export function unusable(why: string): AppError {
  return new AppError("model_missing", `The download was refused: ${why}.`, {
    remedy: "Check HF_ENDPOINT; the catalogue's files are pinned in models.json.",
  });
}
