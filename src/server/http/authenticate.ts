/** Who sends a request, told by its credentials before anything else of it is read. */
import type { IncomingMessage } from "node:http";
import type { App } from "../../app/app.js";
import { TokenList } from "../../auth/token-list.js";
import { AppError } from "../../core/errors.js";
import { isLoopback } from "../../http/host-guard.js";
import { byBearer, type Known } from "./bearer.js";
import type { HttpConfig } from "./guards.js";
import { type Metadata, metadataOf, SCOPES } from "./metadata.js";
import type { Refused } from "./refuse.js";

export interface Authentication {
  authenticate(request: IncomingMessage): Promise<Known | Refused>;
  /** Where a client learns which authorization server gives out tokens; absent where none does. */
  readonly metadata?: Metadata;
}

/** Who reaches a loopback address or the socket is one and the same. */
const LOCAL: Known = { principal: { id: "local" } };

/** @throws AppError `config` for what is missing, or a file of tokens that cannot be used */
export async function authenticationOf({ boot, log }: Pick<App, "boot" | "log">): Promise<Authentication> {
  const { http } = boot;
  if (http.auth === "none") {
    if (http.publicUrl !== undefined && !isLoopback(new URL(http.publicUrl).hostname))
      log.warn("HTTP_PUBLIC_URL without HTTP_AUTH: whoever gets through the proxy may call");
    return { authenticate: async () => LOCAL };
  }
  if (http.auth === "oauth") return byIssuer(http);
  if (http.tokensFile === undefined)
    throw new AppError("config", "HTTP_AUTH=token needs HTTP_TOKENS_FILE.", {
      remedy: "Name a file, and make a token in it: aura-retrieval token create <name>.",
    });
  const tokens = new TokenList(http.tokensFile, ({ message }) =>
    log.error(`the tokens before stay in force: ${message}`),
  );
  if (tokens.size === 0) log.warn("HTTP_TOKENS_FILE has no token: nobody can call");
  const ownerOf = async (token: string) => {
    const name = tokens.ownerOf(token);
    return name === undefined ? undefined : { principal: { id: name } };
  };
  // Without a way to an authorization server: clients would leave the token for it.
  return { authenticate: byBearer(ownerOf, 'realm="aura"') };
}

async function byIssuer({ publicUrl, oauth }: HttpConfig): Promise<Authentication> {
  const { issuer, jwksUrl } = oauth;
  if (publicUrl === undefined || issuer === undefined || jwksUrl === undefined)
    throw new AppError("config", "HTTP_AUTH=oauth needs HTTP_OAUTH_ISSUER, HTTP_OAUTH_JWKS_URL and HTTP_PUBLIC_URL.", {
      remedy: "Set all three: who gives out tokens, where its keys are, and what tokens are asked for.",
    });
  const { JwtVerifier } = await import("../../auth/jwt.js");
  const verifier = new JwtVerifier({ issuer, jwksUrl, resource: publicUrl });
  const ownerOf = async (token: string) => {
    const owner = await verifier.ownerOf(token);
    return (
      owner && { principal: { id: owner.subject }, scopes: new Set(SCOPES.filter((each) => owner.scopes.has(each))) }
    );
  };
  const metadata = metadataOf(publicUrl, issuer);
  // All of them at once: clients do not come back for more.
  const challenge = `realm="aura", resource_metadata="${metadata.url}", scope="${SCOPES.join(" ")}"`;
  return { authenticate: byBearer(ownerOf, challenge), metadata };
}
