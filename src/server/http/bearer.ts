/** Bearer tokens in requests (RFC 6750): the challenge, and what is answered to who shows a wrong one. */
import type { IncomingMessage } from "node:http";
import { Failures } from "../../auth/failures.js";
import { KeysUnavailable } from "../../auth/keys-unavailable.js";
import type { Arrival } from "../caller.js";
import type { Refused } from "./refuse.js";

/** Who it is, and what it may. */
export type Known = Pick<Arrival, "principal" | "scopes">;

const BEARER = /^bearer +([^ ]+) *$/i;
const TRY_AGAIN_SECONDS = "5";

/**
 * @param ownerOf nothing for a token that is none
 * @param challenge the parameters of `WWW-Authenticate`
 */
export function byBearer(ownerOf: (token: string) => Promise<Known | undefined>, challenge: string) {
  const failures = new Failures();
  // Who shows nothing is told what to show, without an error.
  const nothingShown: Refused = {
    status: 401,
    reason: "This server asks for a token: Authorization: Bearer <token>.",
    headers: { "www-authenticate": `Bearer ${challenge}` },
  };
  // The same whether it never was, has expired, or was revoked.
  const notTaken: Refused = {
    status: 401,
    reason: "This token is not, or no longer, one of this server's.",
    headers: { "www-authenticate": `Bearer ${challenge}, error="invalid_token"` },
  };
  return async ({ headersDistinct, socket }: IncomingMessage): Promise<Known | Refused> => {
    const shown = headersDistinct.authorization ?? [];
    if (shown.length === 0) return nothingShown;
    const token = shown.length === 1 ? BEARER.exec(shown[0] as string)?.[1] : undefined;
    try {
      const owner = token === undefined ? undefined : await ownerOf(token);
      if (owner !== undefined) return owner;
    } catch (error) {
      if (error instanceof KeysUnavailable) return UNKNOWN;
      throw error;
    }
    const waitMs = failures.add(socket.remoteAddress ?? "socket");
    return waitMs === 0 ? notTaken : tooMany(waitMs);
  };
}

/** Not 401: a client would ask its user to log in, at a server that is down. */
const UNKNOWN: Refused = {
  status: 503,
  reason: "The authorization server's keys cannot be read now. Send the request again.",
  headers: { "retry-after": TRY_AGAIN_SECONDS },
};

function tooMany(waitMs: number): Refused {
  return {
    status: 429,
    reason: "Too many tokens from this address were not this server's.",
    headers: { "retry-after": String(Math.ceil(waitMs / 1_000)) },
  };
}
