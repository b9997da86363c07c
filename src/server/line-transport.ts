/** The protocol's connection over two streams, one message a line; what is no message is refused with an error. */
import type { Readable, Writable } from "node:stream";
import type { JSONRPCMessage, MessageExtraInfo, RequestId, Transport } from "@modelcontextprotocol/server";
import { checkBatch } from "./batch.js";
import { BatchAnswers } from "./batch-answers.js";
import { type Line, Lines } from "./lines.js";
import { checkMessage, idIn } from "./message.js";
import { errorAnswer, type Reason, type Refusal } from "./refusal.js";

/** A line as JSON, or the reason why it is none. */
type Received = { readonly value: unknown } | Refusal;

export class LineTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  /** Hears of each answer that has left. */
  onanswered?: () => void;
  onmessage?: <T extends JSONRPCMessage>(message: T, extra?: MessageExtraInfo) => void;

  readonly #stdin: Readable;
  readonly #stdout: Writable;
  readonly #onRefused: (reason: Reason) => void;
  readonly #onEnded: (asked: boolean) => void;
  readonly #lines = new Lines();
  readonly #batches = new BatchAnswers((line) => this.#write(line));
  /** In the order of their lines. */
  readonly #received: Received[] = [];
  /** Handshakes without an answer yet: it says whether batches are served. */
  readonly #handshakes = new Set<RequestId>();
  #version: string | undefined;
  #hasHeard = false;
  #closed = false;

  /**
   * @param onRefused hears the reason of each refusal
   * @param onEnded hears once that nothing is served any more; asked: because stdin has ended
   */
  constructor(
    stdin: Readable,
    stdout: Writable,
    onRefused: (reason: Reason) => void,
    onEnded: (asked: boolean) => void,
  ) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#onRefused = onRefused;
    this.#onEnded = onEnded;
  }

  async start(): Promise<void> {
    this.#stdin.on("data", this.#onData);
    this.#stdin.on("error", this.#onError);
    this.#stdin.on("end", this.#onEnd);
    this.#stdin.on("close", this.#onEnd);
    this.#stdout.on("error", this.#onError);
    if (this.#stdin.readableEnded || this.#stdin.destroyed) setImmediate(this.#onEnd);
  }

  /** Whether anything came, a message or not. */
  get hasHeard(): boolean {
    return this.#hasHeard;
  }

  setProtocolVersion = (version: string): void => {
    this.#version = version;
  };

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#closed) throw new Error("The connection is closed.");
    const json = JSON.stringify(message);
    if ("method" in message || message.id === undefined) return this.#write(json);
    const isHandshake = this.#handshakes.delete(message.id);
    const sent = isHandshake ? undefined : this.#batches.take(message.id, json);
    const written = sent ?? this.#write(json);
    if (isHandshake) this.#serve();
    await written;
    this.onanswered?.();
  }

  async close(): Promise<void> {
    this.#end(false);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#hasHeard = true;
    for (const line of this.#lines.push(chunk)) {
      const received = parse(line);
      if (received !== undefined) this.#received.push(received);
    }
    this.#serve();
  };

  readonly #onError = (error: Error): void => {
    if (this.#closed) return;
    this.onerror?.(error);
    this.#end(false);
  };

  readonly #onEnd = (): void => this.#end(true);

  #end(asked: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#received.length = 0;
    this.#stdin.off("data", this.#onData);
    this.#stdin.off("end", this.#onEnd);
    this.#stdin.off("close", this.#onEnd);
    if (this.#stdin.listenerCount("data") === 0) this.#stdin.pause();
    // The listeners for errors stay: without one, a late error would end the process.
    this.onclose?.();
    this.#onEnded(asked);
  }

  #serve(): void {
    for (let next = this.#received[0]; next !== undefined; next = this.#received[0]) {
      const batch = "value" in next && Array.isArray(next.value) ? (next.value as unknown[]) : undefined;
      if (batch !== undefined && this.#handshakes.size > 0) return;
      this.#received.shift();
      if (batch !== undefined) this.#serveBatch(batch);
      else this.#serveOne("value" in next ? checkMessage(next.value) : next);
    }
  }

  #serveOne(checked: ReturnType<typeof checkMessage>): void {
    if ("message" in checked) {
      this.#deliver(checked.message);
      return;
    }
    this.#onRefused(checked.reason);
    if (checked.id !== undefined) this.#settle(this.#write(errorAnswer(checked.reason, checked.id)));
  }

  #serveBatch(values: readonly unknown[]): void {
    const batch = checkBatch(values, this.#version);
    if ("reason" in batch) {
      this.#serveOne(batch);
      return;
    }
    for (const { reason } of batch.refusals) this.#onRefused(reason);
    const ids = batch.messages.flatMap((message) => ("method" in message && "id" in message ? [message.id] : []));
    const errors = batch.refusals.flatMap(({ reason, id }) => (id === undefined ? [] : [errorAnswer(reason, id)]));
    this.#settle(this.#batches.open(ids, errors));
    for (const message of batch.messages) this.#deliver(message);
  }

  #deliver(message: JSONRPCMessage): void {
    if ("method" in message) {
      if (message.method === "initialize" && "id" in message) this.#handshakes.add(message.id);
      if (message.method === "notifications/cancelled") this.#forget(message.params?.requestId as RequestId);
    }
    this.onmessage?.(message);
  }

  /** A cancelled request gets no answer: nothing may wait for one. */
  #forget(id: RequestId): void {
    this.#handshakes.delete(id);
    this.#settle(this.#batches.forget(id));
  }

  #settle(written: Promise<void>): void {
    written.catch((error: Error) => this.onerror?.(error));
  }

  #write(line: string): Promise<void> {
    return new Promise((done, fail) => {
      this.#stdout.write(`${line}\n`, (error) => (error ? fail(error) : done()));
    });
  }
}

/** @returns nothing for a blank line */
function parse(line: Line): Received | undefined {
  if (!("text" in line)) return { reason: "The message is longer than 10 MiB.", id: idIn(line.start, line.end) };
  const { text } = line;
  if (text.trim() === "") return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { reason: "The line is not valid JSON.", id: idIn(text, text.slice(-1_024)) };
  }
}
