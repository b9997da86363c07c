/** Cross-encoders with random weights, as files and as parts: they rank nothing, but compute what they are asked for. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CrossEncoderLoad, PinnedFile } from "#src/inference/protocol.js";

export interface Reference {
  readonly name: string;
  readonly folder: string;
  readonly weights: string;
  readonly maxTokens: number;
}

export interface ReferenceItem {
  readonly query: string;
  readonly passage: string;
  readonly input_ids: readonly number[];
  readonly token_type_ids: readonly number[];
  /** Of the int8 file. */
  readonly logit: number;
}

export const ELECTRA: Reference = {
  name: "ELECTRA",
  folder: resolve("test/rerank/random-electra"),
  weights: "model_quantized.onnx",
  maxTokens: 64,
};

const shared = (model: string): Reference => ({
  name: model,
  folder: resolve(`../shared/models/random-ms-marco-${model}`),
  weights: "onnx/model_quantized.onnx",
  maxTokens: 512,
});

export const TINY_BERT = shared("TinyBERT-L-2-v2");
export const REFERENCES: readonly Reference[] = [ELECTRA, TINY_BERT, shared("MiniLM-L-6-v2")];

export function isHere({ folder, weights }: Reference): boolean {
  return existsSync(join(folder, weights));
}

export function json<T>({ folder }: Reference, file: string): T {
  return JSON.parse(readFileSync(join(folder, file), "utf8")) as T;
}

export function itemsOf(reference: Reference): readonly ReferenceItem[] {
  return json<{ items: ReferenceItem[] }>(reference, "reference.json").items;
}

export function loadArgs(reference: Reference): CrossEncoderLoad {
  const pin = (file: string): PinnedFile => {
    const path = join(reference.folder, file);
    const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
    return { path, sha256, remedy: `Restore ${file}.` };
  };
  return {
    kind: "cross-encoder",
    weights: pin(reference.weights),
    tokenizer: pin("tokenizer.json"),
    tokenizerConfig: pin("tokenizer_config.json"),
    device: "cpu",
    maxTokens: reference.maxTokens,
  };
}
