/** A wait that an abort ends. */
import { abortReason, throwIfAborted } from "../core/errors.js";

/** @throws AppError the signal's reason, at once */
export async function pause({ signal }: { readonly signal: AbortSignal }, ms: number): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve, reject) => {
    const end = (then: () => void) => () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      then();
    };
    const timer = setTimeout(end(resolve), ms);
    const onAbort = end(() => reject(abortReason(signal)));
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
