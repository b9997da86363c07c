/** The tokens that a server takes, as their file has them now. */
import { statSync } from "node:fs";
import { type AppError, toAppError } from "../core/errors.js";
import { hashOf } from "./token.js";
import { readTokens, type TokenRecord } from "./token-file.js";

const LOOK_EVERY_MS = 250;

export class TokenList {
  readonly #path: string;
  readonly #onProblem: (problem: AppError) => void;
  #byHash: ReadonlyMap<string, TokenRecord>;
  #state: string;
  #lookedAt = performance.now();

  /** @param onProblem hears why a changed file is not in force: the tokens before it are @throws AppError `config` */
  constructor(path: string, onProblem: (problem: AppError) => void) {
    this.#path = path;
    this.#onProblem = onProblem;
    this.#state = stateOf(path);
    this.#byHash = byHash(readTokens(path));
  }

  get size(): number {
    return this.#byHash.size;
  }

  /** The name of the token's owner. Tokens are looked up by their hash: no secret is compared with another. */
  ownerOf(token: string): string | undefined {
    this.#follow();
    const hash = hashOf(token);
    const record = hash === undefined ? undefined : this.#byHash.get(hash);
    if (record === undefined) return undefined;
    const isOver = record.expires !== undefined && Date.parse(record.expires) <= Date.now();
    return isOver ? undefined : record.name;
  }

  #follow(): void {
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    const state = stateOf(this.#path);
    if (state === this.#state) return;
    this.#state = state;
    try {
      this.#byHash = byHash(readTokens(this.#path));
    } catch (error) {
      this.#onProblem(toAppError(error));
    }
  }
}

function byHash(tokens: readonly TokenRecord[]): ReadonlyMap<string, TokenRecord> {
  return new Map(tokens.map((token) => [token.sha256, token]));
}

function stateOf(path: string): string {
  try {
    const { ino, size, mode, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [ino, size, mode, mtimeNs, ctimeNs].join(" ");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
