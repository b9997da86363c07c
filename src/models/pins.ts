/** Checksums of files that the catalogue does not know: recorded when first seen, from then on a change is refused. */

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "../core/errors.js";
import { makeFolderSync } from "../files/make-folder.js";

type Pins = Readonly<Record<string, string>>;

export class FirstUsePins {
  /** @param path a JSON file in the data folder; made on the first pin */
  constructor(readonly path: string) {}

  /** @throws AppError `config` */
  get(model: string, file: string): string | undefined {
    return this.#read()[key(model, file)];
  }

  /** @throws AppError `config` where the data folder cannot be written */
  set(model: string, file: string, sha256: string): void {
    const pins = { ...this.#read(), [key(model, file)]: sha256 };
    const fresh = `${this.path}.${process.pid}`;
    try {
      makeFolderSync(dirname(this.path), 0o700);
      writeFileSync(fresh, `${JSON.stringify(pins, null, 2)}\n`, { mode: 0o600 });
      renameSync(fresh, this.path);
    } catch (cause) {
      const remedy = "Name a folder that can be written in RETRIEVAL_DATA_DIR, then start again.";
      throw this.#unusable("written", remedy, cause);
    }
  }

  #read(): Pins {
    if (!existsSync(this.path)) return {};
    try {
      return JSON.parse(readFileSync(this.path, "utf8")) as Pins;
    } catch (cause) {
      throw this.#unusable("read", `Make ${this.path} readable, or remove it: checksums are recorded anew.`, cause);
    }
  }

  #unusable(verb: "read" | "written", remedy: string, cause: unknown): AppError {
    const { message } = cause as Error;
    return new AppError("config", `The models' checksums cannot be ${verb}: ${message}.`, { remedy, cause });
  }
}

function key(model: string, file: string): string {
  return `${model}/${file}`;
}
