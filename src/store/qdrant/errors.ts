/** Errors of a Qdrant in the caller's words; when to try again is the HTTP client's knowledge. */
import { AppError, type ErrorCode, toAppError } from "../../core/errors.js";
import { TooLongError } from "../../http/body.js";
import {
  codeOf,
  connectionFault,
  GAVE_UP,
  HttpError,
  isNodeFailure,
  NotJsonError,
  type Outlook,
  schedule,
} from "../../http/faults.js";
import type { Verdict } from "../../resilience/guard.js";
import { ShapeError } from "../shapes.js";

/** Of a proxy before the server; the server itself says 400. */
const TOO_LARGE = 413;
const TOO_LARGE_SAYS = /larger than allowed|Payload reached size limit/i;
/** Of strict mode, for what may pass in parts. */
const TOO_MANY_SAYS = /condition limit reached|Limit exceeded/i;
/** What a collection's strict mode or the server's own settings forbid. */
const FORBIDDEN_SAYS =
  /Index required|No appropriate index|limit (of .*)?reached|maximum number of payload ind|disabled|Limit exceeded/i;

const CHECK_ADDRESS = "Check QDRANT_URL: it must name a Qdrant's REST port.";

/** For what may be absent. */
export function absentAsUndefined(error: unknown): undefined {
  if (error instanceof AppError && error.code === "not_found") return undefined;
  throw error;
}

/** What the server said, where it said something. */
export function refusalOf(error: unknown): HttpError | undefined {
  return error instanceof AppError && error.cause instanceof HttpError ? error.cause : undefined;
}

/** Whether a part of what was asked may pass where the whole did not. */
export function isTooLarge(error: unknown): boolean {
  const refusal = refusalOf(error);
  if (refusal === undefined) return false;
  return exceedsSize(refusal) || (refusal.status === 400 && TOO_MANY_SAYS.test(refusal.detail));
}

function exceedsSize({ status, detail }: HttpError): boolean {
  return status === TOO_LARGE || (status === 400 && TOO_LARGE_SAYS.test(detail));
}

export function classify(thrown: unknown, outlook: Outlook): Verdict {
  if (thrown instanceof AppError) return { error: thrown, retry: "no", counts: false };
  if (thrown instanceof HttpError) return byStatus(thrown, outlook);
  if (thrown instanceof NotJsonError) return final("config", `${thrown.message}.`, CHECK_ADDRESS, thrown);
  if (thrown instanceof ShapeError) {
    return final("config", `The server's JSON is not a Qdrant's: ${thrown.message}.`, CHECK_ADDRESS, thrown);
  }
  if (thrown instanceof TooLongError) {
    return final(
      "store_down",
      `The Qdrant answered with ${thrown.message}.`,
      `${CHECK_ADDRESS} If it does, its points are too large to be read.`,
      thrown,
    );
  }
  return { ...schedule(thrown, outlook), error: byConnection(thrown) };
}

function byConnection(thrown: unknown): AppError {
  if (thrown instanceof SyntaxError) return down("answered with broken JSON", thrown, false);
  const code = codeOf(thrown);
  switch (connectionFault(thrown)) {
    case "unreached":
      return down(`cannot be reached (${code})`, thrown, true);
    case "silent":
      return down("says nothing", thrown, true);
    case "broken-off":
      return down(`broke the connection off (${code})`, thrown, true);
    case "certificate":
      return new AppError("config", `The Qdrant's certificate is not accepted (${code}).`, {
        remedy: "Check QDRANT_URL and the certificate; NODE_EXTRA_CA_CERTS names your own authority.",
        cause: thrown,
      });
    default:
      return toAppError(thrown);
  }
}

function byStatus(thrown: HttpError, outlook: Outlook): Verdict {
  const { status, detail, isJson } = thrown;
  if (status === 401 || status === 403) {
    return final(
      "config",
      `The Qdrant refuses the key (HTTP ${status}): ${detail}`,
      "Check QDRANT_API_KEY and its rights.",
      thrown,
    );
  }
  if (status === 404) {
    return isJson
      ? final(
          "not_found",
          `The Qdrant does not have it: ${detail}`,
          "Call health for the collections there are, or reindex to make this one.",
          thrown,
        )
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
  if (status === 409)
    return final(
      "conflict",
      `The Qdrant refuses it: ${detail}`,
      "Look at the collections there are, then try again.",
      thrown,
    );
  if (status === 429) return rateLimited(thrown, outlook);
  if (status === GAVE_UP) return { ...schedule(thrown, outlook), error: gaveUp(thrown) };
  if (status === 400 && /vector (dimension|name)/i.test(detail)) {
    return final(
      "mismatch",
      `The Qdrant refuses the vectors: ${detail}`,
      "Run reindex with mode full to use this model.",
      thrown,
    );
  }
  if (exceedsSize(thrown)) {
    return final(
      "config",
      `The Qdrant, or a proxy before it, takes no request of this size (HTTP ${status}): ${detail}`,
      "Raise its limit: service.max_request_size_mb of the Qdrant, client_max_body_size or the like of the proxy.",
      thrown,
    );
  }
  if (status === 400 && FORBIDDEN_SAYS.test(detail)) {
    return final(
      "bad_request",
      `The Qdrant refuses it: ${detail}`,
      "Ask for less, or change the collection's strict mode.",
      thrown,
    );
  }
  if (status < 500) return final("bug", `The Qdrant does not understand us: ${detail}`, "Report it.", thrown);
  const error = down(`answered with HTTP ${status}: ${detail}`, thrown, isNodeFailure(thrown));
  return { ...schedule(thrown, outlook), error };
}

function rateLimited(thrown: HttpError, outlook: Outlook): Verdict {
  const { detail, retryAfterMs } = thrown;
  if (retryAfterMs === undefined) {
    const message = `The request is larger than the Qdrant's rate limit: ${detail}`;
    return final("bad_request", message, "Ask for less.", thrown);
  }
  const error = new AppError("rate_limited", `The Qdrant limits the rate: ${detail}`, {
    remedy: `Wait ${retryAfterMs} ms, or raise the collection's limits.`,
    retryAfterMs,
    cause: thrown,
  });
  return { ...schedule(thrown, outlook), error };
}

function gaveUp(thrown: HttpError): AppError {
  return new AppError("timeout", `The Qdrant did not come to an end in its own time: ${thrown.detail}`, {
    remedy: "Try again; look at the load and the log of the Qdrant.",
    cause: thrown,
  });
}

function final(code: ErrorCode, message: string, remedy: string, cause: unknown): Verdict {
  return { error: new AppError(code, message, { remedy, cause }), retry: "no", counts: false };
}

function down(what: string, cause: unknown, isOutage: boolean): AppError {
  return new AppError("store_down", `The Qdrant ${what}.`, {
    remedy: "Check that it runs and can be reached (docs/runbook.md#store_down); the call may be repeated.",
    isOutage,
    cause,
  });
}
