/** Answers to the requests of a batch, sent together as one array. */
import type { RequestId } from "@modelcontextprotocol/server";
import { errorAnswer } from "./refusal.js";

/** A line over 10 MiB ends a client's connection. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

const TOO_LONG = "The answers of this batch are too long together. Send this request alone.";

interface Batch {
  waiting: number;
  bytes: number;
  readonly answers: string[];
}

export class BatchAnswers {
  /** A list for each id: a careless client uses one twice. */
  readonly #open = new Map<RequestId, Batch[]>();
  readonly #write: (line: string) => Promise<void>;
  readonly #maxBytes: number;

  constructor(write: (line: string) => Promise<void>, maxBytes = MAX_ANSWER_BYTES) {
    this.#write = write;
    this.#maxBytes = maxBytes;
  }

  /**
   * @param ids of the requests whose answers are to come
   * @param answers to what was refused already
   */
  open(ids: readonly RequestId[], answers: readonly string[]): Promise<void> {
    const batch: Batch = { waiting: ids.length, bytes: 0, answers: [] };
    for (const answer of answers) this.#add(batch, answer);
    for (const id of ids) this.#open.set(id, [...(this.#open.get(id) ?? []), batch]);
    return this.#finish(batch);
  }

  /** @returns nothing where the answer belongs to no batch */
  take(id: RequestId, answer: string): Promise<void> | undefined {
    const batch = this.#leave(id);
    if (batch === undefined) return undefined;
    const fits = batch.bytes + Buffer.byteLength(answer) <= this.#maxBytes;
    this.#add(batch, fits ? answer : errorAnswer(TOO_LONG, id));
    return this.#finish(batch);
  }

  /** A cancelled request gets no answer, and the rest of its batch must not wait for one. */
  forget(id: RequestId): Promise<void> {
    const batch = this.#leave(id);
    return batch === undefined ? Promise.resolve() : this.#finish(batch);
  }

  #leave(id: RequestId): Batch | undefined {
    const [batch, ...others] = this.#open.get(id) ?? [];
    if (batch === undefined) return undefined;
    if (others.length === 0) this.#open.delete(id);
    else this.#open.set(id, others);
    batch.waiting--;
    return batch;
  }

  #add(batch: Batch, json: string): void {
    batch.answers.push(json);
    batch.bytes += Buffer.byteLength(json);
  }

  #finish({ waiting, answers }: Batch): Promise<void> {
    return waiting > 0 || answers.length === 0 ? Promise.resolve() : this.#write(`[${answers.join(",")}]`);
  }
}
