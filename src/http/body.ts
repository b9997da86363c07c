/** Bodies that come over the network: whoever sends one decides neither how long it is nor how long it takes. */
import type { Readable } from "node:stream";

/** A body that is longer than it may be. */
export class TooLongError extends Error {
  override readonly name = "TooLongError";

  constructor(maxBytes: number) {
    super(`more than ${Math.round(maxBytes / 1024 ** 2)} MiB`);
  }
}

/** The least a long body must bring. Silence is the connection's matter: that ends a body that brings nothing at all. */
export interface Pace {
  readonly leastBytesPerSecond: number;
  /** Before that it may be slower. */
  readonly graceMs: number;
}

/**
 * The beginning of a body, and whether that is all of it. The rest is not waited for: its connection is closed. By
 * events: iteration costs a search a twentieth of its time.
 */
export function readStart(
  body: Readable,
  { maxBytes, maxMs }: { readonly maxBytes: number; readonly maxMs?: number },
): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (isWhole: boolean) => {
      clearTimeout(timer);
      resolve({ bytes: Buffer.concat(chunks, Math.min(length, maxBytes)), isWhole });
    };
    const stop = () => {
      settle(false);
      body.destroy();
    };
    const fail = (error: unknown) => {
      clearTimeout(timer);
      reject(error);
    };
    const timer = maxMs === undefined ? undefined : setTimeout(stop, maxMs);
    if (body.destroyed) return fail(body.errored ?? new Error("the body was closed"));
    body.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) stop();
    });
    body.on("end", () => settle(true));
    body.on("error", fail);
  });
}

/** @throws TooLongError, an Error for a body below its pace, and what the connection throws */
export async function* inPieces(
  body: Readable,
  maxBytes: number,
  { leastBytesPerSecond, graceMs }: Pace,
): AsyncGenerator<Buffer, void, undefined> {
  const began = performance.now();
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new TooLongError(maxBytes);
    const tookMs = performance.now() - began - graceMs;
    if (tookMs > 0 && length < (tookMs / 1000) * leastBytesPerSecond) {
      throw new Error(`the other side sends less than ${leastBytesPerSecond} bytes a second`);
    }
    yield chunk;
  }
}
