/** Checksums of files that the catalogue does not know: recorded when first seen, from then on a change is refused. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

type Pins = Readonly<Record<string, string>>;

export class FirstUsePins {
  /** @param path a JSON file in the data folder; made on the first pin */
  constructor(readonly path: string) {}

  get(model: string, file: string): string | undefined {
    return this.#read()[key(model, file)];
  }

  set(model: string, file: string, sha256: string): void {
    const pins = { ...this.#read(), [key(model, file)]: sha256 };
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const fresh = `${this.path}.${process.pid}`;
    writeFileSync(fresh, `${JSON.stringify(pins, null, 2)}\n`, { mode: 0o600 });
    renameSync(fresh, this.path);
  }

  #read(): Pins {
    return existsSync(this.path) ? (JSON.parse(readFileSync(this.path, "utf8")) as Pins) : {};
  }
}

function key(model: string, file: string): string {
  return `${model}/${file}`;
}
