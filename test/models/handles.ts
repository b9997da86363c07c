/** Handles of models for tests: files that are here, or a download that the test drives. */
import { abortReason } from "#src/core/errors.js";
import { ModelHandle, type ModelHandleOptions, type ModelRunner } from "#src/models/model-handle.js";

const MODEL = { id: "org/model", revision: "abc" };

/** Of a model whose files are here. */
export function handleOver<Runner extends ModelRunner>(
  runner: Runner,
  options: Partial<ModelHandleOptions<Runner>> = {},
): ModelHandle<Runner> {
  return new ModelHandle({
    model: MODEL,
    device: { device: "cpu" },
    missing: () => [],
    downloadRefusal: () => undefined,
    pull: async () => undefined,
    start: async () => runner,
    ...options,
  });
}

export interface DrivenPull {
  progress(done: number, total: number): void;
  /** The files are here. */
  succeed(): void;
  fail(error: Error): void;
  readonly signal: AbortSignal;
}

/** Of a model whose files are not here: the test says how its downloads go, and how time passes. */
export function handleOfAbsent<Runner extends ModelRunner>(
  runner: Runner,
  options: Partial<ModelHandleOptions<Runner>> = {},
) {
  const pulls: DrivenPull[] = [];
  let isHere = false;
  let time = 1_000;
  const handle = handleOver(runner, {
    missing: () => (isHere ? [] : [{ file: "model.onnx" }]),
    pull: ({ signal }, progress) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(abortReason(signal)));
        const succeed = () => {
          isHere = true;
          resolve();
        };
        pulls.push({ progress, succeed, fail: reject, signal });
      }),
    now: () => time,
    ...options,
  });
  const pass = (ms: number) => {
    time += ms;
  };
  const vanish = () => {
    isHere = false;
  };
  return { handle, pulls, pass, vanish };
}

/** Lets what is ready go on. */
export const settled = () => new Promise((done) => setImmediate(done));
