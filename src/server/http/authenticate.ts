/** Who sends a request, told by its credentials before anything else of it is read. */
import type { IncomingMessage } from "node:http";
import type { App } from "../../app/app.js";
import { Failures } from "../../auth/failures.js";
import { TokenList } from "../../auth/token-list.js";
import type { Principal } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import type { Refused } from "./refuse.js";

export type Authenticate = (request: IncomingMessage) => Principal | Refused;

const BEARER = /^bearer +([^ ]+) *$/i;
const REALM = 'Bearer realm="aura"';

/** Of RFC 6750: who shows nothing is told what to show, without an error. */
const NOTHING_SHOWN: Refused = {
  status: 401,
  reason: "This server asks for a token: Authorization: Bearer <token>.",
  headers: { "www-authenticate": REALM },
};
/** The same for a token that never was, has expired, or was revoked. */
const NOT_TAKEN: Refused = {
  status: 401,
  reason: "This token is not, or no longer, one of this server's.",
  headers: { "www-authenticate": `${REALM}, error="invalid_token"` },
};

/** Who reaches a loopback address or the socket is one and the same. */
const LOCAL: Principal = { id: "local" };

/** @throws AppError `config` for a file of tokens that cannot be used */
export function authenticatorOf({ boot, log }: Pick<App, "boot" | "log">): Authenticate {
  const { auth, tokensFile } = boot.http;
  if (auth === "none") return () => LOCAL;
  if (tokensFile === undefined)
    throw new AppError("config", "HTTP_AUTH=token needs HTTP_TOKENS_FILE.", {
      remedy: "Name a file, and make a token in it: aura-retrieval token create <name>.",
    });
  const tokens = new TokenList(tokensFile, ({ message }) => log.error(`the tokens before stay in force: ${message}`));
  if (tokens.size === 0) log.warn("HTTP_TOKENS_FILE has no token: nobody can call");
  return byToken(tokens);
}

function byToken(tokens: Pick<TokenList, "ownerOf">, failures = new Failures()): Authenticate {
  return ({ headersDistinct, socket }) => {
    const shown = headersDistinct.authorization ?? [];
    if (shown.length === 0) return NOTHING_SHOWN;
    const token = shown.length === 1 ? BEARER.exec(shown[0] as string)?.[1] : undefined;
    const owner = token === undefined ? undefined : tokens.ownerOf(token);
    if (owner !== undefined) return { id: owner };
    const waitMs = failures.add(socket.remoteAddress ?? "socket");
    return waitMs === 0 ? NOT_TAKEN : tooMany(waitMs);
  };
}

function tooMany(waitMs: number): Refused {
  return {
    status: 429,
    reason: "Too many tokens from this address were not this server's.",
    headers: { "retry-after": String(Math.ceil(waitMs / 1_000)) },
  };
}
