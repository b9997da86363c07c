/** Which hosts and origins may call: a web page, or a name that somebody pointed here, may not. */
import type { App } from "../../app/app.js";
import { AppError } from "../../core/errors.js";
import { bracketed, hostsGuard, isLoopback, LOOPBACK_NAMES } from "../../http/host-guard.js";
import type { Refused } from "./refuse.js";

export type HttpConfig = App["boot"]["http"];

/** Undefined: it may. */
type Guard = (header: string | undefined) => Refused | undefined;

const WRONG_HOST =
  "The Host of this request is not one of this server's. Its operator allows names with HTTP_ALLOWED_HOSTS.";
const WRONG_ORIGIN =
  "Web pages of this origin may not call this server. Its operator allows origins with HTTP_ALLOWED_ORIGINS.";

/** Loopback names are this server's whatever it is bound to. */
export function hostHeaderGuard({ listen, publicUrl, allowedHosts }: HttpConfig): Guard {
  const bound = listen.kind === "tcp" ? bracketed(listen.host.toLowerCase()) : "localhost";
  const names = [...LOOPBACK_NAMES, ...(isLoopback(bound) ? [bound] : []), ...allowedHosts];
  if (publicUrl !== undefined) names.push(new URL(publicUrl).hostname);
  const isOurs = hostsGuard(names);
  return (header) => (isOurs(header) ? undefined : { status: 403, reason: WRONG_HOST });
}

/** Whole origins are compared: another port of this machine is another program. @param port undefined: none */
export function originGuard({ tls, publicUrl, allowedOrigins }: HttpConfig, port: number | undefined): Guard {
  const allowed = new Set(allowedOrigins);
  if (publicUrl !== undefined) allowed.add(new URL(publicUrl).origin);
  const scheme = tls === undefined ? "http" : "https";
  if (port !== undefined) for (const name of LOOPBACK_NAMES) allowed.add(new URL(`${scheme}://${name}:${port}`).origin);
  return (header) => (header === undefined || allowed.has(header) ? undefined : { status: 403, reason: WRONG_ORIGIN });
}

/** @throws AppError `config` for a server that strangers could call, or nobody by its name */
export function refuseOpenDoor({ listen, auth, publicUrl, allowedHosts }: HttpConfig): void {
  if (listen.kind === "unix" || isLoopback(bracketed(listen.host.toLowerCase()))) return;
  const what = `HTTP_LISTEN=${bracketed(listen.host)} can be reached from other machines`;
  if (auth === "none")
    throw new AppError("config", `${what}, without authentication.`, {
      remedy: "Set HTTP_AUTH=token, or listen on 127.0.0.1 or on unix:/path/of/a/socket.",
    });
  if (publicUrl === undefined && allowedHosts.length === 0)
    throw new AppError("config", `${what}, but by no name that is known here.`, {
      remedy: "Set HTTP_PUBLIC_URL to the address that clients use, or HTTP_ALLOWED_HOSTS to its names.",
    });
}
