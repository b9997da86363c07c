/** The handle of a catalogue model: its device chosen, its files found or to be downloaded. */
import type { Call } from "../core/call.js";
import type { LoadArgs, ModelLoad } from "../inference/protocol.js";
import type { CatalogModel } from "./catalog.js";
import { chooseDevice, type DeviceWish } from "./device.js";
import type { ModelFiles } from "./model-files.js";
import { ModelHandle, type ModelHandleOptions, type ModelRunner } from "./model-handle.js";

export interface CatalogHandleOptions<Runner extends ModelRunner>
  extends Pick<ModelHandleOptions<Runner>, "reloadPauseMs"> {
  readonly kind: LoadArgs["kind"];
  readonly files: ModelFiles;
  readonly wish: DeviceWish;
  /** Makes what runs the model, from its files. */
  readonly start: (load: ModelLoad, call: Call) => Runner | Promise<Runner>;
}

export function handleOf<Runner extends ModelRunner>(
  model: CatalogModel,
  { kind, files, wish, start, reloadPauseMs }: CatalogHandleOptions<Runner>,
): ModelHandle<Runner> {
  const obtainable = () => !files.offline || files.missing(model, wish.device).length === 0;
  const choice = chooseDevice(wish, kind, obtainable);
  const { device } = choice;
  return new ModelHandle({
    model,
    device: choice,
    missing: () => files.missing(model, device),
    downloadRefusal: (absent) => files.downloadRefusal(model, absent),
    pull: (call, onProgress) => files.pull(call, model, device, { onProgress }),
    start: async (call) => start(await files.load(call, model, device), call),
    reloadPauseMs,
  });
}
