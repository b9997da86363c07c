/** The one error type that crosses a port, with a closed list of codes. */
import { oneLine, sanitize } from "./sanitize.js";

export const ERROR_CODES = [
  "bad_request",
  "forbidden",
  "not_found",
  "mismatch",
  "conflict",
  "overloaded",
  "rate_limited",
  "timeout",
  "cancelled",
  "store_down",
  "model_missing",
  "model_failed",
  "config",
  "bug",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export interface AppErrorOptions {
  /** What the caller should do next, one sentence. */
  readonly remedy: string;
  readonly stage?: string;
  readonly retryAfterMs?: number;
  /** A service does not answer: it may again, without anybody here doing anything. */
  readonly isOutage?: boolean;
  readonly cause?: unknown;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly retryAfterMs: number | undefined;
  /** A service does not answer: it may again, without anybody here doing anything. */
  readonly isOutage: boolean;
  /** Set by the stage that failed, once. */
  stage: string | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions) {
    // Messages name files, documents and what servers said; only configuration lists its problems line by line.
    const clean = code === "config" ? sanitize : oneLine;
    super(clean(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.remedy = clean(options.remedy);
    this.stage = options.stage;
    this.retryAfterMs = options.retryAfterMs;
    this.isOutage = options.isOutage ?? false;
  }

  /** Section of `docs/runbook.md` about this error. */
  get runbook(): string {
    return `docs/runbook.md#${this.code}`;
  }
}

/** Any thrown value as an `AppError`: aborts keep their meaning, everything unforeseen is a `bug`. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof Error && thrown.name === "TimeoutError") return timeoutError(thrown);
  if (thrown instanceof Error && thrown.name === "AbortError") return cancelledError(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError("bug", `Unexpected failure: ${message}`, {
    remedy: "Report it with the trace id; the server goes on serving.",
    cause: thrown,
  });
}

export function cancelledError(cause?: unknown): AppError {
  return new AppError("cancelled", "The caller cancelled this call.", {
    remedy: "Call again when you need the answer.",
    cause,
  });
}

export function timeoutError(cause?: unknown): AppError {
  return new AppError("timeout", "The call did not finish before its deadline.", {
    remedy: "Try again, ask for less, or raise CALL_TIMEOUT_MS.",
    cause,
  });
}

/** Throws `cancelled` or `timeout` (by the signal's reason) when the signal is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortReason(signal);
}

export function abortReason(signal: AbortSignal): AppError {
  const reason: unknown = signal.reason;
  if (reason instanceof AppError) return reason;
  return reason instanceof Error && reason.name === "TimeoutError" ? timeoutError(reason) : cancelledError(reason);
}

/** The promise's value, or the signal's reason the moment it aborts; the promise itself is left to finish. */
export function raceAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) {
    promise.catch(() => undefined);
    return Promise.reject(abortReason(signal));
  }
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(abortReason(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
