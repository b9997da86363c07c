/** Time limit of one call's reranking. */
import { branch, type Call } from "../core/call.js";
import { cancelledError } from "../core/errors.js";

export interface Budget {
  /** Aborts when the time is over or the caller leaves. */
  readonly call: Call;
  readonly ms: number;
  /** Whether it was the time that ended it. */
  readonly over: boolean;
  /** Stops the work that still goes on under it. */
  end(): void;
}

export function createBudget(caller: Call, ms: number): Budget {
  const part = branch(caller);
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    part.abort(cancelledError());
  }, ms);
  return {
    call: part.call,
    ms,
    get over() {
      return over;
    },
    end() {
      clearTimeout(timer);
      part.abort(cancelledError());
      part.end();
    },
  };
}
