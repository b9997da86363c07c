/**
 * The kinds of values that settings have, from text. They are functions: a schema for each of the many settings took a
 * tenth of the time from a start to the handshake.
 */

/** @throws Refused */
export type Kind<T> = (given: string) => T;

/** The message says what is allowed. */
export class Refused extends Error {}

export const text: Kind<string> = (given) => given;

export const flag: Kind<boolean> = (given) => {
  const word = given.toLowerCase();
  if (word === "1" || word === "true") return true;
  if (word === "0" || word === "false") return false;
  throw new Refused('expected one of "1"|"true"|"0"|"false"');
};

export const choice = <const W extends string>(...words: readonly W[]): Kind<W> => {
  return (given) => {
    const found = words.find((word) => word === given);
    if (found !== undefined) return found;
    throw new Refused(`expected one of ${words.map((word) => `"${word}"`).join("|")}`);
  };
};

export const whole = (min: number, max: number) => number(/^\d+$/, "a whole number", { min, max });
export const decimal = (min: number, max: number) => number(/^\d+(\.\d+)?$/, "a number", { min, max });

function number(form: RegExp, what: string, { min, max }: { readonly min: number; readonly max: number }) {
  return (given: string): number => {
    const value = form.test(given) ? Number(given) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new Refused(`${what} from ${min} to ${max}`);
  };
}

/** One of the words, or the other kind. */
export const wordOr = <const W extends string, T>(words: readonly W[], other: Kind<T>): Kind<W | T> => {
  return (given) => {
    const word = words.find((each) => each === given);
    if (word !== undefined) return word;
    try {
      return other(given);
    } catch (error) {
      throw error instanceof Refused ? new Refused(`${words.join(", ")} or ${error.message}`) : error;
    }
  };
};

export const name: Kind<string> = (given) => {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(given)) return given;
  throw new Refused("letters, digits, '_', '.', '-', at most 64");
};

/** Separated by commas. */
export const names: Kind<string[]> = (given) => {
  return listOf(given).map(name);
};

function listOf(given: string): string[] {
  const list = given.split(",").map((each) => each.trim());
  return list.filter(Boolean);
}

/** A JSON object of texts that a request can carry. */
export const headers: Kind<Readonly<Record<string, string>>> = (given) => {
  const wanted = 'a JSON object of names and texts, as {"x-tenant":"search"}';
  let parsed: unknown;
  try {
    parsed = JSON.parse(given);
  } catch {
    throw new Refused(wanted);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new Refused(wanted);
  for (const [key, value] of Object.entries(parsed)) {
    if (!/^[A-Za-z0-9-]{1,100}$/.test(key) || typeof value !== "string" || !/^[\x20-\x7e]{0,8000}$/.test(value)) {
      throw new Refused(wanted);
    }
  }
  return parsed as Record<string, string>;
};

export const urls: Kind<string> = (given) => {
  if (given.split(",").every((url) => isPlainAddress(url.trim()))) return given;
  throw new Refused("http or https addresses separated by commas, without user, password or query");
};

function isPlainAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, username, password, search, hash } = new URL(address);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === "";
}

/** A user and password in it are allowed: a mirror may want them. */
export const webAddress: Kind<string> = (given) => {
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given;
  throw new Refused("an http or https address, scheme included");
};

/** Where a server listens. */
export type ListenAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

const HOST_AND_PORT = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

/** Port 0: any that is free. */
export const listenAddress: Kind<ListenAddress> = (given) => {
  const path = given.startsWith("unix:") ? given.slice("unix:".length) : undefined;
  if (path?.startsWith("/")) return { kind: "unix", path };
  const [, ipv6, other, port] = HOST_AND_PORT.exec(given) ?? [];
  const host = ipv6 ?? other;
  if (host !== undefined && Number(port) <= 65_535) return { kind: "tcp", host, port: Number(port) };
  throw new Refused("an address and a port, like 127.0.0.1:8765 or [::1]:8765, or unix:/path/of/a/socket");
};

export const publicAddress: Kind<string> = (given) => {
  if (isPlainAddress(given)) return given;
  throw new Refused("an http or https address, without user, password or query");
};

/** Separated by commas, without ports: any port of an allowed host is. */
export const hosts: Kind<string[]> = (given) => {
  const list = listOf(given).map((each) => each.toLowerCase());
  if (list.every((each) => /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/.test(each))) return list;
  throw new Refused("names or addresses separated by commas, without scheme and port; IPv6 in brackets");
};

/** Separated by commas, each as browsers send it: scheme, host, and a port that is not the scheme's own. */
export const origins: Kind<string[]> = (given) => {
  const list = listOf(given);
  if (list.every((each) => isPlainAddress(each) && new URL(each).origin === each)) return list;
  throw new Refused("origins separated by commas, like https://tools.example.com or http://localhost:6274");
};
