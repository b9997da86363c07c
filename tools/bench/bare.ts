/** The floors that need a process of their own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SLOW_ON_CPU } from "../../src/inference/session.js";
import { Tokenizer } from "../../src/inference/tokenizer.js";
import { Child } from "../../src/process/child.js";
import { ROOT } from "./corpus.js";
import { timed } from "./measure.js";

const MODEL = join(ROOT, "models/all-MiniLM-L6-v2");
const MAX_TOKENS = 256;

function parse(file: string): object {
  return JSON.parse(readFileSync(join(MODEL, file), "utf8")) as object;
}

const tokenizer = new Tokenizer(parse("tokenizer.json"), parse("tokenizer_config.json"), MAX_TOKENS);

export class BareInference {
  readonly #children: readonly Child[];

  /** @param unfused optimisations that are left out; none: onnxruntime as it comes */
  constructor(processes = 1, { weights = join(MODEL, "onnx/model_quantized.onnx"), unfused = "" } = {}) {
    const entry = new URL("./bare-inference.js", import.meta.url);
    this.#children = Array.from({ length: processes }, () => new Child(entry, [weights, unfused]));
  }

  /** Milliseconds of one `session.run`. */
  async run(text: string): Promise<number> {
    const [child] = this.#children as [Child];
    const [time] = await child.call<number[]>("run", { texts: [tokenizer.encode(text)] });
    return time as number;
  }

  /** Texts a second of all processes together, each busy with its share; tokenising is not counted. */
  async throughput(texts: readonly string[]): Promise<number> {
    const ids = texts.map((text) => tokenizer.encode(text));
    return texts.length / ((await this.runAll(ids)) / 1000);
  }

  /** Milliseconds until all processes are through, each with its share of inputs. */
  runAll(ids: readonly (readonly number[])[]): Promise<number> {
    const shares = this.#children.map((_, i) => ids.filter((_, j) => j % this.#children.length === i));
    return timed(() => Promise.all(this.#children.map((child, i) => child.call("run", { texts: shares[i] }))));
  }

  /** Milliseconds of one round trip that carries a query one way and a vector the other. */
  roundTrip(vector: Float32Array): Promise<number> {
    const [child] = this.#children as [Child];
    return timed(() => child.call("echo", vector, { urgent: true }));
  }

  async close(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.close()));
  }
}

/** The floors are onnxruntime as it comes; the server's session leaves out what is slow, and so does this. */
export function bareWithSameSession(processes: number): BareInference {
  return new BareInference(processes, { unfused: SLOW_ON_CPU });
}

export function againstSameSession(subject: number, floor: number): string {
  return `${(subject / floor).toFixed(2)} of a floor with the server's own session`;
}
