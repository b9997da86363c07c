/** Runs of a model in sequence. */
import { throwIfAborted } from "../core/errors.js";
import type { Job } from "../process/serve.js";
import { runFailed } from "./load-model.js";

/**
 * Between two runs it hears cancellation and lets urgent calls go first.
 * @param inputs all made beforehand: a run drives everything else out of the processor's caches (docs/performance.md)
 */
export async function runEach<Input, Output>(
  inputs: readonly Input[],
  job: Job,
  run: (input: Input) => Promise<Output>,
): Promise<Output[]> {
  const outputs: Output[] = [];
  throwIfAborted(job.signal); // a call and its cancellation may have arrived together
  for (const input of inputs) {
    if (outputs.length > 0) await job.breathe();
    outputs.push(await run(input).catch(runFailed));
  }
  return outputs;
}
