/**
 * The floor of inference: a process of the same kind as the server's, with onnxruntime and nothing around it.
 * Token ids in; `session.run` on one unpadded text at a time; no tokenizer, no pooling.
 */
import { InferenceSession, Tensor } from "../../src/inference/onnxruntime.js";
import { serve } from "../../src/process/serve.js";

const [weights, unfused] = process.argv.slice(2) as [string, string];
const session = InferenceSession.create(weights, {
  executionProviders: ["cpu"],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  extra: { session: { intra_op: { allow_spinning: "0" } }, optimization: { disable_specified_optimizers: unfused } },
});

serve({
  echo: (value: unknown) => value,
  /** Milliseconds that each text's `run` took. */
  async run({ texts }: { texts: readonly (readonly number[])[] }) {
    const times: number[] = [];
    for (const ids of texts) {
      const shape = [1, ids.length];
      const inputs = {
        input_ids: new Tensor("int64", BigInt64Array.from(ids, BigInt), shape),
        attention_mask: new Tensor("int64", new BigInt64Array(ids.length).fill(1n), shape),
        token_type_ids: new Tensor("int64", new BigInt64Array(ids.length), shape),
      };
      const start = performance.now();
      const output = await (await session).run(inputs);
      times.push(performance.now() - start);
      for (const tensor of [...Object.values(inputs), ...Object.values(output)]) tensor.dispose();
    }
    return times;
  },
});
