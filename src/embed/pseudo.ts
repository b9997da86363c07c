/**
 * Deterministic vectors without a model: each term adds ±1 to one of the dimensions (feature hashing, Weinberger et
 * al. 2009). Texts that share words are near each other; meaning plays no part, and every answer says so.
 */
import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Call } from "../core/call.js";
import { throwIfAborted } from "../core/errors.js";
import type { Embedder, EmbedderStatus } from "../core/ports.js";
import type { Fingerprint } from "../core/types.js";
import { normalize } from "../core/vector.js";
import { ANALYSER_VERSION, analyse } from "../text/analyser.js";

const DIMENSION = 384;
const MAX_TOKENS = 256;
/** Texts hashed before other work of the event loop gets its turn. */
const TEXTS_PER_TURN = 8;
const WORD = /\S+/g;

export function createPseudoEmbedder(): Embedder {
  const fingerprint: Fingerprint = {
    model: "pseudo",
    sha256: createHash("sha256").update(`feature-hashing-1 ${ANALYSER_VERSION}`).digest("hex"),
    dimension: DIMENSION,
    pooling: "hash",
    queryPrefix: "",
    passagePrefix: "",
    maxTokens: MAX_TOKENS,
    normalized: true,
  };
  const status: EmbedderStatus = { state: "ready", model: "pseudo", device: "cpu" };
  return {
    degraded: "pseudo_embeddings",
    maxTokens: MAX_TOKENS,
    async fingerprint({ signal }) {
      throwIfAborted(signal);
      return fingerprint;
    },
    embed: (call, texts) => inTurns(call, texts, hashedVector),
    countTokens: (call, texts) => inTurns(call, texts, (text) => text.match(WORD)?.length ?? 0),
    warmUp: async ({ signal }) => throwIfAborted(signal),
    status: () => status,
    close: async () => undefined,
  };
}

async function inTurns<T>({ signal }: Call, texts: readonly string[], each: (text: string) => T): Promise<T[]> {
  const results: T[] = [];
  throwIfAborted(signal);
  for (const text of texts) {
    results.push(each(text));
    if (results.length % TEXTS_PER_TURN > 0) continue;
    await nextTurn();
    throwIfAborted(signal);
  }
  return results;
}

function hashedVector(text: string): Float32Array {
  const vector = new Float32Array(DIMENSION);
  const terms = analyse(text);
  for (const term of terms.length > 0 ? terms : [text]) {
    const hash = createHash("sha256").update(term).digest();
    const at = hash.readUInt32LE(0) % DIMENSION;
    vector[at] = (vector[at] as number) + ((hash[4] as number) & 1 ? 1 : -1);
  }
  // Terms may cancel out; one more entry keeps the length above zero.
  if (vector.every((value) => value === 0)) vector[0] = 1;
  return normalize(vector);
}
