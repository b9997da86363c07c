/** Finds a catalogue model's files: bundled with the package, in the data folder, or in the Hub's shared cache. */
import { existsSync } from "node:fs";
import { join } from "node:path";

export interface ModelPlaces {
  readonly packageRoot: string;
  readonly dataFolder: string;
  /** `.../hub`, the folder with `models--org--name`. */
  readonly hubCache: string;
}

export interface ModelId {
  readonly id: string;
  readonly revision: string;
  /** Folder of the bundled copy, relative to the package. */
  readonly bundled?: string | undefined;
}

/** The first folder that has the file, or undefined. Nothing is read: the checksum is verified where it is loaded. */
export function locateModelFile(model: ModelId, file: string, places: ModelPlaces): string | undefined {
  const folders = [
    ...(model.bundled === undefined ? [] : [join(places.packageRoot, model.bundled)]),
    join(places.dataFolder, "models", ...model.id.split("/")),
    join(places.hubCache, `models--${model.id.replaceAll("/", "--")}`, "snapshots", model.revision),
  ];
  return folders.map((folder) => join(folder, file)).find((path) => existsSync(path));
}
