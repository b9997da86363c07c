/** Ends a process that handles what others made before it takes the machine's memory. */
import { Worker } from "node:worker_threads";

const CHECK_EVERY_MS = 50;

/**
 * Kills this process when it holds more than `bytes` of memory, of whatever kind: V8's own limits leave buffers out. A
 * thread looks, because the main one may be busy without end.
 */
export function limitMemory(bytes: number): void {
  const look = `setInterval(() => {
    if (process.memoryUsage.rss() > ${bytes}) process.kill(process.pid, "SIGKILL");
  }, ${CHECK_EVERY_MS})`;
  new Worker(look, { eval: true }).unref();
}
