/** The time that one call's re-ranking may take. */
import { cancelledError } from "../core/errors.js";

export interface Budget {
  /** Aborts when the time is over or the caller leaves. */
  readonly signal: AbortSignal;
  /** Whether it was the time that ended it. */
  readonly over: boolean;
  /** Stops the work that still goes on under it. */
  end(): void;
}

export function createBudget(budgetMs: number, caller: AbortSignal | undefined): Budget {
  const abort = new AbortController();
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    abort.abort(cancelledError());
  }, budgetMs);
  return {
    signal: caller === undefined ? abort.signal : AbortSignal.any([abort.signal, caller]),
    get over() {
      return over;
    },
    end() {
      clearTimeout(timer);
      abort.abort(cancelledError());
    },
  };
}
