/** Faults of a request over HTTP, by kind, and what each means for retry and breaker; the words are the caller's. */
import type { Verdict } from "../resilience/guard.js";

/** Of a server that did not come to an end in its own time. */
export const GAVE_UP = 408;

/** An answer with a status of 300 or more. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  /** Why: the service's own words, cut to one line and quoted. */
  readonly detail: string;
  /** False for what a proxy or a web server says. */
  readonly isJson: boolean;
  /** Of the request that was refused, without its query. */
  readonly url: string;
  readonly retryAfterMs: number | undefined;

  constructor(answer: Pick<HttpError, "status" | "detail" | "isJson" | "url" | "retryAfterMs">) {
    super(`HTTP ${answer.status}: ${answer.detail}`);
    this.status = answer.status;
    this.detail = answer.detail;
    this.isJson = answer.isJson;
    this.url = answer.url;
    this.retryAfterMs = answer.retryAfterMs;
  }
}

/** An answer that should be JSON and does not say that it is. */
export class NotJsonError extends Error {
  override readonly name = "NotJsonError";
}

/** Redirects without end, or to where they must not lead. */
export class RedirectError extends Error {
  override readonly name = "RedirectError";
}

/** `broken-off` may have been carried out; `unreached` was not sent. */
export type ConnectionFault = "unreached" | "silent" | "broken-off" | "certificate";

const FAULTS: ReadonlyMap<string, ConnectionFault> = new Map([
  ["ECONNREFUSED", "unreached"],
  ["ENOTFOUND", "unreached"],
  ["EAI_AGAIN", "unreached"],
  ["EHOSTUNREACH", "unreached"],
  ["ENETUNREACH", "unreached"],
  ["ETIMEDOUT", "unreached"],
  ["UND_ERR_CONNECT_TIMEOUT", "unreached"],
  ["UND_ERR_HEADERS_TIMEOUT", "silent"],
  ["UND_ERR_BODY_TIMEOUT", "silent"],
  ["ECONNRESET", "broken-off"],
  ["EPIPE", "broken-off"],
  ["UND_ERR_SOCKET", "broken-off"],
  ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "broken-off"],
]);

export function codeOf(thrown: unknown): string {
  return (thrown as NodeJS.ErrnoException | undefined)?.code ?? "";
}

/** undefined: the connection is not to blame. */
export function connectionFault(thrown: unknown): ConnectionFault | undefined {
  const code = codeOf(thrown);
  return FAULTS.get(code) ?? (/certificate|CERT|SSL|TLS/.test(code) ? "certificate" : undefined);
}

/** Whether the node itself is to blame, so that another may be asked. */
export function isNodeFailure(thrown: unknown): boolean {
  if (thrown instanceof HttpError) return [502, 503, 504].includes(thrown.status);
  const fault = connectionFault(thrown);
  return fault !== undefined && fault !== "certificate";
}

export interface Outlook {
  /** 1 for the first. */
  readonly attempt: number;
  /** Whether another node can be asked at once. */
  readonly others: boolean;
}

/** What to do after a failed attempt, whatever the service; for one that another attempt does not change: nothing. */
export function schedule(thrown: unknown, { attempt, others }: Outlook): Omit<Verdict, "error"> {
  const soon = others ? "now" : "later";
  if (thrown instanceof HttpError) {
    const { status, retryAfterMs: afterMs } = thrown;
    if (status === 429) return { retry: "later", afterMs, counts: false };
    if (status === GAVE_UP) return { retry: soon, afterMs, counts: true };
    if (status < 500) return { retry: "no", counts: false };
    return { retry: isNodeFailure(thrown) ? soon : "later", afterMs, counts: true };
  }
  if (thrown instanceof SyntaxError) return { retry: soon, counts: true };
  switch (connectionFault(thrown)) {
    case "unreached":
    case "silent":
      return { retry: soon, counts: true };
    case "broken-off":
      // A restart breaks every pooled connection once: the first break of a call is tried again at once and not counted.
      return attempt === 1 ? { retry: "now", counts: false } : { retry: soon, counts: true };
    default:
      return { retry: "no", counts: false };
  }
}
