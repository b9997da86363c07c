/** A secret in a file, which may be another one tomorrow: a mounted Secret is exchanged under a running process. */
import { readFileSync, statSync } from "node:fs";

/** Between two looks whether the file has changed. */
const LOOK_EVERY_MS = 1_000;
const MOST_BYTES = 16_384;

export class SecretFile {
  readonly #path: string;
  #secret: string;
  #version: string;
  #lookedAt = performance.now();

  /** @throws the system's error, and one for a file that holds no secret */
  constructor(path: string) {
    this.#path = path;
    this.#version = versionOf(path);
    this.#secret = read(path);
  }

  /** The newest that could be read: half of an exchange is none. */
  get secret(): string {
    if (performance.now() - this.#lookedAt >= LOOK_EVERY_MS) this.#look();
    return this.#secret;
  }

  #look(): void {
    this.#lookedAt = performance.now();
    try {
      const version = versionOf(this.#path);
      if (version === this.#version) return;
      this.#secret = read(this.#path);
      this.#version = version;
    } catch {
      return; // looked at again in a second
    }
  }
}

function versionOf(path: string): string {
  const { ino, size, mtimeMs } = statSync(path);
  return `${ino} ${size} ${mtimeMs}`;
}

function read(path: string): string {
  if (statSync(path).size > MOST_BYTES) throw new Error(`it is longer than ${MOST_BYTES} bytes`);
  const secret = readFileSync(path, "utf8").trim();
  if (secret === "") throw new Error("it is empty");
  return secret;
}
