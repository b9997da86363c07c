/** Entry of an embedder's inference process: loads verified files, then tokenises and embeds. */
import { AppError } from "../core/errors.js";
import { once } from "../core/once.js";
import type { Embedding } from "../core/types.js";
import { dot } from "../core/vector.js";
import { type Job, serve } from "../process/serve.js";
import { plainText } from "../text/plain-text.js";
import { loadTokenizer, loadWeights, readPinned } from "./load-model.js";
import type { EmbedArgs, EmbedderLoad, Loaded, PinnedFile } from "./protocol.js";
import { runEach } from "./run-each.js";
import { EmbeddingSession } from "./session.js";
import { TermGroups } from "./terms.js";
import { TokenProjection } from "./token-projection.js";
import type { Tokenizer } from "./tokenizer.js";

/** int8 arithmetic differs between processors; below this a machine computes other vectors. */
const CANARY_MIN_COSINE = 0.97;

/** What makes token vectors. */
interface TokenParts {
  readonly groups: TermGroups;
  readonly projection: TokenProjection;
}

const load = JSON.parse(process.argv[2] as string) as EmbedderLoad;

const openTokenizer = once(() => loadTokenizer(load));

/** @throws AppError `model_missing`, `model_failed` */
const openTokenParts = once(async (): Promise<TokenParts> => {
  const { tokenProjection: file } = load;
  if (file === undefined) throw new AppError("bug", "This model has no projection for token vectors.", { remedy: "" });
  const [weights, tokens] = await Promise.all([readPinned(file), openTokenizer()]);
  return { groups: new TermGroups((id) => tokens.token(id)), projection: await TokenProjection.load(weights) };
});

/** @throws AppError `model_missing`, `model_failed` */
const openModel = once(async (): Promise<{ session: EmbeddingSession; loaded: Loaded }> => {
  const { device, dimension, pooling } = load;
  const [model, tokens] = await Promise.all([
    loadWeights(load, (weights) => EmbeddingSession.load(weights, device, dimension, pooling)),
    openTokenizer(),
  ]);
  const canaryCosine = load.canary && (await checkCanary(model, tokens, load.canary));
  return {
    session: model,
    loaded: { canaryCosine, checksumVerified: true as const },
  };
});

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

function inputsOf(tokens: Tokenizer, texts: readonly string[]) {
  return texts.map((text) => {
    const plain = plainText(text);
    const ids = tokens.encode(plain);
    return { ids, isRead: tokens.reads(plain, ids) };
  });
}

/** Of a text that the model does not read: as near to everything as to nothing. */
function noMeaning(): Float32Array {
  return new Float32Array(load.dimension);
}

serve({
  async load(): Promise<Loaded> {
    return (await openModel()).loaded;
  },
  async embed({ texts }: EmbedArgs, job: Job): Promise<Float32Array[]> {
    const [tokens, { session: model }] = [await openTokenizer(), await openModel()];
    return runEach(inputsOf(tokens, texts), job, async ({ ids, isRead }) => (isRead ? model.embed(ids) : noMeaning()));
  },
  async embedTokens({ texts }: EmbedArgs, job: Job): Promise<Required<Embedding>[]> {
    const [tokens, { session: model }] = [await openTokenizer(), await openModel()];
    const { groups, projection } = await openTokenParts();
    return runEach(inputsOf(tokens, texts), job, async ({ ids, isRead }) => {
      if (isRead) return model.embedTokens(ids, groups.wordsAndPieces(ids), projection);
      return { vector: noMeaning(), tokens: await projection.pack([], new Float32Array(), load.dimension) };
    });
  },
  async knows({ texts }: EmbedArgs): Promise<boolean[]> {
    const tokens = await openTokenizer();
    return texts.map((text) => tokens.knowsWords(plainText(text)));
  },
  async count({ texts }: EmbedArgs, job: Job): Promise<number[]> {
    const tokens = await openTokenizer();
    const counts: number[] = [];
    for (const [i, text] of texts.entries()) {
      if (i % 32 === 31) await job.breathe();
      counts.push(tokens.count(plainText(text)));
    }
    return counts;
  },
});
