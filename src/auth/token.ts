/** Tokens: what a client shows to say who it is. A server keeps hashes of them only. */
import { createHash, randomBytes } from "node:crypto";

/** Programs that look for secrets in code find tokens by their beginning, and tell them from chance by their end. */
const FORM = /^aura_([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})$/;
const RANDOM_BYTES = 32;

export function newToken(): string {
  const random = randomBytes(RANDOM_BYTES).toString("base64url");
  return `aura_${random}${checksum(random)}`;
}

/** @returns nothing for what cannot be a token */
export function hashOf(token: string): string | undefined {
  const [, random, end] = FORM.exec(token) ?? [];
  if (random === undefined || checksum(random) !== end) return undefined;
  return createHash("sha256").update(token).digest("hex");
}

function checksum(random: string): string {
  return createHash("sha256").update(`aura_${random}`).digest("base64url").slice(0, 6);
}
