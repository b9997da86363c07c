/** Access tokens of an OAuth authorization server: who a signed token names, and what it allows. */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { KeysUnavailable } from "./keys-unavailable.js";

export interface JwtOptions {
  /** Exactly as tokens have it. */
  readonly issuer: string;
  /** The issuer's keys. */
  readonly jwksUrl: string;
  /** This server, as tokens are asked for it. */
  readonly resource: string;
}

export interface TokenOwner {
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
}

/** Asymmetric ones: with the others whoever checks a token can make one. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const TYPES = ["at+jwt", "application/at+jwt", "jwt"];
const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_SUBJECT_CHARS = 256;
/** An unknown key is looked for as often; longer, and valid tokens are refused that long after a rotation. */
const COOL_DOWN_MS = 5_000;
/** A withdrawn key is taken as long. */
const KEYS_FOR_MS = 600_000;
const KEYS_WITHIN_MS = 5_000;

export class JwtVerifier {
  readonly #options: JwtOptions;
  readonly #keys: JWTVerifyGetKey;

  constructor(options: JwtOptions) {
    this.#options = options;
    this.#keys = createRemoteJWKSet(new URL(options.jwksUrl), {
      cooldownDuration: COOL_DOWN_MS,
      cacheMaxAge: KEYS_FOR_MS,
      timeoutDuration: KEYS_WITHIN_MS,
    });
  }

  /** @returns nothing for a token that is none of this issuer's for this server @throws KeysUnavailable */
  async ownerOf(token: string): Promise<TokenOwner | undefined> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#keys, {
        issuer: this.#options.issuer,
        audience: this.#options.resource,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ["exp", "sub"],
      });
      const isAccessToken = TYPES.includes(protectedHeader.typ?.toLowerCase() ?? "");
      return isAccessToken ? ownerIn(payload) : undefined;
    } catch (error) {
      if (isAboutToken(error)) return undefined;
      throw new KeysUnavailable("The issuer's keys cannot be read.", { cause: error });
    }
  }
}

function ownerIn({ sub, scope, scp }: JWTPayload): TokenOwner | undefined {
  if (typeof sub !== "string" || sub === "" || sub.length > MAX_SUBJECT_CHARS) return undefined;
  const named = [scope, scp].flatMap((each) => (typeof each === "string" ? each.split(" ") : each));
  return { subject: sub, scopes: new Set(named.filter((each): each is string => typeof each === "string")) };
}

/** What else fails has to do with reading keys. */
function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  );
}
