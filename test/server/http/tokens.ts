/** Tokens for callers, as headers. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { addToken } from "#src/auth/token-file.js";

export const shown = (token: string) => ({ authorization: `Bearer ${token}` });

export async function tokensFor<N extends string>(...names: N[]) {
  const folder = mkdtempSync(join(tmpdir(), "aura-tokens-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tokensFile = join(folder, "tokens.json");
  const headers = {} as Record<N, { readonly authorization: string }>;
  for (const name of names) headers[name] = shown(await addToken(tokensFile, name, undefined));
  return { tokensFile, ...headers };
}
