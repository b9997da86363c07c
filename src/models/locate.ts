/** Places of a model's files: bundled with the package, in the data folder, or in the Hub's shared cache. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { mainRevision, snapshotFile } from "./hub-cache.js";

export interface ModelPlaces {
  readonly packageRoot: string;
  readonly dataFolder: string;
  /** `.../hub`, the folder with `models--org--name`. */
  readonly hubCache: string;
}

export interface ModelId {
  readonly id: string;
  /** Absent: the commit that the cache has as `main`. */
  readonly revision?: string | undefined;
  /** Folder of the bundled copy, relative to the package. */
  readonly bundled?: string | undefined;
  /** The only place of a user's own model. */
  readonly folder?: string | undefined;
}

/** The first path that is there, or undefined. Nothing is read: the checksum is verified where the file is loaded. */
export function locateModelFile(model: ModelId, file: string, places: ModelPlaces): string | undefined {
  if (model.folder !== undefined) return [join(model.folder, file)].find((path) => existsSync(path));
  const revision = model.revision ?? mainRevision(places.hubCache, model.id);
  const paths = [
    model.bundled === undefined ? undefined : join(places.packageRoot, model.bundled, file),
    join(places.dataFolder, "models", ...model.id.split("/"), file),
    revision === undefined ? undefined : snapshotFile(places.hubCache, model.id, revision, file),
  ];
  return paths.find((path) => path !== undefined && existsSync(path));
}
