/** The standard streams of a server: stdout is kept for the protocol, and stderr never waits for its reader. */
import { Writable } from "node:stream";

/** Bytes that wait for a reader who is slow; what comes on top of them is lost. */
const MAX_WAITING_BYTES = 256 * 1024;
/** Time for a reader to make room for what Node itself says of a crash. */
const LAST_WORDS_AFTER_MS = 100;

type Done = (error?: Error | null) => void;

/** @returns the real stdout; whatever a library prints goes to stderr */
export function reserveStdout(): Writable {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (...args: unknown[]) => process.stderr.write(...(args as [string]));
  return new Writable({ decodeStrings: false, write: (chunk, _encoding, done) => void write(chunk, done) });
}

/** A host that does not read its server's stderr must not stop it. */
export function loseRatherThanWait(stream: NodeJS.WriteStream): void {
  // Node makes terminals, and pipes on Windows, wait. It has no public way to undo that.
  (stream as { _handle?: { setBlocking?(on: boolean): unknown } })._handle?.setBlocking?.(false);
  const write = stream.write.bind(stream) as (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;
  let lost = 0;
  const lossy = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    if (stream.writableLength < MAX_WAITING_BYTES) return write(chunk, ...rest);
    lost++;
    const done = rest.find((each): each is Done => typeof each === "function");
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  stream.write = lossy;
  stream.on("drain", () => {
    if (lost > 0) write(`aura-retrieval: ${lost} messages were lost here, because nobody read them.\n`);
    lost = 0;
  });
  stream.on("error", () => undefined); // nobody reads it any more
  process.on("exit", () => {
    if (stream.writableLength > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_WORDS_AFTER_MS);
  });
}
