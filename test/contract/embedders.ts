/** The embedders that are held against their contracts. */
import { vi } from "vitest";
import type { Embedder } from "#src/core/ports.js";
import { createOnnxEmbedder } from "#src/embed/onnx.js";
import { createPseudoEmbedder } from "#src/embed/pseudo.js";
import { harness, inferenceChildren, loadArgs } from "../embed/fixtures.js";
import { handleOfAbsent, settled } from "../models/handles.js";
import { testCall } from "../support/call.js";
import { cpuMsOf, here, stopped, type Worker } from "./ended-calls.js";

interface Fixture {
  readonly embedder: Embedder;
  readonly worker: Worker;
  readonly unread?: string;
  dispose(): Promise<void>;
}

/** By the bundled model. */
const UNREAD = "ключи 鍵 κλειδιά";
const WEIGHTS = loadArgs().weights.path;

/** Of the bundled model, in one process. */
export function processesOfBundled(): Worker {
  const pids = () => inferenceChildren(WEIGHTS);
  return { stall: () => stopped(pids()), workedMs: () => cpuMsOf(pids()) };
}

export async function pseudo() {
  const embedder = createPseudoEmbedder();
  return { embedder, worker: here, much: [20_000, 20] as const, dispose: () => embedder.close() };
}

export async function onnx(): Promise<Fixture> {
  const { embedder } = harness();
  await embedder.warmUp(testCall());
  return { embedder, worker: processesOfBundled(), unread: UNREAD, dispose: () => embedder.close() };
}

/** The bundled model, as if it were yet to be downloaded. */
export async function absent() {
  const { pool } = harness();
  const { handle, pulls } = handleOfAbsent(pool);
  const fingerprint = await harness().embedder.fingerprint(testCall());
  const embedder = createOnnxEmbedder({ handle, fingerprint, tokens: true });
  return { embedder, pulls };
}

/** The same after its download. */
export async function downloaded(): Promise<Fixture> {
  const { embedder, pulls } = await absent();
  await embedder.warmUp(testCall()).catch(() => undefined);
  pulls[0]?.succeed();
  await settled();
  await vi.waitFor(() => embedder.warmUp(testCall()));
  return { embedder, worker: processesOfBundled(), unread: UNREAD, dispose: () => embedder.close() };
}
