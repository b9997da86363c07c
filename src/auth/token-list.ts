/** The tokens that a server takes, as their file has them now. */
import { type AppError, toAppError } from "../core/errors.js";
import { FollowedFile } from "../files/followed-file.js";
import { hashOf } from "./token.js";
import { readTokens, type TokenRecord } from "./token-file.js";

const LOOK_EVERY_MS = 250;

export class TokenList {
  readonly #byHash: FollowedFile<ReadonlyMap<string, TokenRecord>>;

  /** @param onProblem hears why a changed file is not in force: the tokens before it are @throws AppError `config` */
  constructor(path: string, onProblem: (problem: AppError) => void) {
    this.#byHash = new FollowedFile(path, {
      lookEveryMs: LOOK_EVERY_MS,
      read: (file) => new Map(readTokens(file).map((token) => [token.sha256, token])),
      onProblem: (problem) => onProblem(toAppError(problem)),
    });
  }

  get size(): number {
    return this.#byHash.value.size;
  }

  /** The name of the token's owner. Tokens are looked up by their hash: no secret is compared with another. */
  ownerOf(token: string): string | undefined {
    const hash = hashOf(token);
    const record = hash === undefined ? undefined : this.#byHash.value.get(hash);
    if (record === undefined) return undefined;
    const isOver = record.expires !== undefined && Date.parse(record.expires) <= Date.now();
    return isOver ? undefined : record.name;
  }
}
