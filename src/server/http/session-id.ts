/**
 * Session ids of the earlier protocol era, signed and kept nowhere: any replica with the same key reads one, a restart ends
 * none. They authenticate nobody; they name the client, and tell apart whose calls a client may cancel.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

export interface Session {
  readonly id: string;
  readonly client: { readonly name: string; readonly version: string };
}

const MAX_NAME_CHARS = 60;
const MAX_VERSION_CHARS = 20;
/** Longer than any of ours. */
const MAX_CHARS = 2_048;

export class Sessions {
  readonly #key: Uint8Array;

  /** @param key the same for all replicas of a server */
  constructor(key: Uint8Array = randomBytes(32)) {
    this.#key = key;
  }

  /** @param principal who alone may use it */
  issue(principal: string, { name, version }: Session["client"]): string {
    const fields = [
      randomBytes(16).toString("base64url"),
      principal,
      name.slice(0, MAX_NAME_CHARS).toWellFormed(),
      version.slice(0, MAX_VERSION_CHARS).toWellFormed(),
    ];
    const payload = Buffer.from(JSON.stringify(fields)).toString("base64url");
    return `${payload}.${this.#sign(payload).toString("base64url")}`;
  }

  /** @returns nothing for an id of somebody else, of another key, or of nobody */
  read(header: string | undefined, principal: string): Session | undefined {
    if (header === undefined || header.length > MAX_CHARS) return undefined;
    const [payload = "", signature = ""] = header.split(".", 2);
    const given = Buffer.from(signature, "base64url");
    const right = this.#sign(payload);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    const fields = JSON.parse(Buffer.from(payload, "base64url").toString()) as [string, string, string, string];
    const [id, owner, name, version] = fields;
    return owner === principal ? { id, client: { name, version } } : undefined;
  }

  #sign(payload: string): Buffer {
    return createHmac("sha256", this.#key).update(payload).digest();
  }
}
