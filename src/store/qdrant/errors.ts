/** What goes wrong between us and a Qdrant, and what each of it means for the caller, the retry and the breaker. */
import { AppError, type ErrorCode, toAppError } from "../../core/errors.js";
import type { Verdict } from "../../resilience/guard.js";

/** An answer with a status of 300 or more. */
export class HttpError extends Error {
  override readonly name = "HttpError";

  /** @param detail what the server says is wrong, one line; @param isJson false for what a proxy or a web server says */
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly isJson: boolean,
    readonly retryAfterMs?: number,
  ) {
    super(`HTTP ${status}: ${detail}`);
  }
}

/** An answer that is none of a Qdrant's. */
export class NotQdrantError extends Error {
  override readonly name = "NotQdrantError";
}

const UNREACHED = new Set([
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT"],
]);
/** Another node is asked when one says nothing for a share of the call's time. */
const SILENT = "UND_ERR_HEADERS_TIMEOUT";
const BROKEN_OFF = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "UND_ERR_RES_CONTENT_LENGTH_MISMATCH"]);

/** Whether the node itself is to blame, so that another may be asked. */
export function isNodeFailure(thrown: unknown): boolean {
  if (thrown instanceof HttpError) return [502, 503, 504].includes(thrown.status);
  const code = codeOf(thrown);
  return UNREACHED.has(code) || BROKEN_OFF.has(code) || code === SILENT;
}

/** For what may be absent. */
export function absentAsUndefined(error: unknown): undefined {
  if (error instanceof AppError && error.code === "not_found") return undefined;
  throw error;
}

/** @param attempt 1 for the first @param others whether another node can be asked at once */
export function classify(thrown: unknown, attempt: number, others: boolean): Verdict {
  if (thrown instanceof AppError) return { error: thrown, retry: "no", counts: false };
  if (thrown instanceof HttpError) return byStatus(thrown, others);
  if (thrown instanceof NotQdrantError) {
    return final("config", `${thrown.message}.`, "Check QDRANT_URL: it must name a Qdrant's REST port.", thrown);
  }
  const code = codeOf(thrown);
  const soon = others ? "now" : "later";
  if (UNREACHED.has(code)) return { error: down(`cannot be reached (${code})`, thrown), retry: soon, counts: true };
  if (code === SILENT) return { error: down("says nothing", thrown), retry: soon, counts: true };
  if (BROKEN_OFF.has(code)) {
    // A restart breaks every pooled connection once: the first break of a call is tried again at once and not counted.
    const first = attempt === 1;
    const error = down(`broke the connection off (${code})`, thrown);
    return { error, retry: first ? "now" : soon, counts: !first };
  }
  if (thrown instanceof SyntaxError) {
    return { error: down("answered with broken JSON", thrown), retry: soon, counts: true };
  }
  if (/certificate|CERT|SSL|TLS/.test(code)) {
    return final(
      "config",
      `The Qdrant's certificate is not accepted (${code}).`,
      "Check QDRANT_URL and the certificate; NODE_EXTRA_CA_CERTS names your own authority.",
      thrown,
    );
  }
  return { error: toAppError(thrown), retry: "no", counts: false };
}

function byStatus(thrown: HttpError, others: boolean): Verdict {
  const { status, detail, isJson, retryAfterMs } = thrown;
  if (status === 401 || status === 403) {
    return final(
      "config",
      `The Qdrant refuses the key (HTTP ${status}).`,
      "Check QDRANT_API_KEY and its rights.",
      thrown,
    );
  }
  if (status === 404) {
    return isJson
      ? final("not_found", detail, "Call health for the collections there are, or reindex to make this one.", thrown)
      : final("config", "There is no Qdrant at this address (HTTP 404).", "Check QDRANT_URL and its path.", thrown);
  }
  if (status < 400) {
    return final(
      "config",
      `QDRANT_URL redirects elsewhere (HTTP ${status}).`,
      "Name the address it redirects to.",
      thrown,
    );
  }
  if (status === 409) return final("conflict", detail, "Look at the collections there are, then try again.", thrown);
  if (status === 429) return rateLimited(thrown);
  if (status === 400 && /vector (dimension|name)/i.test(detail)) {
    return final("mismatch", detail, "Run reindex with mode full to use this model.", thrown);
  }
  if (status === 400 && /Index required|Limit exceeded|disabled/i.test(detail)) {
    return final("bad_request", detail, "Ask for less, or change the collection's strict mode.", thrown);
  }
  if (status < 500) return final("bug", `The Qdrant does not understand us: ${detail}`, "Report it.", thrown);
  const error = down(`answered with HTTP ${status}: ${detail}`, thrown);
  return {
    error,
    retry: others && isNodeFailure(thrown) ? "now" : "later",
    counts: true,
    afterMs: retryAfterMs,
  };
}

function rateLimited(thrown: HttpError): Verdict {
  const { detail, retryAfterMs } = thrown;
  if (retryAfterMs === undefined) {
    return final(
      "bad_request",
      `The request is larger than the Qdrant's rate limit: ${detail}`,
      "Ask for less.",
      thrown,
    );
  }
  const error = new AppError("rate_limited", `The Qdrant limits the rate: ${detail}`, {
    remedy: `Wait ${retryAfterMs} ms, or raise the collection's limits.`,
    retryAfterMs,
    cause: thrown,
  });
  return { error, retry: "later", afterMs: retryAfterMs, counts: false };
}

function final(code: ErrorCode, message: string, remedy: string, cause: unknown): Verdict {
  return { error: new AppError(code, message, { remedy, cause }), retry: "no", counts: false };
}

function down(what: string, cause: unknown): AppError {
  return new AppError("store_down", `The Qdrant ${what}.`, {
    remedy: "Check that it runs and can be reached (docs/runbook.md#store_down); the call may be repeated.",
    cause,
  });
}

function codeOf(thrown: unknown): string {
  return (thrown as NodeJS.ErrnoException | undefined)?.code ?? "";
}
