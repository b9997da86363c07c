/** One loaded cross-encoder (BERT or ELECTRA with a classification head of one label): a pair's tokens in, logit out. */
import type { Device } from "../core/profile.js";
import type { InferenceSession } from "./onnxruntime.js";
import { openSession, runOne } from "./run.js";
import type { Pair } from "./tokenizer.js";

const OUTPUT = "logits";

export class CrossEncoderSession {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** @throws when the model has another head */
  static async load(weights: Uint8Array, device: Device): Promise<CrossEncoderSession> {
    const session = await openSession(weights, device);
    if (session.outputNames.includes(OUTPUT)) return new CrossEncoderSession(session);
    throw new Error(`it gives ${session.outputNames.join(", ")}, not ${OUTPUT}: it is no cross-encoder`);
  }

  /** The logit, any real number: higher is more relevant. @throws when the head gives anything else */
  async score({ ids, typeIds }: Pair): Promise<number> {
    const logits = await runOne(this.#session, OUTPUT, ids, typeIds);
    const [logit] = logits;
    if (logits.length === 1 && Number.isFinite(logit)) return logit as number;
    throw new Error(`it gave ${logits.length === 1 ? logit : `${logits.length} logits`} for one pair`);
  }
}
