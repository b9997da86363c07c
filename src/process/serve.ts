/** Child side: runs one call at a time, urgent ones first, and leaves when asked or when its parent is gone. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { cancelledError, throwIfAborted } from "../core/errors.js";
import { type ToChild, type ToParent, toWire } from "./messages.js";

export interface Job {
  readonly signal: AbortSignal;
  /** Tells a part of the answer before the rest. */
  part(value: unknown): void;
  /** Call between units of work: hears cancellation and lets urgent calls go first. @throws AppError `cancelled` */
  breathe(): Promise<void>;
  /** The same for work that no other call may come into, as within a transaction. @throws AppError `cancelled` */
  hear(): Promise<void>;
  /** Waits for work that another thread does, which may take minutes, and tells meanwhile that this process lives. */
  during<T>(work: Promise<T>): Promise<T>;
}

export type Handlers = Readonly<Record<string, (args: never, job: Job) => unknown>>;

/** Often enough for a parent that counts silent seconds. */
const ALIVE_EVERY_MS = 1_000;

interface Queued {
  readonly id: number;
  readonly method: string;
  readonly args: unknown;
  readonly urgent: boolean;
  readonly abort: AbortController;
}

export function serve(handlers: Handlers, onClose: () => void = () => undefined): void {
  const urgent: Queued[] = [];
  const normal: Queued[] = [];
  const live = new Map<number, Queued>();
  let draining = false;
  let closing = false;
  let saidAliveAt = 0;

  const reply = (message: ToParent) => {
    if (process.connected) process.send?.(message, () => undefined);
  };

  function sayAlive(): void {
    if (performance.now() - saidAliveAt < ALIVE_EVERY_MS) return;
    saidAliveAt = performance.now();
    reply({ kind: "alive" });
  }

  async function run(call: Queued): Promise<void> {
    const job: Job = {
      signal: call.abort.signal,
      part: (value) => reply({ kind: "part", id: call.id, value }),
      async breathe() {
        await nextTurn();
        sayAlive();
        // Urgent calls take turns in their order: none overtakes another.
        if (!call.urgent && urgent.length > 0) await drain(urgent);
        throwIfAborted(call.abort.signal);
      },
      async hear() {
        await nextTurn();
        sayAlive();
        throwIfAborted(call.abort.signal);
      },
      async during(work) {
        const telling = setInterval(sayAlive, ALIVE_EVERY_MS);
        return await work.finally(() => clearInterval(telling));
      },
    };
    try {
      throwIfAborted(call.abort.signal);
      const handler = handlers[call.method];
      if (handler === undefined) throw new Error(`no handler for "${call.method}"`);
      reply({ kind: "value", id: call.id, value: await handler(call.args as never, job) });
    } catch (error) {
      reply({ kind: "error", id: call.id, error: toWire(error) });
    } finally {
      live.delete(call.id);
    }
  }

  /** Urgent calls run inside a normal call's `breathe`; those that arrive meanwhile join the same round. */
  async function drain(queue: Queued[]): Promise<void> {
    for (let call = queue.shift(); call !== undefined; call = queue.shift()) {
      await run(call);
      await nextTurn();
    }
  }

  async function work(): Promise<void> {
    if (draining) return;
    draining = true;
    // What was sent right behind the call is read in the next turn at the latest: a call that is cancelled never begins.
    await nextTurn();
    await nextTurn();
    while (!closing && urgent.length + normal.length > 0) {
      const call = urgent.shift() ?? (normal.shift() as Queued);
      await run(call);
      await nextTurn();
    }
    draining = false;
    if (closing) leave();
  }

  function leave(): void {
    onClose();
    process.exit(0);
  }

  function close(): void {
    closing = true;
    for (const call of live.values()) call.abort.abort(cancelledError());
    urgent.length = 0;
    normal.length = 0;
    if (!draining) leave();
  }

  process.on("message", (message: ToChild) => {
    if (message.kind === "close") return close();
    if (message.kind === "cancel") return live.get(message.id)?.abort.abort(cancelledError());
    const { id, method, args } = message;
    const call: Queued = { id, method, args, urgent: message.urgent, abort: new AbortController() };
    live.set(call.id, call);
    (call.urgent ? urgent : normal).push(call);
    void work();
  });
  // A terminal's Ctrl-C reaches the whole process group; the parent decides when its children leave.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => undefined);
  process.on("disconnect", close);
}
