/**
 * Parent side of a child process that answers calls. Native code (inference, SQLite) blocks its thread and may
 * abort its process when it is ended meanwhile, so it runs in a child that is only ever *asked* to stop.
 */
import { fork, type ChildProcess as NodeChild } from "node:child_process";
import { raceAbort, throwIfAborted } from "../core/errors.js";
import { sanitize } from "../core/sanitize.js";
import { fromWire, type ToChild, type ToParent } from "./messages.js";

/** How long a child may take to finish what it is doing before it is killed. */
const CLOSE_GRACE_MS = 1_500;

/** The watchdog counts its own ticks: a machine that slept, or is too busy for this process, accuses nobody. */
const TICK_MS = 1_000;

/** Ended with this process at the latest: one that is stopped would not hear that its parent has left. */
const running = new Set<NodeChild>();
const endRunning = () => {
  for (const child of running) child.kill("SIGKILL");
};

/** The child ended while calls were waiting for it; adapters translate this at their edge. */
export class ChildExited extends Error {
  override readonly name = "ChildExited";

  /** @param hung it said nothing for too long and was killed for it */
  constructor(
    message: string,
    readonly hung = false,
  ) {
    super(message);
  }
}

interface Pending {
  readonly onPart: ((value: unknown) => void) | undefined;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Overtakes calls that are not urgent, a running one at its next `breathe()`. */
  readonly urgent?: boolean;
  /** Each part of the answer that the child tells before the rest. */
  readonly onPart?: (value: unknown) => void;
}

export interface ChildOptions {
  readonly onExit?: (child: Child) => void;
  /** A child that says nothing for so long while calls wait for it is killed. Absent: it may take as long as it likes. */
  readonly hangAfterMs?: number | undefined;
}

export class Child {
  readonly #process: NodeChild;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #exited = false;
  readonly #exit: Promise<void>;
  /** A message could not be sent: the child is gone, though its end is not known yet. */
  #unreachable = false;
  #watchdog: NodeJS.Timeout | undefined;
  #silentTicks = 0;
  readonly #hangAfterMs: number | undefined;

  /** @param entry module that calls `serve()`; @param args passed as `process.argv.slice(2)` */
  constructor(entry: URL, args: readonly string[], { onExit, hangAfterMs }: ChildOptions = {}) {
    this.#hangAfterMs = hangAfterMs;
    this.#process = fork(entry, args, {
      serialization: "advanced",
      // Short-lived objects are few here; V8's default would let them take 48 MB in each process.
      execArgv: ["--max-semi-space-size=2"],
      // Not our stderr itself: a child would wait for its reader.
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    if (running.size === 0) process.on("exit", endRunning);
    running.add(this.#process);
    // stdout belongs to the protocol.
    for (const printed of [this.#process.stdout, this.#process.stderr])
      printed?.setEncoding("utf8").on("data", (text: string) => process.stderr.write(sanitize(text)));
    this.#process.on("message", (message) => this.#settle(message as ToParent));
    let exit: () => void;
    this.#exit = new Promise((resolve) => {
      exit = resolve;
    });
    const ended = (why: string, hung = false) => {
      if (this.#exited) return;
      this.#exited = true;
      exit();
      running.delete(this.#process);
      if (running.size === 0) process.off("exit", endRunning);
      clearInterval(this.#watchdog);
      this.#watchdog = undefined;
      for (const pending of this.#pending.values())
        pending.reject(new ChildExited(`child process ended (${why})`, hung));
      this.#pending.clear();
      onExit?.(this);
    };
    this.#process.on("exit", (code, signal) => {
      const hung = this.#isSilent();
      ended((hung ? `no sign of life for ${hangAfterMs} ms, then ` : "") + (signal ?? `exit code ${code}`), hung);
    });
    // A process that could not even be started never exits; a failed send of a living one tells its caller itself.
    this.#process.on("error", (error) => {
      if (this.#process.pid === undefined) ended(error.message);
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get alive(): boolean {
    return !this.#exited && !this.#unreachable && this.#process.connected;
  }

  /** Calls waiting for an answer. */
  get busy(): number {
    return this.#pending.size;
  }

  /** How long it has said nothing while calls wait for it; 0 without a watchdog. */
  get silentMs(): number {
    return this.#watchdog === undefined ? 0 : this.#silentTicks * TICK_MS;
  }

  /** @throws AppError from the child or the signal's; ChildExited when the child ends first. */
  async call<T>(method: string, args: unknown, options: CallOptions = {}): Promise<T> {
    const { signal, urgent = false, onPart } = options;
    throwIfAborted(signal);
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { onPart, resolve, reject });
      this.#send({ kind: "call", id, method, args, urgent });
      this.#watch();
    });
    const cancel = () => this.#send({ kind: "cancel", id });
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return (await raceAbort(answer, signal)) as T;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** Ends the child at once, whatever it is doing. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Asks the child to finish what it is doing and leave; kills it when it does not. */
  async close(): Promise<void> {
    if (this.#exited) return;
    const killer = setTimeout(() => this.#process.kill("SIGKILL"), CLOSE_GRACE_MS);
    this.#send({ kind: "close" });
    await this.#exit;
    clearTimeout(killer);
  }

  #send(message: ToChild): void {
    if (!this.alive) {
      if (message.kind === "call") this.#reject(message.id, new ChildExited("child process is not running"));
      return;
    }
    this.#process.send(message, (error) => {
      if (error === null) return;
      this.#unreachable = true;
      if (message.kind === "call") this.#reject(message.id, new ChildExited(error.message));
    });
  }

  #watch(): void {
    if (this.#hangAfterMs === undefined || this.#watchdog !== undefined) return;
    this.#silentTicks = 0;
    this.#watchdog = setInterval(() => {
      this.#silentTicks++;
      if (this.#isSilent()) this.#process.kill("SIGKILL");
    }, TICK_MS);
    this.#watchdog.unref();
  }

  #isSilent(): boolean {
    return this.#hangAfterMs !== undefined && this.#silentTicks * TICK_MS >= this.#hangAfterMs;
  }

  #settle(message: ToParent): void {
    this.#silentTicks = 0;
    if (message.kind === "alive") return;
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    if (message.kind === "part") {
      pending.onPart?.(message.value);
      return;
    }
    this.#pending.delete(message.id);
    if (this.#pending.size === 0) {
      clearInterval(this.#watchdog);
      this.#watchdog = undefined;
    }
    if (message.kind === "value") pending.resolve(message.value);
    else pending.reject(fromWire(message.error));
  }

  #reject(id: number, error: Error): void {
    this.#pending.get(id)?.reject(error);
    this.#pending.delete(id);
  }
}
