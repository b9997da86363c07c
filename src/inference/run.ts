/** ONNX session settings and single runs: one thread, one input at a time, no padding. */
import type { Device } from "../core/profile.js";
import { InferenceSession, Tensor } from "./onnxruntime.js";

/** @param unfused optimisations of onnxruntime that are left out */
export function openSession(weights: Uint8Array, device: Device, unfused = ""): Promise<InferenceSession> {
  return InferenceSession.create(weights, {
    executionProviders: [device],
    // One thread a process, not spinning: processes are the parallelism, and the machine is shared.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    extra: {
      session: { intra_op: { allow_spinning: "0" } },
      optimization: { disable_specified_optimizers: unfused },
    },
    logSeverityLevel: 3,
  });
}

/**
 * The values of one output. Batch of one, without padding: measured faster on a CPU than any padded batch, and memory
 * stays flat.
 * @param typeIds segment of each token, where the model takes them; absent: all 0
 */
export async function runOne(
  session: InferenceSession,
  output: string,
  ids: readonly number[],
  typeIds?: readonly number[],
): Promise<Float32Array> {
  const shape = [1, ids.length];
  const inputs: Record<string, Tensor> = {
    input_ids: new Tensor("int64", toInt64(ids), shape),
    attention_mask: new Tensor("int64", new BigInt64Array(ids.length).fill(1n), shape),
  };
  if (session.inputNames.includes("token_type_ids")) {
    const types = typeIds === undefined ? new BigInt64Array(ids.length) : toInt64(typeIds);
    inputs.token_type_ids = new Tensor("int64", types, shape);
  }
  const tensor = (await session.run(inputs, [output]))[output] as Tensor;
  const values = tensor.data as Float32Array;
  for (const used of [tensor, ...Object.values(inputs)]) used.dispose();
  return values;
}

/** A loop: `BigInt64Array.from` takes 20 times as long. */
function toInt64(values: readonly number[]): BigInt64Array {
  const result = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = BigInt(values[i] as number);
  return result;
}
