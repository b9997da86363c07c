/** Entry of an inference process: loads what it is told to, verified, then tokenises and embeds. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AppError } from "../core/errors.js";
import { dot } from "../core/vector.js";
import { collectGarbage } from "../process/collect-garbage.js";
import { type Job, serve } from "../process/serve.js";
import type { EmbedArgs, LoadArgs, Loaded, PinnedFile } from "./protocol.js";
import { type Device, EmbeddingSession } from "./session.js";
import { Tokenizer } from "./tokenizer.js";

/** int8 arithmetic differs between processors; below this a machine computes something else. */
const CANARY_MIN_COSINE = 0.97;

let tokenizer: Promise<Tokenizer> | undefined;
let session: Promise<{ session: EmbeddingSession; loaded: Loaded }> | undefined;
const load = JSON.parse(process.argv[2] as string) as LoadArgs;

async function readPinned(file: PinnedFile): Promise<Buffer> {
  const content = await readFile(file.path).catch((cause: unknown) => {
    throw new AppError("model_missing", `Model file ${file.path} cannot be read.`, { remedy: file.remedy, cause });
  });
  const sum = createHash("sha256").update(content).digest("hex");
  if (sum !== file.sha256) {
    const message = `Model file ${file.path} has sha256 ${sum}, expected ${file.sha256}; it was not loaded.`;
    throw new AppError("model_failed", message, { remedy: file.remedy });
  }
  return content;
}

function loadTokenizer(): Promise<Tokenizer> {
  tokenizer ??= (async () => {
    const [main, config] = await Promise.all([readPinned(load.tokenizer), readPinned(load.tokenizerConfig)]);
    return new Tokenizer(JSON.parse(main.toString("utf8")), JSON.parse(config.toString("utf8")), load.maxTokens);
  })();
  return tokenizer;
}

function loadSession(): Promise<{ session: EmbeddingSession; loaded: Loaded }> {
  session ??= (async () => {
    const [weights, tokens] = await Promise.all([readPinned(load.weights), loadTokenizer()]);
    const { device, dimension, pooling } = load;
    const model = await EmbeddingSession.load(weights, device, dimension, pooling).catch((cause: unknown) => {
      throw new AppError("model_failed", `The model does not load on ${device}: ${reason(cause)}`, {
        remedy: loadRemedy(device),
        cause,
      });
    });
    const canaryCosine = load.canary && (await checkCanary(model, tokens, load.canary));
    return {
      session: model,
      loaded: { ...(canaryCosine === undefined ? {} : { canaryCosine }), checksumVerified: true as const },
    };
  })().finally(() => setImmediate(collectGarbage)); // the file's bytes, which the runtime has copied
  return session;
}

/** Cosine of the model's vector to the reference. @throws AppError `model_failed` when this machine computes another */
async function checkCanary(model: EmbeddingSession, tokens: Tokenizer, file: PinnedFile): Promise<number> {
  const reference = JSON.parse((await readPinned(file)).toString("utf8")) as { text: string; embedding: number[] };
  const vector = await model.embed(tokens.encode(reference.text));
  const cosine = dot(vector, Float32Array.from(reference.embedding));
  if (cosine >= CANARY_MIN_COSINE) return cosine;
  throw new AppError("model_failed", `The model computes wrong vectors on this machine (canary cosine ${cosine}).`, {
    remedy: "Use another machine or processor; report the processor's name.",
  });
}

function reason(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split("\n", 1)[0] as string;
}

function loadRemedy(device: Device): string {
  return device === "cuda"
    ? "Check the driver and the CUDA provider (docs/runbook.md#model_failed), or set EMBEDDING_DEVICE=cpu or DEVICE_FALLBACK=1."
    : "Free some memory and try again; `npm ci` restores a damaged installation.";
}

function runFailed(cause: unknown): never {
  throw new AppError("model_failed", `The model could not run: ${reason(cause)}`, {
    remedy: "Check the memory that is free (docs/runbook.md#model_failed), then call again.",
    cause,
  });
}

serve({
  async load(): Promise<Loaded> {
    return (await loadSession()).loaded;
  },
  async embed({ texts }: EmbedArgs, job: Job): Promise<Float32Array[]> {
    const [tokens, { session: model }] = [await loadTokenizer(), await loadSession()];
    const vectors: Float32Array[] = [];
    for (const text of texts) {
      if (vectors.length > 0) await job.breathe();
      vectors.push(await model.embed(tokens.encode(text)).catch(runFailed));
    }
    return vectors;
  },
  async count({ texts }: EmbedArgs, job: Job): Promise<number[]> {
    const tokens = await loadTokenizer();
    const counts: number[] = [];
    for (const [i, text] of texts.entries()) {
      if (i % 32 === 31) await job.breathe();
      counts.push(tokens.count(text));
    }
    return counts;
  },
});
