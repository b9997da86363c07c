/** A user's own ONNX model: a folder with a small manifest, `aura-model.json`, in the place of a catalogue id. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, isAbsolute, join, resolve } from "node:path";
import { z } from "zod";
import type { CatalogEmbedder } from "./catalog.js";

const MANIFEST = "aura-model.json";
/** Inside the folder: a manifest cannot point anywhere else. */
const inside = z
  .string()
  .refine((path) => !isAbsolute(path) && !path.split(/[\\/]/).includes(".."), "a path inside the model's folder");

/** Made when it is needed: most starts have no such model. */
const manifestSchema = () =>
  z.strictObject({
    name: z.string().min(1).max(200).optional(),
    dimension: z.number().int().min(1).max(8_192),
    /** Longest input in tokens, special tokens included. */
    maxTokens: z.number().int().min(8).max(32_768),
    pooling: z.enum(["mean", "cls"]).default("mean"),
    queryPrefix: z.string().max(1_000).default(""),
    passagePrefix: z.string().max(1_000).default(""),
    weights: inside.default("model.onnx"),
    /** Of the weights. */
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits")
      .optional(),
    tokenizer: inside.default("tokenizer.json"),
    tokenizerConfig: inside.default("tokenizer_config.json"),
    licence: z.string().default("unknown"),
  });

/** Whether EMBEDDING_MODEL names a folder and not a catalogue id. */
export function isModelFolder(name: string): boolean {
  return isAbsolute(name) || /^\.{1,2}([\\/]|$)/.test(name) || /^~[\\/]/.test(name);
}

/** The model, or what is wrong with it in one line. */
export function readOwnModel(name: string): CatalogEmbedder | string {
  const folder = resolve(name.replace(/^~(?=[\\/])/, homedir()));
  const path = join(folder, MANIFEST);
  if (!existsSync(path)) return `there is no ${MANIFEST} in ${folder}; the README's section "Models" shows one`;
  let parsed: z.ZodSafeParseResult<z.output<ReturnType<typeof manifestSchema>>>;
  try {
    parsed = manifestSchema().safeParse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return `${path} is not JSON`;
  }
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join(".") || "manifest"}: ${issue.message}`);
    return `${path}: ${issues.join("; ")}`;
  }
  const { weights, tokenizer, tokenizerConfig, sha256, name: own, ...rest } = parsed.data;
  const absent = [weights, tokenizer, tokenizerConfig].filter((file) => !existsSync(join(folder, file)));
  if (absent.length > 0) return `${absent.join(", ")} of ${path} is not in ${folder}`;
  if (sha256 === undefined) {
    // The checksum identifies the model in every collection: the user states it once, as this message shows it.
    const { createHash } = process.getBuiltinModule("node:crypto"); // loaded by no other start
    const found = createHash("sha256")
      .update(readFileSync(join(folder, weights)))
      .digest("hex");
    return `${path} lacks the checksum of ${weights}; add "sha256": "${found}"`;
  }
  const file = { file: weights, sha256 };
  return {
    ...rest,
    id: own ?? basename(folder),
    folder,
    weights: { cpu: file, cuda: file },
    tokenizer: { file: tokenizer },
    tokenizerConfig: { file: tokenizerConfig },
  };
}
