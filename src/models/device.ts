/** Device of a model, with the CPU in the place of a GPU that is not available. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AppError } from "../core/errors.js";
import type { Device } from "../core/profile.js";
import { DEVICE_SETTINGS, type LoadArgs } from "../inference/protocol.js";

export interface DeviceWish {
  readonly device: Device;
  /** Whether the CPU will do where CUDA cannot be had. */
  readonly fallback: boolean;
}

export interface DeviceChoice {
  readonly device: Device;
  /** Carried by every answer of a model that runs elsewhere than was asked for. */
  readonly degraded?: "device_fallback" | undefined;
  /** Why it cannot run at all. */
  readonly error?: AppError | undefined;
}

/** @param obtainable whether the model's files for CUDA are here or can be downloaded */
export function chooseDevice(wish: DeviceWish, kind: LoadArgs["kind"], obtainable: () => boolean): DeviceChoice {
  const { device, fallback } = wish;
  if (device === "cpu") return { device };
  const hasProvider = cudaProviderIsHere();
  if (fallback && !(hasProvider && obtainable())) return { device: "cpu", degraded: "device_fallback" };
  return hasProvider ? { device } : { device, error: noProvider(DEVICE_SETTINGS[kind]) };
}

/** The npm package has no CUDA provider inside; its own install script fetches it where scripts are allowed. */
function cudaProviderIsHere(): boolean {
  const folder = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  const library = "libonnxruntime_providers_cuda.so";
  return existsSync(join(folder, "bin", "napi-v6", process.platform, process.arch, library));
}

function noProvider(setting: string): AppError {
  return new AppError("config", `${setting}=cuda, but onnxruntime's CUDA provider is not installed.`, {
    remedy: `Run \`node node_modules/onnxruntime-node/script/install.js\`, or set ${setting}=cpu, or DEVICE_FALLBACK=1.`,
  });
}
