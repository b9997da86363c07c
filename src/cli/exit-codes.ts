/** Exit codes, after sysexits(3). */
import type { ErrorCode } from "../core/errors.js";

export const EXIT = { ok: 0, failed: 1, usage: 2, unavailable: 69, tryAgain: 75, config: 78 } as const;

const BY_CODE: Readonly<Record<ErrorCode, number>> = {
  bad_request: EXIT.usage,
  forbidden: EXIT.failed,
  not_found: EXIT.failed,
  mismatch: EXIT.failed,
  conflict: EXIT.tryAgain,
  overloaded: EXIT.tryAgain,
  rate_limited: EXIT.tryAgain,
  timeout: EXIT.tryAgain,
  cancelled: EXIT.failed,
  store_down: EXIT.unavailable,
  model_missing: EXIT.unavailable,
  model_failed: EXIT.unavailable,
  config: EXIT.config,
  bug: EXIT.failed,
};

export function exitCodeOf(code: ErrorCode): number {
  return BY_CODE[code];
}
