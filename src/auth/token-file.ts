/** The file of tokens: who has one, since when and until when, and its hash. */
import { renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { lock } from "proper-lockfile";
import { z } from "zod";
import { AppError } from "../core/errors.js";
import { makeFolderSync } from "../files/make-folder.js";
import { readPrivateFile } from "./private-file.js";
import { hashOf, newToken } from "./token.js";

const MAX_TOKENS = 10_000;
/** Some seconds in all: the others only write a small file. */
const LOCK_RETRIES = { retries: 50, minTimeout: 20, maxTimeout: 200 };
const PRIVATE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** As spans and limits have it. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$/;

const tokenRecord = z.strictObject({
  name: z.string().regex(NAME),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  created: z.iso.datetime(),
  expires: z.iso.datetime().optional(),
});
const tokenFile = z.strictObject({ tokens: z.array(tokenRecord).max(MAX_TOKENS) });

export type TokenRecord = z.output<typeof tokenRecord>;

/** @throws AppError `config` */
export function readTokens(path: string): readonly TokenRecord[] {
  const named = `HTTP_TOKENS_FILE=${path}`;
  const text = readPrivateFile(path, named).toString("utf8");
  try {
    return tokenFile.parse(JSON.parse(text)).tokens;
  } catch (error) {
    const why =
      error instanceof z.ZodError ? error.issues.map(describe).slice(0, 3).join("; ") : "it is not valid JSON";
    throw new AppError("config", `${named} is no file of tokens: ${why}.`, {
      remedy: "Make tokens with aura-retrieval token create.",
    });
  }
}

/** @param expires undefined: never @returns the token, which nobody can read again @throws AppError */
export async function addToken(path: string, name: string, expires: Date | undefined): Promise<string> {
  if (!NAME.test(name))
    throw new AppError("bad_request", "A token's name has 1 to 64 letters, digits, '_', '.', '@' or '-'.", {
      remedy: "Give it another name.",
    });
  const token = newToken();
  const sha256 = hashOf(token) as string;
  const record = { name, sha256, created: new Date().toISOString(), expires: expires?.toISOString() };
  await change(path, (tokens) => {
    if (!tokens.some((each) => each.name === name)) return [...tokens, record];
    throw new AppError("conflict", `There is a token "${name}" already.`, {
      remedy: "Revoke it first, or give this one another name.",
    });
  });
  return token;
}

/** @throws AppError `not_found` */
export async function revokeToken(path: string, name: string): Promise<void> {
  await change(path, (tokens) => {
    const kept = tokens.filter((each) => each.name !== name);
    if (kept.length < tokens.length) return kept;
    throw new AppError("not_found", `There is no token of this name.`, {
      remedy: "See aura-retrieval token list.",
    });
  });
}

/** One change at a time, and whole: a server that reads meanwhile reads the file before or after it. */
async function change(path: string, to: (tokens: readonly TokenRecord[]) => readonly TokenRecord[]): Promise<void> {
  makeFolderSync(dirname(path), PRIVATE_FOLDER);
  const release = await lock(path, { realpath: false, retries: LOCK_RETRIES });
  try {
    const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
    const tokens = to(isThere ? readTokens(path) : []);
    const next = `${path}.${process.pid}.tmp`;
    writeFileSync(next, `${JSON.stringify({ tokens }, undefined, 2)}\n`, { mode: PRIVATE });
    renameSync(next, path);
  } finally {
    await release();
  }
}

function describe({ path, message }: z.core.$ZodIssue): string {
  return `${path.join(".") || "it"}: ${message}`;
}
